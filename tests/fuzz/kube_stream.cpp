// The splitter of the API's streams: any bytes, as a list or a watch, of objects or tables, with a small
// limit or a large one. However they are cut into pieces, the same must come out, and nothing over the limit.
#include "common/kubernetes/json_peek.hpp"
#include "common/kubernetes/splitter.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using namespace pifleet::kubernetes;

namespace {

struct Recorder final : SplitSink {
    explicit Recorder(std::size_t m) : most(m) {}
    void element(std::string_view json) override {
        if (json.size() > most + 8) std::abort();
        said.push_back(splitter->type() + ' ' + std::string(json));
        text_member(json, {"metadata", "resourceVersion"});
    }
    void too_large(std::string_view identity) override { said.push_back("large " + std::string(identity)); }
    std::size_t most;
    const Splitter* splitter = nullptr;
    std::vector<std::string> said;
};

std::vector<std::string> split(std::string_view text, std::size_t piece, unsigned flags) {
    const std::size_t most = (flags & 4) != 0 ? 32 : 4096;
    Recorder out(most);
    const auto form = (flags & 1) != 0 ? Splitter::Form::watch : Splitter::Form::list;
    Splitter splitter(form, (flags & 2) != 0, most, out);
    out.splitter = &splitter;
    bool good = true;
    for (std::size_t at = 0; good && at < text.size(); at += piece)
        good = splitter.feed(text.substr(at, piece)).has_value();
    out.said.push_back(!good ? "broken" : splitter.between_events() ? "between" : "within");
    if (good && form == Splitter::Form::list) {
        const auto head = splitter.end_list();
        out.said.push_back(head ? head->version + ' ' + head->next : head.error().message);
    }
    return out.said;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const unsigned flags = data[0];
    const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = split(text, std::max<std::size_t>(text.size(), 1), flags);
    if (split(text, 1, flags) != whole || split(text, 7, flags) != whole) std::abort();
    return 0;
}
