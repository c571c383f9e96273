#include "common/http/url.hpp"

#include "tests/catch.hpp"

using namespace pifleet::http;

namespace {

std::string url_error(std::string_view text) {
    const auto url = parse_url(text);
    return url ? "" : url.error().message;
}

std::string address_error(std::string_view text) {
    const auto address = parse_host_port(text);
    return address ? "" : address.error().message;
}

}  // namespace

TEST_CASE("a URL is taken apart", "[http]") {
    const auto plain = parse_url("http://pi.lan:9100/metrics?a=b#part").value();
    CHECK(!plain.tls);
    CHECK(plain.host == "pi.lan");
    CHECK(plain.port == 9100);
    CHECK(plain.target == "/metrics?a=b");
    CHECK(plain.authority() == "pi.lan:9100");

    const auto secure = parse_url("HTTPS://us%40er:p%3Ass:w@example.com").value();
    CHECK(secure.tls);
    CHECK(secure.port == 443);
    CHECK(secure.target == "/");
    CHECK(secure.user == "us@er");
    CHECK(secure.password == "p:ss:w");
    CHECK(secure.authority() == "example.com");

    CHECK(parse_url("http://pi?x=1").value().target == "/?x=1");
    CHECK(parse_url("http://pi#x").value().target == "/");
    CHECK(parse_url("http://pi:443/").value().authority() == "pi:443");
    CHECK(parse_url("http://a@b@pi/").value().user == "a@b");
}

TEST_CASE("an IPv6 literal loses its brackets and gets them back where they belong", "[http]") {
    const auto url = parse_url("http://[2001:db8::1]:9100/").value();
    CHECK(url.host == "2001:db8::1");
    CHECK(url.authority() == "[2001:db8::1]:9100");
    const auto zoned = parse_url("http://[fe80::1%25eth0]/").value();
    CHECK(zoned.host == "fe80::1%eth0");
    CHECK(zoned.authority() == "[fe80::1]");
}

TEST_CASE("what a log shows of a URL has no secrets", "[http]") {
    CHECK(parse_url("https://me:pw@insights.example:444/v1?key=abc&x=1&TOKEN&=&").value().shown() ==
          "https://insights.example:444/v1?key=***&x=***&***&=***&");
    CHECK(parse_url("http://pi/metrics").value().shown() == "http://pi/metrics");
}

TEST_CASE("URLs that are none say why, without repeating what may be a password", "[http]") {
    CHECK(url_error("pi:9100") == "the URL has no scheme: expected http:// or https://");
    CHECK(url_error("ftp://pi/") == "the URL's scheme is neither http nor https");
    CHECK(url_error("http://") == "the URL has no host");
    CHECK(url_error("http://:80/") == "the URL has no host");
    CHECK(url_error("http://user@/") == "the URL has no host");
    for (const auto* port : {"0", "65536", "-1", "x", "", "99999999999999999999"})
        CHECK(url_error("http://pi:" + std::string(port) + "/") ==
              "the URL's port is not a number from 1 to 65535");
    for (const auto* text :
         {"http://pi/a b", "http://pi/\n", "http://p\xc3\xad/", "http://pi/\x7f", " http://pi/"})
        CHECK(url_error(text).starts_with("the URL has a blank"));
    CHECK(url_error("http://pi/%4") == "the URL has a broken %-escape");
    CHECK(url_error("http://pi/?a=%zz") == "the URL has a broken %-escape");
    CHECK(url_error("http://a:%gg@pi/") == "the URL's user or password has a broken %-escape");
    CHECK(url_error("http://[::1/").find("without its ']'") != std::string::npos);
    CHECK(url_error("http://[pi]/").find("no IPv6 address") != std::string::npos);
    CHECK(url_error("http://[::1]9100/").find("behind the ']'") != std::string::npos);
    CHECK(url_error("http://::1/").find("needs brackets") != std::string::npos);
    CHECK(url_error("http://p!i/").find("no host name") != std::string::npos);
    CHECK(url_error("http://user:hunter2/x@pi/").find("hunter2") == std::string::npos);
}

TEST_CASE("addresses to listen on", "[http]") {
    CHECK(parse_host_port(":9100").value().host.empty());
    CHECK(parse_host_port(":9100").value().port == 9100);
    CHECK(parse_host_port("localhost:0").value().host == "localhost");
    CHECK(parse_host_port("[::1]:80").value().host == "::1");
    CHECK(address_error("localhost") == "'localhost' has no port: expected host:port or :port");
    CHECK(address_error("") == "'' has no port: expected host:port or :port");
    CHECK(address_error("[::1]").find("has no port") != std::string::npos);
    CHECK(address_error("pi:70000").find("not a number from 0 to 65535") != std::string::npos);
    CHECK(address_error("::1:80").find("needs brackets") != std::string::npos);
    CHECK(address_error("pi :80").find("no host name") != std::string::npos);
}
