#include "forwarder/backends/catalogue.hpp"

#include "common/base/files.hpp"
#include "common/base/glob.hpp"
#include "forwarder/backends/registry.hpp"

#include <stdexcept>
#include <utility>

namespace pifleet::forwarder {

extern const std::string_view presets_yaml;  // presets.yaml, by CMake

namespace {

constexpr std::size_t most_bytes = 1024 * 1024;

struct Known {
    Known() : catalogue{protocols(), &presets} {
        config::Faults faults("presets.yaml");
        presets.read(presets_yaml, faults);
        if (!faults.empty()) throw std::logic_error(faults.text());  // a test holds it right
    }
    Presets presets;
    Catalogue catalogue;
};

Known& known() {
    static Known all;
    return all;
}

}  // namespace

const Catalogue& catalogue() {
    return known().catalogue;
}

Result<void> add_presets(const std::string& folder) {
    auto presets = known().presets;
    std::string said;
    for (const auto* pattern : {"/*.yaml", "/*.yml"}) {
        for (const auto& file : matching_files(folder + pattern)) {
            const auto text = read_file(file, most_bytes);
            if (!text) return text.error();
            config::Faults faults(file);
            presets.read(*text, faults);
            if (!faults.empty()) said += (said.empty() ? "" : "\n") + faults.text();
        }
    }
    if (!said.empty()) return failure(said);
    known().presets = std::move(presets);
    return {};
}

}  // namespace pifleet::forwarder
