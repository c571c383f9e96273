// Certificates made while the test runs, and a TLS server on a plain Peer.
#pragma once

#include "peers.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

struct evp_pkey_st;
struct x509_st;

namespace pifleet::http::test {

/// A folder that goes with the test.
class TempFolder {
  public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    std::string file(const std::string& name, const std::string& content) const;  // writes it, gives its path

  private:
    std::string path_;
};

struct Certificate {
    std::shared_ptr<evp_pkey_st> key;
    std::shared_ptr<x509_st> certificate;
    std::string key_pem() const;
    std::string pem() const;
};

struct Wish {
    std::string names = "DNS:localhost,IP:127.0.0.1";  // as OpenSSL's configuration spells alternative names
    bool authority = false;
    long from = -3600, to = 3600;  // seconds from now
};

/// Signed by `issuer`, or by itself.
Certificate make_certificate(const Wish& wish, const Certificate* issuer = nullptr);

struct TlsServer {
    Certificate own;
    const Certificate* clients = nullptr;  // the authority that clients' certificates must come from
    int max_version = 0;                   // TLS1_2_VERSION, …; 0: the newest
    std::string answer;
    std::vector<std::string>* asked_for = nullptr;  // the names that clients asked for (SNI)
    // In place of `answer`: is given the head of each request and a way to write; false: close.
    std::function<bool(const std::string& head, const std::function<bool(std::string_view)>& write)> respond;
    std::atomic<int>* resumed = nullptr;  // counts the connections that took up a session
};

/// Answers every request of a connection, closes it without close_notify when `answer` has no Content-Length.
std::function<void(Socket&)> serving(TlsServer server);

}  // namespace pifleet::http::test
