// A batch on its way: which of its samples go in the next request. As a rule all of them. When the receiver
// refuses a request because of one series in it, halves go by themselves, down to that series: parts are cut
// between series, so that they may go in any order; a batch that spans more than a few minutes is cut by time
// first, oldest slice first, because receivers refuse what is much older than the newest they have.
#pragma once

#include "forwarder/sample_log/sample_log.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <vector>

namespace pifleet::forwarder {

class Bisection {
  public:
    using Known = std::function<bool(SeriesId)>;

    static constexpr std::chrono::milliseconds slice{300'000};

    /// Begins with a batch in the order of the log; takes it and gives the room of the one before. Series of
    /// which `known` says that they were refused lately go by themselves, after the others; it is asked again
    /// for every slice.
    void begin(std::vector<Sample>& samples, Known known);

    bool done() const { return parts_.empty(); }

    /// What goes next, until one of the functions below is called. Not to be called when done.
    std::span<const Sample> next() const;
    bool alone() const { return next_is_alone_; }  // it is of one series
    bool known() const { return parts_[next_].known; }
    bool whole() const { return next().size() == samples_.size(); }

    /// It was taken. When it was one half of a part that was refused, the other half needs no request to be
    /// cut on.
    void delivered();
    /// It was refused as a whole: another part, or a half of it, is next. One that is alone comes again.
    void refused();
    /// It is too large: both halves are next. Of one that is alone there is no half: drop() it.
    void halve();
    /// Its other half was refused as well: they are one again.
    void rejoin();
    /// It is done with, untaken.
    void drop();
    /// All of this slice that was refused is done with; what it was not yet asked for stays. Gives the
    /// samples dropped.
    std::size_t drop_refused();
    /// Everything is done with. Gives the samples dropped.
    std::size_t drop_all();

  private:
    struct Part {
        std::size_t begin, end;  // in samples_
        std::size_t pair;        // the same for two halves of a refused part; 0: not a half
        bool tried;              // refused as a whole
        bool known;
    };
    std::size_t size(const Part& part) const { return part.end - part.begin; }
    bool one_series(const Part& part) const;
    void cut_by_time();
    void open_slice();
    void split(std::size_t part, bool because_refused);
    void remove(std::size_t part);
    void choose();

    std::vector<Sample> samples_;
    Known known_;
    std::vector<Part> parts_;          // of the slice that is open
    std::vector<std::size_t> slices_;  // the ends of the slices to come, the nearest last
    std::size_t slice_begin_ = 0;
    std::size_t next_ = 0;  // in parts_
    std::size_t pairs_ = 0;
    bool next_is_alone_ = false;
    bool cut_ = false;  // samples_ stand by slice, series and time; before: as in the log
};

}  // namespace pifleet::forwarder
