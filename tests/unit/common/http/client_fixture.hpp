// A client and the peer that it talks to, and answers to give.
#pragma once

#include "peers.hpp"

#include <cstdio>
#include <initializer_list>

namespace pifleet::http::test {

inline Url url_of(std::uint16_t port) {
    return parse_url("http://127.0.0.1:" + std::to_string(port) + "/").value();
}

inline std::string chunked(std::initializer_list<std::string> pieces) {
    std::string out = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    char size[20];
    for (const auto& piece : pieces) {
        std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
        out += size + piece + "\r\n";
    }
    return out;
}

inline std::string sized(const std::string& body, const std::string& headers = {}) {
    return "HTTP/1.1 200 OK\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
}

// A peer that answers every request of every connection with the same bytes and then does `then`.
struct ClientFixture {
    explicit ClientFixture(std::function<void(Socket&)> script, ClientOptions options = {})
        : peer(std::move(script)), client(io.get_executor(), url_of(peer.port()), std::move(options)) {}

    pifleet::Result<ResponseHead> send(std::chrono::milliseconds time = std::chrono::seconds(2)) {
        return run(io, client.send(request, in(time), sink));
    }
    std::string error(std::chrono::milliseconds time = std::chrono::seconds(2)) {
        const auto head = send(time);
        return head ? "" : head.error().message;
    }

    boost::asio::io_context io;
    Peer peer;
    Client client;
    Request request;
    Recorder sink;
};

inline std::function<void(Socket&)> answering(std::string answer) {
    return [answer = std::move(answer)](Socket& socket) {
        socket.read_until("\r\n\r\n");
        socket.send(answer);
    };
}

inline std::string repeated(const std::string& text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace pifleet::http::test
