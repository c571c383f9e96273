// An object of the API, read without trust: what is missing, null or of another type reads as nothing, and
// never throws. Views into a parsed document, which must outlive them. boost::json holds the document: for
// one object at a time, in a buffer that is kept.
#pragma once

#include <boost/json/value.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace pifleet::k8s {

class Json {
  public:
    Json() = default;  // nothing
    explicit Json(const boost::json::value& value) : value_(value.is_null() ? nullptr : &value) {}

    /// The member of this name; nothing when this is no object or has none.
    Json operator[](std::string_view key) const;

    /// Whether there is anything; null is nothing.
    explicit operator bool() const { return value_ != nullptr; }

    bool is_text() const { return value_ != nullptr && value_->is_string(); }
    bool is_object() const { return value_ != nullptr && value_->is_object(); }
    bool is_list() const { return value_ != nullptr && value_->is_array(); }

    /// The text, or "" when it is none.
    std::string_view text() const;
    /// A number of any JSON spelling; nothing when it is none.
    std::optional<double> number() const;
    std::optional<std::int64_t> integer() const;
    /// Nothing when it is neither true nor false.
    std::optional<bool> boolean() const;
    bool is_true() const { return boolean().value_or(false); }

    /// Items of a list, or members of an object; 0 for anything else.
    std::size_t size() const;

    /// for (const Json item : list.items()): none when it is no list.
    class Items;
    Items items() const;
    /// for (const auto& [name, value] : object.members()), in the document's order: none when it is no
    /// object.
    class Members;
    Members members() const;

  private:
    const boost::json::value* value_ = nullptr;
};

class Json::Items {
  public:
    struct Iterator {
        const boost::json::value* at;
        Json operator*() const { return Json(*at); }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at != other.at; }
    };
    Items(const boost::json::value* begin, std::size_t size) : begin_(begin), size_(size) {}
    Iterator begin() const { return {begin_}; }
    Iterator end() const { return {begin_ + size_}; }

  private:
    const boost::json::value* begin_;
    std::size_t size_;
};

class Json::Members {
  public:
    struct Iterator {
        const boost::json::key_value_pair* at;
        std::pair<std::string_view, Json> operator*() const {
            return {{at->key().data(), at->key().size()}, Json(at->value())};
        }
        Iterator& operator++() {
            ++at;
            return *this;
        }
        bool operator!=(const Iterator& other) const { return at != other.at; }
    };
    Members(const boost::json::key_value_pair* begin, std::size_t size) : begin_(begin), size_(size) {}
    Iterator begin() const { return {begin_}; }
    Iterator end() const { return {begin_ + size_}; }

  private:
    const boost::json::key_value_pair* begin_;
    std::size_t size_;
};

inline Json::Items Json::items() const {
    const auto* list = value_ == nullptr ? nullptr : value_->if_array();
    return list == nullptr ? Items(nullptr, 0) : Items(list->data(), list->size());
}

inline Json::Members Json::members() const {
    const auto* object = value_ == nullptr ? nullptr : value_->if_object();
    return object == nullptr ? Members(nullptr, 0) : Members(object->begin(), object->size());
}

}  // namespace pifleet::k8s
