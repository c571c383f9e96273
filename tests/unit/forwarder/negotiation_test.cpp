#include "forwarder/scrape/negotiation.hpp"

#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::forwarder;

namespace {

ScrapeProtocols protocols(std::vector<ScrapeProtocol> list,
                          NameEscaping escaping = NameEscaping::allow_utf_8) {
    return {std::move(list), NameValidation::utf8, escaping};
}

}  // namespace

// What Prometheus 3.5 sends for the same lists; the integration test test_scrape_http compares them.
TEST_CASE("the Accept header has Prometheus's weights and names the escaping") {
    using enum ScrapeProtocol;
    CHECK(accept_header(protocols({openmetrics_1_0_0, openmetrics_0_0_1, text_1_0_0, text_0_0_4})) ==
          "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
          "application/openmetrics-text;version=0.0.1;q=0.5,"
          "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
          "text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
    CHECK(accept_header(protocols({text_1_0_0}, NameEscaping::dots)) ==
          "text/plain;version=1.0.0;escaping=dots;q=0.6,*/*;q=0.5");
    CHECK(accept_header(protocols({protobuf, text_0_0_4}, NameEscaping::values)) ==
          "text/plain;version=0.0.4;q=0.6,*/*;q=0.5");
    CHECK(accept_header(protocols({protobuf})) == "*/*;q=0.6");
}

TEST_CASE("a page without a type that is known needs a fallback") {
    using metrics::Format;
    CHECK(page_format("text/plain; version=0.0.4", {}).value() == Format::text_0_0_4);
    CHECK(page_format("application/openmetrics-text", ScrapeProtocol::text_0_0_4).value() ==
          Format::openmetrics_1_0);
    CHECK(page_format("", ScrapeProtocol::text_0_0_4).value() == Format::text_0_0_4);
    CHECK(page_format("text/html", ScrapeProtocol::openmetrics_1_0_0).value() == Format::openmetrics_1_0);
    CHECK(page_format(" ", {}).error().message ==
          "the target's page has no Content-Type; if it is metrics all the same, set "
          "fallback_scrape_protocol: PrometheusText0.0.4");
    CHECK(page_format("text/html", {})
              .error()
              .message.starts_with("the target's page is 'text/html', not metrics; if it is"));
}
