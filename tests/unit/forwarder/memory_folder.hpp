// A folder in memory whose power can be cut and whose disk can fail: what a test hands the log for its disk.
#pragma once

#include "forwarder/sample_log/folder.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace pifleet::forwarder {

class MemoryFolder final : public Folder {
  public:
    enum class Cut { dropped, zeroed, torn };  // what becomes of bytes that were not synced

    struct Content {
        std::string live, durable;
        bool named = false;  // its name would survive
    };

    std::map<std::string, std::shared_ptr<Content>> files;
    std::map<std::string, std::shared_ptr<Content>> removed;  // their names would come back
    std::size_t changes = 0, syncs = 0;
    std::size_t fails_from = std::numeric_limits<std::size_t>::max(),
                fails_until = fails_from;                               // changes that fail
    std::size_t frozen_from = std::numeric_limits<std::size_t>::max();  // changes that never reach the disk
    bool sync_fails = false;

    void cut_power(Cut how) {
        if (how == Cut::dropped)
            for (auto& [name, content] : removed) files.emplace(name, content);
        removed.clear();
        std::erase_if(files, [how](const auto& file) { return how == Cut::dropped && !file.second->named; });
        for (auto& [name, content] : files) {
            auto after = content->durable;
            const auto& live = content->live;
            if (how == Cut::zeroed && live.size() > after.size()) after.resize(live.size());
            if (how == Cut::torn && live.size() > after.size())
                after += live.substr(after.size(), (live.size() - after.size()) / 2);
            content->live = content->durable = after;
            content->named = true;
        }
        fails_from = fails_until = frozen_from = std::numeric_limits<std::size_t>::max();
        changes = 0;
    }

    const std::string& path() const override { return path_; }
    Result<std::vector<std::string>> list() const override {
        std::vector<std::string> names;
        for (const auto& [name, content] : files) names.push_back(name);
        return names;
    }
    Result<std::shared_ptr<File>> open(const std::string& name, Open how) override {
        const auto found = files.find(name);
        if (how == Open::read) {
            if (found == files.end()) return absent("no such file");
            return std::shared_ptr<File>(std::make_shared<Handle>(*this, found->second));
        }
        if (!change()) return failure("no space left on device");
        auto content = found == files.end() ? std::make_shared<Content>() : found->second;
        if (how == Open::fresh) content->live.clear();
        if (!frozen()) files[name] = content;
        return std::shared_ptr<File>(std::make_shared<Handle>(*this, content));
    }
    Result<void> remove(const std::string& name) override {
        if (!change()) return failure("read-only file system");
        const auto found = files.find(name);
        if (found == files.end() || frozen()) return {};
        if (found->second->named) removed[name] = found->second;
        files.erase(found);
        return {};
    }
    Result<void> rename(const std::string& from, const std::string& to) override {
        if (!change()) return failure("read-only file system");
        files[to] = files.at(from);
        files.erase(from);
        return {};
    }
    Result<void> sync() override {
        if (sync_fails) return failure("input/output error");
        if (frozen()) return {};
        ++syncs;
        removed.clear();
        for (auto& [name, content] : files) content->named = true;
        return {};
    }

  private:
    bool change() {
        ++changes;
        return changes <= fails_from || changes > fails_until;
    }
    bool frozen() const { return changes > frozen_from; }

    class Handle final : public File {
      public:
        Handle(MemoryFolder& folder, std::shared_ptr<Content> content)
            : folder_(folder), content_(std::move(content)) {}
        Result<std::uint64_t> size() const override { return std::uint64_t{content_->live.size()}; }
        Result<void> read(std::uint64_t offset, std::size_t most, std::string& into) const override {
            into = offset < content_->live.size() ? content_->live.substr(offset, most) : std::string();
            return {};
        }
        Result<void> write(std::uint64_t offset, std::string_view bytes) override {
            const bool good = folder_.change();
            if (folder_.frozen()) return {};
            if (!good) bytes = bytes.substr(0, bytes.size() / 2);  // a full disk takes a part
            auto& live = content_->live;
            live.resize(std::max(live.size(), static_cast<std::size_t>(offset) + bytes.size()));
            live.replace(static_cast<std::size_t>(offset), bytes.size(), bytes);
            if (!good) return failure("no space left on device");
            return {};
        }
        Result<void> truncate(std::uint64_t size) override {
            if (!folder_.change()) return failure("input/output error");
            if (!folder_.frozen()) content_->live.resize(static_cast<std::size_t>(size));
            return {};
        }
        Result<void> sync() override {
            if (folder_.sync_fails) return failure("input/output error");
            if (folder_.frozen()) return {};
            ++folder_.syncs;
            content_->durable = content_->live;
            return {};
        }

      private:
        MemoryFolder& folder_;
        std::shared_ptr<Content> content_;
    };
    std::string path_ = "memory";
};

}  // namespace pifleet::forwarder
