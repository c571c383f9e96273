// Mappings read by tables: a row is a key, its default for the documentation, a line of help and how to read
// it. Unknown keys are faults that name the nearest key; every fault of a file is reported, not only the
// first.
#pragma once

#include "common/config/tree.hpp"
#include "common/config/values.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::config {

template <class T>
struct Field {
    std::string_view key;
    std::string_view preset;  // as it would stand in the file; for the reference, not for the code
    std::string_view help;
    void (*read)(const Node&, T&, Faults&);  // null: the key is accepted and has no effect here
};

/// A row that decodes into a member: field<&Global::scrape_interval>("scrape_interval", "1m", "…").
/// `decode` overloads for own types are found by argument-dependent lookup.
namespace detail {
template <class>
struct MemberOf;
template <class T, class M>
struct MemberOf<M T::*> {
    using Class = T;
};
}  // namespace detail

template <auto Member>
constexpr auto field(std::string_view key, std::string_view preset, std::string_view help) {
    using T = typename detail::MemberOf<decltype(Member)>::Class;
    return Field<T>{key, preset, help, [](const Node& node, T& into, Faults& faults) {
                        decode(node, into.*Member, faults);
                    }};
}

/// Says that `node` must be a mapping and is something else.
bool expect_mapping(const Node& node, Faults& faults);
void unknown_key(const Node& key, std::span<const std::string_view> known, Faults& faults);

template <class T>
void read_mapping(const Node& node, std::span<const Field<T>> rows, T& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !expect_mapping(node, faults)) return;
    for (const auto& [key, value] : node.members) {
        const Field<T>* row = nullptr;
        for (const auto& candidate : rows)
            if (candidate.key == key.text) row = &candidate;
        if (row == nullptr) {
            std::vector<std::string_view> known;
            for (const auto& candidate : rows) known.push_back(candidate.key);
            unknown_key(key, known, faults);
        } else if (row->read != nullptr) {
            row->read(value, into, faults);
        }
    }
}

/// A list of anything that `decode` can read; `null` is an empty list.
bool expect_sequence(const Node& node, Faults& faults);
template <class T>
void decode(const Node& node, std::vector<T>& into, Faults& faults) {
    if (node.kind == Node::Kind::null || !expect_sequence(node, faults)) return;
    for (const auto& item : node.items) {
        T value{};
        decode(item, value, faults);
        into.push_back(std::move(value));
    }
}

}  // namespace pifleet::config
