// Whatever settings of the kernel the flags name, as numbers or as texts.
#include "common/base/files.hpp"
#include "common/base/text.hpp"
#include "exporters/node/collector.hpp"
#include "exporters/node/line_reader.hpp"
#include "exporters/node/machine_files.hpp"

#include <string>
#include <vector>

namespace pifleet::node {

namespace {

using process::FlagKind;

constexpr metrics::Family info{
    "node_sysctl_info", metrics::Type::gauge, "Settings of the kernel that are texts."};

constexpr std::string_view numbers_flag = "collector.sysctl.include";
constexpr std::string_view texts_flag = "collector.sysctl.include-info";
constexpr process::Flag flags[] = {
    {numbers_flag,
     FlagKind::list,
     "",
     "Setting that is a number, or NAME:KEY,KEY for one of several numbers; may be repeated."},
    {texts_flag, FlagKind::list, "", "Setting that is a text; may be repeated."},
};

struct Setting {
    std::string name;  // as sysctl(8) spells it
    std::string metric;
    std::vector<std::string> keys;
    bool numeric;

    std::string path() const {
        std::string text = "sys/" + name;
        for (char& c : text)
            if (c == '.') c = '/';
        return text;
    }
};

std::string clean(std::string text) {
    for (char& c : text)
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
            c = '_';
    return text;
}

Setting parse_setting(std::string_view given, bool numeric) {
    const auto colon = given.find(':');
    Setting setting{std::string(given.substr(0, colon)), {}, {}, numeric};
    setting.metric = "node_sysctl_" + clean(setting.name);
    if (colon != std::string_view::npos)
        for (const auto key : split(given.substr(colon + 1), ','))
            setting.keys.emplace_back(clean(std::string(key)));
    return setting;
}

Result<void> add_numbers(const Setting& setting,
                         const std::vector<std::string_view>& words,
                         metrics::Page& page) {
    const auto help = "The kernel's setting " + setting.name + ".";
    if (!setting.keys.empty() && setting.keys.size() != words.size())
        return failure("sysctl " + setting.name + " has " + std::to_string(words.size()) +
                       " numbers and the flag " + std::to_string(setting.keys.size()) + " keys");
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto value = to_int(words[i]);
        if (!value) return not_a_number("sysctl " + setting.name, words[i]);
        const auto number = static_cast<double>(*value);
        if (!setting.keys.empty())
            page.add({setting.metric + "_" + setting.keys[i], metrics::Type::unknown, help}, number);
        else if (words.size() == 1)
            page.add({setting.metric, metrics::Type::unknown, help}, number);
        else
            page.add({setting.metric, metrics::Type::unknown, help}, {{"index", std::to_string(i)}}, number);
    }
    return {};
}

Result<void> add_setting(const Host& host, const Setting& setting, metrics::Page& page) {
    const auto text = read_line(host.proc(setting.path()));
    if (!text) return failure(text.error().message);
    const auto words = fields(*text);
    if (words.empty()) return failure("sysctl " + setting.name + " is empty");
    if (setting.numeric) return add_numbers(setting, words, page);
    for (std::size_t i = 0; i < words.size(); ++i)
        page.add(
            info, {{"index", std::to_string(i)}, {"name", setting.name}, {"value", valid_utf8(words[i])}}, 1);
    return {};
}

class Sysctl final : public Collector {
  public:
    explicit Sysctl(std::vector<Setting> settings) : settings_(std::move(settings)) {}

    Result<void> collect(const Host& host, metrics::Page& page) override {
        Result<void> result;
        for (const auto& setting : settings_) note(result, add_setting(host, setting, page));
        return result;
    }

  private:
    std::vector<Setting> settings_;
};

Result<std::unique_ptr<Collector>> make(const process::CommandLine& given) {
    std::vector<Setting> settings;
    for (const auto& each : given.list(numbers_flag))
        if (!each.empty()) settings.push_back(parse_setting(each, true));
    for (const auto& each : given.list(texts_flag))
        if (!each.empty()) settings.push_back(parse_setting(each, false));
    return std::make_unique<Sysctl>(std::move(settings));
}

}  // namespace

extern const CollectorKind sysctl_kind;
constinit const CollectorKind sysctl_kind{
    "sysctl", false, "settings of the kernel that the flags name", flags, make};

}  // namespace pifleet::node
