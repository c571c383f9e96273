#include "exporters/node/commands/commands.hpp"

#include <cstdio>

namespace pifleet::node {

int print_page(Exporter& exporter) {
    const auto page = exporter.scrape(exporter.everything(), metrics::Format::text_0_0_4);
    const bool written =
        std::fwrite(page.data(), 1, page.size(), stdout) == page.size() && std::fflush(stdout) == 0;
    if (!written) std::fputs("cannot write to stdout\n", stderr);
    return written ? 0 : 1;
}

}  // namespace pifleet::node
