// pifleet-node-exporter-tls: the same with what needs OpenSSL; see program.hpp.
#include "common/http/web/guard.hpp"
#include "exporters/node/commands/commands.hpp"
#include "exporters/node/program.hpp"

#include <utility>

namespace {

using namespace pifleet;

Result<node::Front> guarded(const std::string& web_config_file, http::Handler pages) {
    const auto guard = http::web::Guard::open(web_config_file);
    if (!guard) return failure("--web.config.file: " + guard.error().message);
    return node::Front{(*guard)->handler(std::move(pages)), (*guard)->tls()};
}

constexpr node::Extras extras{guarded, node::compare};

}  // namespace

int main(int argc, char** argv) {
    return node::run_program(argc, argv, &extras);
}
