// Open files of the whole machine, of /proc/sys/fs/file-nr: in use, unused (always 0 today), at most.
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family allocated{"node_filefd_allocated", Type::gauge, "Open files of all processes."};
constexpr Family maximum{"node_filefd_maximum", Type::gauge, "Files that can be open at once."};

class Filefd final : public Collector {
    Result<void> collect(const Host& host, metrics::Page& page) override {
        const auto path = host.proc("sys/fs/file-nr");
        const auto text = read_lines(path);
        if (!text) return text.error();
        LineReader lines(path, *text);
        lines.next();
        const auto used = lines.number();
        if (!used) return used.error();
        if (const auto unused = lines.number(); !unused) return unused.error();
        const auto most = lines.number();
        if (!most) return most.error();
        page.add(allocated, static_cast<double>(*used));
        page.add(maximum, static_cast<double>(*most));
        return {};
    }
};

}  // namespace

extern const CollectorKind filefd_kind;
constinit const CollectorKind filefd_kind{"filefd", true, "open files", {}, make_collector<Filefd>};

}  // namespace pifleet::node
