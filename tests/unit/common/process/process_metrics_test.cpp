#include "common/process/run.hpp"
#include "tests/catch.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <string>

using namespace pifleet;

namespace {

std::string page_text() {
    metrics::Page page;
    process::add_process_metrics(page);
    std::string text;
    page.write(metrics::Format::text_0_0_4, text);
    return text;
}

double value_of(const std::string& page, const std::string& name) {
    const auto at = page.find("\n" + name + " ");
    REQUIRE(at != page.npos);
    return std::strtod(page.c_str() + at + name.size() + 2, nullptr);
}

}  // namespace

TEST_CASE("the process tells of itself as client libraries do") {
    // The name stands in the middle of /proc/self/stat.
    ::prctl(PR_SET_NAME, "odd) 1 (name");
    const std::string page = page_text();
    CHECK(value_of(page, "process_cpu_seconds_total") < 3600);
    CHECK(value_of(page, "process_resident_memory_bytes") > 1e6);
    CHECK(value_of(page, "process_virtual_memory_bytes") >= value_of(page, "process_resident_memory_bytes"));
    const double now = static_cast<double>(std::time(nullptr));
    CHECK(value_of(page, "process_start_time_seconds") > now - 3600);
    CHECK(value_of(page, "process_start_time_seconds") < now + 2);
    CHECK(value_of(page, "process_network_receive_bytes_total") >= 0);
    CHECK(value_of(page, "process_network_transmit_bytes_total") >= 0);
}

TEST_CASE("counters and gauges are typed") {
    const std::string page = page_text();
    CHECK(page.find("# TYPE process_cpu_seconds_total counter\n") != page.npos);
    CHECK(page.find("# TYPE process_network_receive_bytes_total counter\n") != page.npos);
    CHECK(page.find("# TYPE process_open_fds gauge\n") != page.npos);
    CHECK(page.find("# TYPE process_start_time_seconds gauge\n") != page.npos);
}

TEST_CASE("open files are counted exactly and limits follow the process") {
    const double before = value_of(page_text(), "process_open_fds");
    const int file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    CHECK(value_of(page_text(), "process_open_fds") == before + 1);
    ::close(file);
    rlimit limit{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &limit) == 0);
    CHECK(value_of(page_text(), "process_max_fds") == static_cast<double>(limit.rlim_cur));
}
