// Names of PCI devices out of pci.ids, the file that lspci reads too. It has 1.4 MB; only the names of
// devices that are there are kept.
#pragma once

#include "common/base/result.hpp"

#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace pifleet::node {

/// Numbers in hexadecimal digits as the file has them: four for a vendor or device, six for a class.
struct PciId {
    std::string vendor, device, subsystem_vendor, subsystem_device, class_code;
    auto operator<=>(const PciId&) const = default;
};

/// What the file does not name has its number for a name, as node_exporter does it.
struct PciNames {
    std::string vendor, device, subsystem_vendor, subsystem_device, class_name;
};

PciNames find_pci_names(std::string_view ids_text, const PciId& id);

/// The file is read when a device turns up that was not there before.
class PciNameBook {
  public:
    /// No path: where Debian or Fedora have the file, if they have it.
    explicit PciNameBook(std::string path) : path_(std::move(path)) {}

    /// Gives names in any case; the error is about a file that was named and cannot be read.
    Result<void> look_up(const PciId& id, PciNames& names);

  private:
    Result<std::string> read() const;
    std::string path_;
    std::map<PciId, PciNames> known_;
};

}  // namespace pifleet::node
