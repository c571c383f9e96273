// Metrics that other programs leave as *.prom files in folders (text format 0.0.4). A file that is broken, or
// that contradicts another file or the exporter's own metrics, is left out whole; the others are shown.
#include "common/base/files.hpp"
#include "common/process/log.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/collectors/text_page.hpp"
#include "exporters/node/machine_files.hpp"

#include <glob.h>
#include <sys/stat.h>

#include <map>
#include <set>
#include <utility>

namespace pifleet::node {

namespace {

using metrics::Family;
using metrics::Type;

constexpr Family mtime{"node_textfile_mtime_seconds", Type::gauge, "When the file was last changed."};
constexpr Family scrape_error{
    "node_textfile_scrape_error", Type::gauge, "Whether a file or folder was left out."};

constexpr std::string_view directory_flag = "collector.textfile.directory";
constexpr process::Flag flags[] = {
    {directory_flag,
     process::FlagKind::list,
     "",
     "Folder with *.prom files to show; may be a pattern, and given again.",
     true},
};

// The folders that a pattern stands for; the pattern itself when there are none, so that the error names it.
std::vector<std::string> expand(const std::string& pattern) {
    glob_t found{};
    std::vector<std::string> folders;
    if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
        for (std::size_t i = 0; i < found.gl_pathc; ++i) folders.emplace_back(found.gl_pathv[i]);
    ::globfree(&found);
    if (folders.empty()) folders.push_back(pattern);
    return folders;
}

// What the files shown so far have in common, and whose names they took.
class Shown {
  public:
    Result<void> add(const std::string& path, const TextPage& file, metrics::Page& page) {
        for (const auto& [name, family] : file)
            if (auto checked = check(name, family, page); !checked) return checked;
        for (const auto& [name, family] : file) show(path, name, family, page);
        return {};
    }

  private:
    struct Known {
        Type type;
        std::optional<std::string> help;
    };

    Result<void> check(const std::string& name, const TextFamily& family, const metrics::Page& page) const {
        const auto known = families_.find(name);
        if (known == families_.end()) {
            if (page.has(name) || name == mtime.name || name == scrape_error.name ||
                name.starts_with("node_scrape_collector_"))
                return failure("'" + name + "' is a metric of the exporter itself");
        } else {
            if (known->second.type != family.type.value_or(Type::unknown))
                return failure("'" + name + "' has another type than in another file");
            if (family.help && known->second.help && *family.help != *known->second.help)
                return failure("'" + name + "' has another help text than in another file");
        }
        for (const auto& sample : family.samples) {
            const auto owner = owners_.find(name + sample.suffix);
            if (owner != owners_.end() && owner->second != name)
                return failure("'" + name + sample.suffix + "' is of another family in another file");
            if (!sample.suffix.empty() && page.has(name + sample.suffix) && owner == owners_.end())
                return failure("'" + name + sample.suffix + "' is a metric of the exporter itself");
            if (series_.contains(series_key(name, sample)))
                return failure("a series of '" + name + "' stands in another file as well");
        }
        return {};
    }

    void show(const std::string& path,
              const std::string& name,
              const TextFamily& family,
              metrics::Page& page) {
        const auto type = family.type.value_or(Type::unknown);
        const auto help = family.help.value_or("Read from " + valid_utf8(path) + ".");
        const auto [known, is_new] = families_.try_emplace(name, Known{type, family.help});
        if (!is_new && !known->second.help) known->second.help = family.help;
        owners_.emplace(name, name);
        std::vector<metrics::Label> labels;
        for (const auto& sample : family.samples) {
            labels.clear();
            for (const auto& label : sample.labels) labels.push_back({label.name, label.value});
            page.add_part({name, type, help}, sample.suffix, labels, sample.value);
            owners_.emplace(name + sample.suffix, name);
            series_.insert(series_key(name, sample));
        }
    }

    std::map<std::string, Known, std::less<>> families_;
    std::map<std::string, std::string, std::less<>> owners_;  // sample name → family
    std::set<std::string> series_;
};

struct File {
    TextPage page;
    double changed = 0;
};

Result<File> read_text_page(const std::string& path) {
    // The time is taken first: a file that is replaced meanwhile looks older than it is, never fresher.
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return failure("is not a readable file");
    const auto text = read_file(path);
    if (!text) return failure(text.error().message);
    auto page = parse_text_page(*text);
    if (!page) return page.error();
    return File{std::move(*page), static_cast<double>(info.st_mtim.tv_sec)};
}

class Textfile final : public Collector {
  public:
    explicit Textfile(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

    Result<void> collect(const Host&, metrics::Page& page) override {
        Complaints complaints;
        Shown shown;
        std::set<std::string> seen;
        for (const auto& pattern : patterns_) {
            if (pattern.empty()) continue;
            for (auto& folder : expand(pattern)) {
                while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
                if (seen.insert(folder).second) add_folder(folder, shown, page, complaints);
            }
        }
        page.add(scrape_error, complaints.empty() ? 0 : 1);
        tell(std::move(complaints));
        return {};
    }

  private:
    using Complaints = std::map<std::string, std::string>;  // by file or folder

    static void add_folder(const std::string& folder,
                           Shown& shown,
                           metrics::Page& page,
                           Complaints& complaints) {
        const auto names = list_folder(folder);
        if (!names) {
            complaints.emplace(folder, names.error().message);
            return;
        }
        for (const auto& name : *names) {
            if (!name.ends_with(".prom")) continue;
            const auto path = folder == "/" ? "/" + name : folder + "/" + name;
            const auto file = read_text_page(path);
            const auto added = file ? shown.add(path, file->page, page) : Result<void>(file.error());
            if (added)
                page.add(mtime, {{"file", valid_utf8(path)}}, file->changed);
            else
                complaints.emplace(path, added.error().message);
        }
    }

    // Each complaint is logged when it comes up, not at every scrape.
    void tell(Complaints complaints) {
        for (const auto& [path, message] : complaints)
            if (const auto before = told_.find(path); before == told_.end() || before->second != message)
                log::error("text file left out",
                           {{"collector", "textfile"}, {"file", path}, {"err", message}});
        told_ = std::move(complaints);
    }

    std::vector<std::string> patterns_;
    Complaints told_;
};

}  // namespace

extern const CollectorKind textfile_kind;
constinit const CollectorKind textfile_kind{
    "textfile",
    true,
    "metrics from *.prom files",
    flags,
    [](const process::CommandLine& given) -> Result<std::unique_ptr<Collector>> {
        return std::make_unique<Textfile>(given.list(directory_flag));
    },
};

}  // namespace pifleet::node
