// What the answers to remote_write 2.0 mean.
#include "forwarder/backends/remote_write.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

http::Response answer(unsigned status, std::vector<http::Header> headers = {}) {
    return {status, std::move(headers), "", nullptr, false};
}

const std::vector<http::Header> written{{"x-prometheus-remote-write-samples-written", "0"}};

}  // namespace

TEST_CASE("an answer without a word of what was written is not an answer to 2.0") {
    CHECK(means_not_understood(answer(204), false));
    CHECK(means_not_understood(answer(200, {{"Content-Type", "text/plain"}}), true));
    CHECK_FALSE(means_not_understood(answer(204, written), false));
    CHECK_FALSE(
        means_not_understood(answer(200, {{"X-Prometheus-Remote-Write-Histograms-Written", "0"}}), false));
}

TEST_CASE("a refused content type is, and so is a 400 as long as 2.0 was never understood") {
    CHECK(means_not_understood(answer(415), false));
    CHECK(means_not_understood(answer(415, written), true));
    CHECK(means_not_understood(answer(400), false));
    CHECK_FALSE(means_not_understood(answer(400), true));
    CHECK_FALSE(means_not_understood(answer(400, written), false));  // it counted: it has read the request
    for (const unsigned status : {401u, 403u, 404u, 413u, 429u, 500u, 503u})
        CHECK_FALSE(means_not_understood(answer(status), false));
}
