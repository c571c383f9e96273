// The configuration of custom resources and an object, with a line of %% between: any bytes give a
// configuration or faults, and whatever an object is made of, its lines are whole.
#include "exporters/k8s_state/custom/kind.hpp"
#include "exporters/k8s_state/renderer.hpp"

#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace pifleet;
using namespace pifleet::k8s;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto line = text.find("\n%%\n");
    config::Faults faults("fuzz.yml");
    const auto configs = parse_custom_config(text.substr(0, line), faults);
    if (configs.has_value() != faults.empty()) std::abort();
    if (!configs || line == std::string_view::npos) return 0;
    const ApiResource resource{"myteam.io", "v1", "Foo", "foos", true};
    const auto made = make_custom_kinds(*configs, {&resource, 1});
    for (const auto& custom : made.kinds) {
        RenderOptions options;
        for (const auto& family : custom->kind().families) options.families.push_back(&family);
        Renderer renderer(custom->kind(), options);
        if (!renderer.read(text.substr(line + 4))) continue;
        const auto& rendered = renderer.render();
        if (rendered.ends.size() != options.families.size()) std::abort();
        for (std::size_t i = 0; i < options.families.size(); ++i) {
            const auto lines = rendered.family(i);
            if (!lines.empty() && (!lines.starts_with(options.families[i]->name) || lines.back() != '\n'))
                std::abort();
        }
    }
    return 0;
}
