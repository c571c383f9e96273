// A stream of the API (the answer to LIST, or the events of a WATCH) cut into its objects as it comes, each
// given as one text. There is no tree: brackets are followed down to an object's metadata and no further.
// metadata.managedFields and the annotation kubectl.kubernetes.io/last-applied-configuration, which can hold
// whole Secrets, are passed over where they stand: no byte of them is copied. Private to common/kubernetes.
#pragma once

#include "common/base/result.hpp"
#include "common/kubernetes/value_scanner.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

class SplitSink {
  public:
    virtual ~SplitSink() = default;
    /// An object of the list or of the event type(); of a table: a row. Valid during the call.
    virtual void element(std::string_view json) = 0;
    /// One that is over the limit: no more of it than its metadata, and nothing where that does not fit or
    /// had not come yet.
    virtual void too_large(std::string_view identity) = 0;
};

struct ListHead {
    std::string version;  // resourceVersion
    std::string next;     // continue
    std::optional<std::uint64_t> remaining;
};

class Splitter {
  public:
    enum class Form { list, watch };

    /// `table`: the objects are server-side tables. The sink must outlive it.
    Splitter(Form form, bool table, std::size_t most_object, SplitSink& sink);

    /// The error is that this is no such stream; nothing can be fed after it.
    Result<void> feed(std::string_view piece);

    /// At the end: a list must be whole; a watch may end anywhere, though what it began is lost.
    Result<ListHead> end_list() const;
    bool between_events() const { return depth_ == 0; }

    /// Of the event that is under way: "ADDED", "BOOKMARK", …
    const std::string& type() const { return type_; }

  private:
    static constexpr std::size_t most_captured = 64 * 1024;  // of a list's own metadata

    enum class Level : std::uint8_t { event, list, elements, row, object, metadata, annotations };
    enum class At : std::uint8_t {
        start,          // of the whole or of the next event
        first_key,      // behind '{'
        next_key,       // behind ','
        key,            // within
        colon,          //
        value,          // before it
        body,           // of a value that is taken whole
        first_element,  // behind '['
        next_element,   // behind ','
        after,          // behind a member or an element
        end,            // of a list
    };
    enum class Take : std::uint8_t { keep, pass, capture, give_up };  // what becomes of a body

    Result<void> step(char c);
    Result<void> value_begins(char c);
    Result<void> element_begins(char c);
    std::optional<Level> below(char c) const;
    std::string* captured();
    bool cut() const;
    const char* take_key(const char* at, const char* end);
    const char* take_body(const char* at, const char* end);
    void key_ends();
    void open(Level level);
    void close();
    void close_element();
    void member_text();
    std::string_view name() const { return key_escapes_ ? name_ : key_; }
    bool in_text() const { return depth_ > 0 && stack_[depth_ - 1].level >= Level::row; }
    std::size_t text_depth() const;
    void check_size(bool within_string, bool within_body);
    void give_up(std::size_t brackets);
    Error unexpected(char c) const;

    struct Open {
        Level level;
        bool members;  // one has been kept already
    };
    const Form form_;
    const bool table_;
    const std::size_t most_;
    SplitSink& sink_;

    At at_ = At::start;
    Take take_ = Take::keep;
    bool escaped_ = false;      // in a key, behind a backslash
    bool key_escapes_ = false;  // the key has any
    std::size_t depth_ = 0;
    std::array<Open, 7> stack_{};
    ValueScanner scanner_;
    std::string key_;                                    // as it stands, without quotes
    std::string name_;                                   // what it means, where that differs
    std::string text_;                                   // of the element so far
    std::size_t metadata_begin_ = 0, metadata_end_ = 0;  // in text_
    std::string* into_ = nullptr;                        // what is captured
    std::string type_, kind_, message_, head_;
    bool listed_ = false;  // the items have come, or null in their place
    std::uint64_t bytes_ = 0;
};

}  // namespace pifleet::kubernetes
