#include "forwarder/discovery/dns_records.hpp"

#include "tests/catch.hpp"

#include <string>

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

using Type = DnsDiscovery::Type;
using namespace std::string_literals;

std::string number(unsigned value) {
    return {static_cast<char>(value >> 8), static_cast<char>(value & 255)};
}

// A record whose name points to the question's.
std::string record(unsigned type, const std::string& data) {
    return "\xc0\x0c"s + number(type) + number(1) + "\0\0\0\x1e"s +
           number(static_cast<unsigned>(data.size())) + data;
}

std::string answer(const std::vector<std::string>& records) {
    std::string out = "\x12\x34\x81\x80"s + number(1) + number(static_cast<unsigned>(records.size())) +
                      number(0) + number(0) + "\4name\4test\0"s + number(1) + number(1);
    for (const auto& each : records) out += each;
    return out;
}

Result<std::vector<DnsRecord>> read(const std::string& bytes, Type type) {
    return read_dns_records({reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()}, type);
}

}  // namespace

TEST_CASE("records of the type that was asked for are read, sorted") {
    const auto alias = record(5, "\1x\xc0\x0c"s);
    CHECK(read(answer({alias, record(1, "\x0a\0\0\2"s), record(1, "\x0a\0\0\1"s)}), Type::a).value() ==
          std::vector<DnsRecord>{{"10.0.0.1"}, {"10.0.0.2"}});
    CHECK(read(answer({record(28, std::string(15, '\0') + "\1")}), Type::aaaa).value() ==
          std::vector<DnsRecord>{{"::1"}});
    const auto srv = [](unsigned port, const std::string& host) {
        return record(33, number(1) + number(2) + number(port) + host);
    };
    CHECK(read(answer({srv(9100, "\2pi\xc0\x0c"s), srv(1, "\0"s)}), Type::srv).value() ==
          std::vector<DnsRecord>{{"pi.name.test", 9100}});
    CHECK(read(answer({record(15, number(10) + "\1m\xc0\x0c"s)}), Type::mx).value() ==
          std::vector<DnsRecord>{{"m.name.test"}});
    CHECK(read(answer({record(2, "\1n\0"s)}), Type::ns).value() == std::vector<DnsRecord>{{"n"}});
    CHECK(read(answer({}), Type::a).value().empty());
}

TEST_CASE("a broken answer is an error, whatever is wrong with it") {
    const auto whole = answer({record(33, number(1) + number(2) + number(3) + "\2pi\xc0\x0c"s)});
    for (std::size_t size = 0; size < whole.size(); ++size) {
        INFO(size);
        CHECK_FALSE(read(whole.substr(0, size), Type::srv).has_value());
    }
    CHECK_FALSE(read(answer({record(1, "\x0a\0\0"s)}), Type::a).has_value());
    CHECK_FALSE(read(answer({record(28, "\x0a\0\0\1"s)}), Type::aaaa).has_value());
    CHECK_FALSE(read(answer({record(33, number(1))}), Type::srv).has_value());
    CHECK_FALSE(read(answer({record(2, "\xc0\xff"s)}), Type::ns).has_value());
}
