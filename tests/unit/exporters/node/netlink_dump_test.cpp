// Attributes of netlink messages that are cut short, and tables of the running kernel.
#include "exporters/node/netlink_dump.hpp"

#include "tests/catch.hpp"
#include "tests/unit/exporters/node/machine.hpp"
#include "tests/unit/exporters/node/netlink_bytes.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include <string>

namespace pifleet::node::test {

TEST_CASE("netlink attributes are read one by one, and never beyond their message") {
    const auto bytes =
        attribute(3, std::string("eth0\0x", 6)) + attribute(7, std::string("\1\0\0\0", 4)) + attribute(9, "");
    std::span<const char> rest = bytes;
    NetlinkAttribute each;
    REQUIRE(next_attribute(rest, each));
    CHECK(each.type == 3);
    CHECK(each.text() == "eth0");
    REQUIRE(next_attribute(rest, each));
    CHECK(each.type == 7);
    CHECK(each.payload.size() == 4);
    CHECK(each.number() != 0);
    REQUIRE(next_attribute(rest, each));
    CHECK(each.payload.empty());
    CHECK(each.number() == 0);
    CHECK(each.text().empty());
    CHECK_FALSE(next_attribute(rest, each));

    for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
        const std::string part(bytes, 0, cut);  // its own memory, so that the sanitizer sees a step too far
        std::span<const char> left = part;
        std::size_t count = 0;
        while (next_attribute(left, each)) ++count;
        CHECK(count < 3);
    }
    const auto nested =
        attribute(NLA_F_NESTED | 5, "");  // how the payload is to be read is no part of the type
    std::span<const char> flagged = nested;
    REQUIRE(next_attribute(flagged, each));
    CHECK(each.type == 5);
    const std::string endless(8, '\0');  // an attribute of no length at all
    std::span<const char> zero = endless;
    CHECK_FALSE(next_attribute(zero, each));
}

TEST_CASE("a structure is taken whole or not at all") {
    const std::string bytes(sizeof(ndmsg) + 1, '\1');
    ndmsg message{};
    std::span<const char> rest = bytes;
    CHECK(take_struct(rest, message));
    CHECK(rest.size() == 1);
    CHECK_FALSE(take_struct(rest, message));
}

TEST_CASE("the kernel's tables come to an end") {
    std::size_t links = 0;
    const ifinfomsg request{};
    const auto dumped =
        netlink_dump(NETLINK_ROUTE, RTM_GETLINK, bytes_of(request), "links", [&](auto type, auto) {
            if (type == RTM_NEWLINK) ++links;
        });
    if (!dumped) return;  // a sandbox that forbids it
    CHECK(links > 0);
    const Machine machine;
    CHECK(collect("qdisc", machine.host()).result);
    CHECK(collect("network_route", machine.host()).result);
    const auto unknown =
        netlink_dump(NETLINK_ROUTE, 0xfff0, bytes_of(request), "nonsense", [](auto, auto) {});
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == Error::Kind::absent);
    CHECK(unknown.error().message.find("cannot list the nonsense") != std::string::npos);
}

}  // namespace pifleet::node::test
