#include "common/kubernetes/kubeconfig.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

#include <utility>

namespace pifleet::kubernetes {

namespace {

using config::Node;

// What an entry of a list is called inside: "clusters" holds {name: …, cluster: …}.
std::string_view body_key(std::string_view list) {
    return list.substr(0, list.size() - 1);
}

}  // namespace

std::string Kubeconfig::File::resolve(const std::string& named) const {
    if (named.empty() || named.front() == '/') return named;
    const auto slash = path.rfind('/');
    return slash == std::string::npos ? named : path.substr(0, slash + 1) + named;
}

Result<Kubeconfig> Kubeconfig::read(std::span<const std::string> paths) {
    Kubeconfig out;
    for (const auto& path : paths) {
        if (path.empty()) continue;
        auto text = read_file(path);
        if (!text && text.error().kind == Error::Kind::absent && paths.size() > 1) continue;
        if (!text) return text.error();
        auto& file = out.files_.emplace_back(path);
        auto tree = config::parse_yaml(*text, file.faults);
        if (tree && tree->kind != Node::Kind::mapping && tree->kind != Node::Kind::null)
            file.faults.add(tree->place,
                            "expected a kubeconfig, that is a mapping with clusters, users and contexts");
        if (!file.faults.empty()) return failure(file.faults.text());
        if (tree) file.tree = std::move(*tree);
        (out.source_ += out.source_.empty() ? "" : ":") += path;
    }
    if (out.files_.empty()) return absent("none of the kubeconfig files exists");
    return out;
}

// Entries that are no such mapping are passed over, as whoever wrote them has other tools for them; the one
// that is asked for is then missing.
template <class Use>
void Kubeconfig::each(std::string_view list, Use use) const {
    for (auto& file : files_) {
        const auto* entries = file.tree.find(list);
        if (entries == nullptr) continue;
        for (const auto& item : entries->items) {
            const auto* name = item.find("name");
            if (name != nullptr) use(Entry{&file, name, item.find(body_key(list))});
        }
    }
}

Result<Kubeconfig::Entry> Kubeconfig::find(std::string_view list, std::string_view name) const {
    Entry found;
    each(list, [&](const Entry& entry) {
        if (found.file == nullptr && entry.name->text == name) found = entry;
    });
    if (found.file != nullptr) return found;
    const auto known = names(list);
    const std::vector<std::string_view> candidates(known.begin(), known.end());
    std::string all;
    for (const auto& each : known) (all += all.empty() ? "" : ", ") += each;
    return failure("no " + std::string(body_key(list)) + " is called '" + std::string(name) + '\'' +
                   did_you_mean(name, candidates) +
                   (all.empty() ? "; there is none at all" : "; there are: " + all));
}

std::vector<std::string> Kubeconfig::names(std::string_view list) const {
    std::vector<std::string> out;
    each(list, [&](const Entry& entry) { out.push_back(entry.name->text); });
    return out;
}

std::string Kubeconfig::current_context() const {
    for (const auto& file : files_)
        if (const auto* node = file.tree.find("current-context"); node != nullptr && !node->text.empty())
            return node->text;
    return {};
}

}  // namespace pifleet::kubernetes
