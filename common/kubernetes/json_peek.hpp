// A look at single members of a JSON text that need not be whole or right. Private to common/kubernetes.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

/// The member's value as it stands, found by the names that lead to it; nothing: it is not there, or the text
/// ends before it does.
std::optional<std::string_view> find_member(std::string_view json,
                                            std::initializer_list<std::string_view> path);

/// What a JSON text in quotes says; of anything else, nothing.
std::string plain_text(std::string_view quoted);

/// Both: the text of a member, empty where it is missing.
std::string text_member(std::string_view json, std::initializer_list<std::string_view> path);

/// The key between the quotes, its escapes resolved.
std::string unescape(std::string_view inner);

}  // namespace pifleet::kubernetes
