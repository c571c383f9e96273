#include "exporters/node/field_metrics.hpp"

#include "exporters/node/device_filter.hpp"

#include <re2/re2.h>

#include <algorithm>

namespace pifleet::node {

namespace {

// A kernel names some hundred fields, always the same ones.
constexpr std::size_t most_fields = 4096;

bool metric_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace

FieldMetrics::FieldMetrics(std::string prefix, metrics::Type type, std::string help)
    : prefix_(std::move(prefix)), type_(type), help_(std::move(help)) {}
FieldMetrics::FieldMetrics(FieldMetrics&&) noexcept = default;
FieldMetrics& FieldMetrics::operator=(FieldMetrics&&) noexcept = default;
FieldMetrics::~FieldMetrics() = default;

Result<void> FieldMetrics::want_only(const process::CommandLine& flags, std::string_view flag) {
    auto pattern = compile_pattern(flags, flag);
    if (!pattern) return pattern.error();
    pattern_ = std::move(*pattern);
    return {};
}

const FieldMetrics::Field& FieldMetrics::operator[](std::string_view name) {
    Field* field = last_ != nullptr ? last_->next : nullptr;
    if (field == nullptr || field->field != name) {
        field = &look_up(name);
        if (last_ != nullptr) last_->next = field;
    }
    last_ = field;
    return *field;
}

FieldMetrics::Field& FieldMetrics::look_up(std::string_view name) {
    if (const auto known = fields_.find(name); known != fields_.end()) return known->second;
    if (fields_.size() >= most_fields) {
        fields_.clear();
        last_ = nullptr;
    }
    const auto place = fields_.try_emplace(std::string(name)).first;
    auto& field = place->second;
    field.valid = !name.empty() && std::all_of(name.begin(), name.end(), metric_character);
    field.wanted = field.valid && (!pattern_ || matches(*pattern_, name));
    field.name = prefix_ + std::string(name);
    field.help = help_ + std::string(name);
    field.family = {field.name, type_, field.help};
    field.field = place->first;
    return field;
}

}  // namespace pifleet::node
