// An API server on the loopback that does what the test says, with TLS or without, and a sink that remembers.
#pragma once

#include "common/kubernetes/json_peek.hpp"
#include "common/kubernetes/watcher.hpp"
#include "tests/unit/common/http/certificates.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace pifleet::kubernetes::test {

using http::test::Certificate;
using http::test::Peer;
using http::test::Socket;
using http::test::TempFolder;
using http::test::TlsServer;

using Write = std::function<bool(std::string_view)>;
/// The n-th request of all, from 0; false: the connection is closed.
using Respond = std::function<bool(int n, const std::string& head, const Write& write)>;

inline std::string answer(const std::string& body,
                          const std::string& status = "200 OK",
                          const std::string& headers = {}) {
    return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\n" + headers +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline std::string status_json(unsigned code, const std::string& reason, const std::string& message = "no") {
    return R"({"kind":"Status","metadata":{},"status":"Failure","message":")" + message + R"(","reason":")" +
           reason + R"(","code":)" + std::to_string(code) + "}";
}

inline const std::string watch_head =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

inline std::string chunk(const std::string& text) {
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", text.size());
    return size + text + "\r\n";
}

inline std::string pod(const std::string& name, int version) {
    return R"({"metadata":{"name":")" + name + R"(","resourceVersion":")" + std::to_string(version) +
           R"(","managedFields":[{"MARKER":1}]}})";
}

inline std::string event(const std::string& type, const std::string& object) {
    return chunk(R"({"type":")" + type + R"(","object":)" + object + "}\n");
}

inline std::string list_of(const std::vector<std::string>& items,
                           const std::string& version = "10",
                           const std::string& next = {}) {
    std::string out = R"({"kind":"PodList","metadata":{"resourceVersion":")" + version + '"';
    if (!next.empty()) out += R"(,"continue":")" + next + '"';
    out += "},\"items\":[";
    for (const auto& item : items) out += (out.ends_with('[') ? "" : ",") + item;
    return out + "]}";
}

class ApiServer {
  public:
    explicit ApiServer(Respond respond) : respond_(std::move(respond)), peer_(plain()) {}
    ApiServer(TlsServer tls, Respond respond) : respond_(std::move(respond)), peer_(secure(std::move(tls))) {}

    std::uint16_t port() const { return peer_.port(); }
    int accepted() const { return peer_.accepted(); }
    std::vector<std::string> heads() const {
        const std::lock_guard lock(mutex_);
        return heads_;
    }
    std::vector<std::string> targets() const {
        std::vector<std::string> out;
        for (const auto& head : heads()) {
            const auto from = head.find(' ') + 1;
            out.push_back(head.substr(from, head.find(' ', from) - from));
        }
        return out;
    }

  private:
    bool one(const std::string& head, const Write& write) {
        int n = 0;
        {
            const std::lock_guard lock(mutex_);
            n = static_cast<int>(heads_.size());
            heads_.push_back(head);
        }
        return respond_(n, head, write);
    }
    std::function<void(Socket&)> plain() {
        return [this](Socket& socket) {
            const Write write = [&](std::string_view text) { return socket.send(text); };
            for (;;) {
                const auto head = socket.read_until("\r\n\r\n");
                if (!head.ends_with("\r\n\r\n") || !one(head, write)) return;
            }
        };
    }
    std::function<void(Socket&)> secure(TlsServer tls) {
        tls.respond = [this](const std::string& head, const Write& write) { return one(head, write); };
        return http::test::serving(std::move(tls));
    }

    const Respond respond_;
    mutable std::mutex mutex_;
    std::vector<std::string> heads_;
    Peer peer_;
};

/// What there is, by name, as the sink's contract says.
class Model : public ObjectSink {
  public:
    void begin_list() override {
        seen_.clear();
        ++begun;
    }
    void object(std::string_view json) override {
        texts += json;
        const auto name = name_of(json);
        seen_[name] = objects[name] = std::string(json);
        if (on_object) on_object();
    }
    void deleted(std::string_view json) override {
        texts += json;
        objects.erase(name_of(json));
        seen_.erase(name_of(json));
    }
    void end_list() override {
        objects = seen_;
        ++ended;
    }
    std::string names() const {
        std::string out;
        for (const auto& [name, text] : objects) (out += out.empty() ? "" : " ") += name;
        return out;
    }

    std::map<std::string, std::string> objects;
    std::string texts;  // all that ever came
    int begun = 0, ended = 0;
    std::function<void()> on_object;

  private:
    static std::string name_of(std::string_view json) {
        auto metadata = find_member(json, {"metadata"});
        if (!metadata) metadata = find_member(json, {"object", "metadata"});
        if (!metadata) return "?";
        const auto ns = text_member(*metadata, {"namespace"});
        return (ns.empty() ? "" : ns + '/') + text_member(*metadata, {"name"});
    }
    std::map<std::string, std::string> seen_;
};

/// Runs the loop until `done` or for `most`; whether it was done.
template <class Done>
bool run_until(boost::asio::io_context& io,
               Done done,
               std::chrono::milliseconds most = std::chrono::seconds(8)) {
    const auto end = std::chrono::steady_clock::now() + most;
    while (!done()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        if (io.stopped()) io.restart();
        io.run_one_for(std::chrono::milliseconds(20));
    }
    return true;
}

inline Access access_to(std::uint16_t port, bool tls = false) {
    Access out;
    out.server =
        http::parse_url((tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port)).value();
    out.source = "the test";
    return out;
}

}  // namespace pifleet::kubernetes::test
