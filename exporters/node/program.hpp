// The node exporter from its command line to its end. Two programs are made of it: pifleet-node-exporter, and
// pifleet-node-exporter-tls, which has OpenSSL and yaml-cpp as well and takes over when a flag needs them.
// So nobody who serves plain HTTP has those libraries (2 MB of a Pi's memory) loaded.
#pragma once

#include "common/http/server.hpp"
#include "exporters/node/exporter.hpp"

#include <string>

namespace pifleet::node {

/// What stands between the sockets and the pages.
struct Front {
    http::Handler handler;
    http::TlsMaker tls;
};

/// What only the second program has.
struct Extras {
    Result<Front> (*guarded)(const std::string& web_config_file, http::Handler pages);
    int (*compare)(Exporter& exporter, const std::string& url);
};

/// `extras` is null in the first program. Gives the exit code.
int run_program(int argc, char** argv, const Extras* extras);

}  // namespace pifleet::node
