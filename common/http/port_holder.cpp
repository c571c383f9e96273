#include "common/http/port_holder.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace pifleet::http {

namespace {

namespace ip = boost::asio::ip;

std::optional<std::uint32_t> hex(std::string_view text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The kernel prints an address as words of the machine's byte order: "0100007F", four of them for IPv6.
template <class Address>
std::optional<ip::address> address_of(std::string_view text) {
    typename Address::bytes_type bytes;
    if (text.size() != bytes.size() * 2) return std::nullopt;
    for (std::size_t i = 0; i < bytes.size(); i += 4) {
        const auto word = hex(text.substr(i * 2, 8));
        if (!word) return std::nullopt;
        std::memcpy(bytes.data() + i, &*word, 4);
    }
    return Address(bytes);
}

bool in_the_way(const ip::address& a, const ip::address& b) {
    return a.is_unspecified() || b.is_unspecified() || a == b;
}

// The inode of the socket that a line of /proc/net/tcp{,6} is about, if it listens where we want to.
std::optional<std::string_view> listener(std::string_view line, const ip::tcp::endpoint& wanted) {
    const auto column = fields(line);
    constexpr std::string_view listening = "0A";
    if (column.size() < 10 || column[3] != listening) return std::nullopt;
    const auto colon = column[1].find(':');
    if (colon == std::string_view::npos || hex(column[1].substr(colon + 1)) != wanted.port())
        return std::nullopt;
    const auto text = column[1].substr(0, colon);
    const auto address =
        text.size() == 8 ? address_of<ip::address_v4>(text) : address_of<ip::address_v6>(text);
    if (!address || !in_the_way(*address, wanted.address())) return std::nullopt;
    return column[9];
}

std::vector<std::string> sockets_in_the_way(const ip::tcp::endpoint& wanted) {
    std::vector<std::string> links;
    for (const auto* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        const auto content = read_file(table);
        if (!content) continue;
        for (const auto line : split(*content, '\n'))
            if (const auto inode = listener(line, wanted))
                links.push_back("socket:[" + std::string(*inode) + ']');
    }
    return links;
}

}  // namespace

std::string port_holder(const ip::tcp::endpoint& wanted) {
    const auto links = sockets_in_the_way(wanted);
    const auto entries = list_folder("/proc");
    if (links.empty() || !entries) return {};
    for (const auto& process : *entries) {
        if (!to_unsigned(process)) continue;
        const auto folder = "/proc/" + process;
        const auto files = list_folder(folder + "/fd");
        if (!files) continue;  // another user's process, or one that has just ended
        for (const auto& file : *files) {
            if (std::find(links.begin(), links.end(), base_name(folder + "/fd/" + file)) == links.end())
                continue;
            const auto name = read_line(folder + "/comm");
            return (name ? *name : "a program") + ", process " + process;
        }
    }
    return {};
}

}  // namespace pifleet::http
