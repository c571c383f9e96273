#include "common/kubernetes/cluster.hpp"

#include "common/kubernetes/cluster_impl.hpp"
#include "common/process/build_info.hpp"

#include <limits>
#include <utility>

namespace pifleet::kubernetes {

namespace asio = boost::asio;

namespace {

using Clock = std::chrono::steady_clock;

asio::awaitable<Result<http::Response>> ask(std::shared_ptr<Cluster::Impl> cluster,
                                            http::Request wanted,
                                            std::chrono::milliseconds within,
                                            std::size_t most) {
    const auto deadline = Clock::now() + within;
    for (bool again = false;; again = true) {
        auto login = co_await cluster->credentials.now();
        if (!login) co_return login.error();
        auto request = cluster->request(wanted.target, **login);
        request.method = wanted.method;
        request.body = wanted.body;
        if (!request.body.empty()) request.headers.push_back({"Content-Type", "application/json"});
        auto kept = std::move(cluster->kept);
        if (!kept || kept->login->tls != (*login)->tls)
            kept.reset(new Cluster::Impl::Kept{*login, cluster->client(**login)});
        auto answer = co_await kept->client.send(request, deadline, most);
        if (!answer) co_return cluster->explain(answer.error());
        cluster->kept = std::move(kept);
        if (answer->status != 401 || again) co_return std::move(*answer);
        cluster->credentials.refused(*login);
    }
}

}  // namespace

http::Request Cluster::Impl::request(std::string path, const Login& login) const {
    http::Request out;
    auto prefix = access.server.target;
    while (prefix.ends_with('/')) prefix.pop_back();
    out.target = prefix + path;
    // Not packed: unpacking would cost us, and packing the server, more than the local net.
    out.headers = {{"Accept", "application/json"},
                   {"Accept-Encoding", "identity"},
                   {"User-Agent", "pifleet/" + std::string(process::build_info().version)}};
    out.credentials = login.headers;
    return out;
}

http::Client Cluster::Impl::client(const Login& login) const {
    http::ClientOptions options;
    options.tls = login.tls;
    options.proxy = access.proxy;
    // Shorter than the longest wait between two tries: a server that comes back is found by the next one.
    options.connect = std::chrono::seconds(4);
    options.handshake = std::chrono::seconds(20);  // which a busy server takes its time for
    options.keepalive = std::chrono::seconds(4);
    options.body_bytes = std::numeric_limits<std::size_t>::max();  // a watch goes on; each object has a limit
    return {executor, access.server, std::move(options)};
}

Error Cluster::Impl::explain(const Error& error) const {
    const auto has = [&](std::string_view part) { return error.message.find(part) != std::string::npos; };
    if (has("unknown authority") || has("self-signed"))
        return failure(error.message + "; what to trust comes from " + access.source +
                       " (certificate-authority): is it this cluster's?");
    if (has("client certificate")) return failure(error.message + "; ours comes from " + access.source);
    return error;
}

Cluster::Cluster(asio::any_io_executor executor, Access access)
    : impl_(std::make_shared<Impl>(std::move(executor), std::move(access))) {}
Cluster::~Cluster() = default;

const Access& Cluster::access() const {
    return impl_->access;
}

asio::awaitable<Result<http::Response>> Cluster::get(std::string path,
                                                     std::chrono::milliseconds within,
                                                     std::size_t most) {
    http::Request request;
    request.target = std::move(path);
    return ask(impl_, std::move(request), within, most);
}

asio::awaitable<Result<http::Response>> Cluster::post(std::string path,
                                                      std::string json,
                                                      std::chrono::milliseconds within,
                                                      std::size_t most) {
    http::Request request;
    request.method = "POST";
    request.target = std::move(path);
    request.body = std::move(json);
    return ask(impl_, std::move(request), within, most);
}

}  // namespace pifleet::kubernetes
