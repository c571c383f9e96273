#include "exporters/k8s_state/json.hpp"

#include <cmath>

namespace pifleet::k8s {

Json Json::operator[](std::string_view key) const {
    const auto* object = value_ == nullptr ? nullptr : value_->if_object();
    if (object == nullptr) return {};
    const auto* member = object->if_contains({key.data(), key.size()});
    return member == nullptr ? Json() : Json(*member);
}

std::string_view Json::text() const {
    const auto* string = value_ == nullptr ? nullptr : value_->if_string();
    return string == nullptr ? std::string_view() : std::string_view(string->data(), string->size());
}

std::optional<double> Json::number() const {
    if (value_ == nullptr || !value_->is_number()) return std::nullopt;
    return value_->to_number<double>();
}

std::optional<std::int64_t> Json::integer() const {
    if (value_ == nullptr) return std::nullopt;
    if (const auto* whole = value_->if_int64()) return *whole;
    constexpr double most = 9.2e18;
    const auto real = number();
    if (!real || !(std::fabs(*real) < most) || std::trunc(*real) != *real) return std::nullopt;
    return static_cast<std::int64_t>(*real);
}

std::optional<bool> Json::boolean() const {
    const auto* flag = value_ == nullptr ? nullptr : value_->if_bool();
    return flag == nullptr ? std::nullopt : std::optional(*flag);
}

std::size_t Json::size() const {
    if (is_list()) return value_->get_array().size();
    return is_object() ? value_->get_object().size() : 0;
}

}  // namespace pifleet::k8s
