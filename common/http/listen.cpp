#include "common/http/listen.hpp"

#include "common/http/port_holder.hpp"
#include "common/http/url.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pifleet::http {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

error_code open(tcp::acceptor& acceptor, const tcp::endpoint& endpoint) {
    error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && endpoint.address() == asio::ip::address_v6::any())
        acceptor.set_option(asio::ip::v6_only(false), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(tcp::acceptor::max_listen_connections, error);
    return error;
}

Result<tcp::endpoint> endpoint_of(asio::io_context& io, const HostPort& where) {
    if (where.host.empty()) return tcp::endpoint(tcp::v6(), where.port);
    error_code error;
    tcp::resolver resolver(io);
    const auto found =
        resolver.resolve(where.host, std::to_string(where.port), tcp::resolver::numeric_service, error);
    if (error || found.empty()) return failure("cannot resolve '" + where.host + "': " + error.message());
    const auto v4 = std::find_if(
        found.begin(), found.end(), [](const auto& entry) { return entry.endpoint().address().is_v4(); });
    return (v4 != found.end() ? v4 : found.begin())->endpoint();
}

std::string reason(const error_code& error, const tcp::endpoint& endpoint) {
    if (error != asio::error::address_in_use) return error.message();
    const auto holder = port_holder(endpoint);
    return holder.empty() ? "the port is in use" : "the port is in use (held by " + holder + ')';
}

}  // namespace

Result<tcp::acceptor> open_acceptor(asio::io_context& io, const std::string& address) {
    const auto fail = [&](const std::string& why) {
        return failure("cannot listen on " + address + ": " + why);
    };
    const auto where = parse_host_port(address);
    if (!where) return fail(where.error().message);
    const auto endpoint = endpoint_of(io, *where);
    if (!endpoint) return fail(endpoint.error().message);

    tcp::acceptor acceptor(io);
    auto error = open(acceptor, *endpoint);
    if (where->host.empty() && error && error != asio::error::address_in_use) {  // IPv6 is off
        acceptor = tcp::acceptor(io);
        error = open(acceptor, tcp::endpoint(tcp::v4(), where->port));
    }
    if (error) return fail(reason(error, *endpoint));
    return acceptor;
}

Result<tcp::acceptor> adopt_acceptor(asio::io_context& io, int descriptor) {
    const auto fail = [&](const std::string& why) {
        ::close(descriptor);
        return failure("cannot listen on descriptor " + std::to_string(descriptor) + ": " + why);
    };
    sockaddr_storage own{};
    socklen_t length = sizeof own;
    if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&own), &length) != 0)
        return fail(std::strerror(errno));
    if (own.ss_family != AF_INET && own.ss_family != AF_INET6) return fail("it is no TCP socket");
    int listens = 0;
    length = sizeof listens;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &length) != 0 || listens == 0)
        return fail("it does not listen");
    tcp::acceptor acceptor(io);
    error_code error;
    acceptor.assign(own.ss_family == AF_INET ? tcp::v4() : tcp::v6(), descriptor, error);
    if (error) return fail(error.message());
    return acceptor;
}

}  // namespace pifleet::http
