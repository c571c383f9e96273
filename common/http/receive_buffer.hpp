// What has come of an answer and is not read yet. Bytes are overwritten as soon as they have been read, and
// the memory is given back while nothing waits: a watch may be quiet for minutes, and what it told may have
// been secret. Private to common/http.
#pragma once

#include <boost/asio/buffer.hpp>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <cstddef>
#include <memory>

namespace pifleet::http {

class ReceiveBuffer {
  public:
    ReceiveBuffer() = default;
    ~ReceiveBuffer() { release(); }
    ReceiveBuffer(const ReceiveBuffer&) = delete;
    ReceiveBuffer& operator=(const ReceiveBuffer&) = delete;

    std::size_t size() const { return end_ - begin_; }
    boost::asio::const_buffer data() const { return {memory_.get() + begin_, size()}; }

    void consume(std::size_t count) {
        ::explicit_bzero(memory_.get() + begin_, count);
        begin_ += count;
        if (begin_ == end_) begin_ = end_ = 0;
    }

    /// Room behind what is there, which is moved.
    boost::asio::mutable_buffer prepare(std::size_t room) {
        if (capacity_ - end_ < room) move_to(size() + room);
        return {memory_.get() + end_, room};
    }
    void commit(std::size_t count) { end_ += count; }

    void release() {
        if (memory_) ::explicit_bzero(memory_.get() + begin_, size());
        memory_.reset();
        begin_ = end_ = capacity_ = 0;
    }

    /// Gives back all but what is there: mostly nothing, or the line end behind a chunk.
    void shrink() {
        if (size() == 0)
            release();
        else if (size() < capacity_ / 4)
            move_to(size());
    }

  private:
    void move_to(std::size_t capacity) {
        const auto held = size();
        auto memory = std::make_unique_for_overwrite<char[]>(capacity);
        std::copy_n(memory_.get() + begin_, held, memory.get());
        release();
        memory_ = std::move(memory);
        capacity_ = capacity;
        end_ = held;
    }

    std::unique_ptr<char[]> memory_;
    std::size_t begin_ = 0, end_ = 0, capacity_ = 0;
};

}  // namespace pifleet::http
