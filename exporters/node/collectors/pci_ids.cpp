#include "exporters/node/collectors/pci_ids.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/machine_files.hpp"
#include "exporters/node/scan.hpp"

#include <cstddef>
#include <optional>
#include <utility>

namespace pifleet::node {

namespace {

// A line is "KEY  NAME" below as many tabs as it is deep; classes begin with "C ".
struct Line {
    std::size_t depth = 0;
    std::string_view key, name;
};

std::optional<Line> parse_line(std::string_view text) {
    Line line;
    while (text.starts_with('\t')) {
        ++line.depth;
        text.remove_prefix(1);
    }
    const auto gap = text.find("  ");
    if (text.starts_with('#') || gap == std::string_view::npos) return {};
    line.key = trim(text.substr(0, gap));
    line.name = trim(text.substr(gap));
    return line;
}

// Follows the lines and says which keys lead to the present one.
class Finder {
  public:
    explicit Finder(const PciId& id) : id_(id), subsystem_(id.subsystem_vendor + " " + id.subsystem_device) {
        names_ = {id.vendor,
                  id.device,
                  id.subsystem_vendor,
                  id.subsystem_device,
                  "Unknown class (" + id.class_code + ")"};
    }

    void take(const Line& line) {
        if (line.depth == 0) {
            in_class_ = line.key.starts_with("C ");
            ours_[0] = false;
            if (in_class_)
                take_class(line, trim(line.key.substr(2)));
            else
                take_vendor(line);
        } else if (line.depth <= 2 && ours_[line.depth - 1]) {
            if (in_class_)
                take_class(line, line.key);
            else
                take_device(line);
        }
    }

    PciNames names() && { return std::move(names_); }

  private:
    void take_vendor(const Line& line) {
        ours_[0] = line.key == id_.vendor;
        ours_[1] = false;
        if (ours_[0]) names_.vendor = valid_utf8(line.name);
        if (line.key == id_.subsystem_vendor) names_.subsystem_vendor = valid_utf8(line.name);
    }

    void take_device(const Line& line) {
        if (line.depth == 1) {
            ours_[1] = line.key == id_.device;
            if (ours_[1]) names_.device = valid_utf8(line.name);
        } else if (line.key == subsystem_) {
            names_.subsystem_device = valid_utf8(line.name);
        }
    }

    // The deepest line that fits names the class.
    void take_class(const Line& line, std::string_view key) {
        const std::string_view code = id_.class_code;
        const bool fits = code.size() == 6 && key == code.substr(2 * line.depth, 2);
        if (line.depth < 2) ours_[line.depth] = fits;
        if (line.depth == 0) ours_[1] = false;
        if (fits) names_.class_name = valid_utf8(line.name);
    }

    const PciId& id_;
    std::string subsystem_;
    PciNames names_;
    bool in_class_ = false;
    bool ours_[2] = {};  // whether the line above, at this depth, leads to the device
};

}  // namespace

PciNames find_pci_names(std::string_view ids_text, const PciId& id) {
    Finder finder(id);
    while (!ids_text.empty())
        if (const auto line = parse_line(next_line(ids_text))) finder.take(*line);
    return std::move(finder).names();
}

Result<std::string> PciNameBook::read() const {
    if (!path_.empty()) {
        auto text = read_file(path_);
        if (!text) return failure(text.error().message);  // also when it is absent
        return text;
    }
    for (const auto* path : {"/usr/share/misc/pci.ids", "/usr/share/hwdata/pci.ids"})
        if (auto text = read_file(path)) return text;
    return absent("there is no pci.ids");
}

Result<void> PciNameBook::look_up(const PciId& id, PciNames& names) {
    if (const auto known = known_.find(id); known != known_.end()) {
        names = known->second;
        return {};
    }
    const auto text = read();
    names = find_pci_names(text ? *text : std::string(), id);
    if (text)
        known_.emplace(id, names);
    else if (text.error().kind == Error::Kind::failure)
        return text.error();
    return {};
}

}  // namespace pifleet::node
