// Work that may hang (a bus, a daemon, a name that does not resolve), done in a thread beside the scrape. The
// scrape waits for it so long and no longer; while it goes on unheard, the next scrapes do not wait at all.
// Once something was late it is waited for but briefly, until it has answered in time again: what hangs costs
// one scrape its limit.
#pragma once

#include "common/base/result.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace pifleet::node {

/// Used by one thread. At most one thread of its own, which ends with the work and may outlive this.
class Aside {
  public:
    /// `who` is for the errors: "systemd".
    Aside(std::string who, std::chrono::milliseconds limit);
    ~Aside();
    Aside(const Aside&) = delete;
    Aside& operator=(const Aside&) = delete;

    /// What the work gives, or the error that it is late. It must own all that it touches, and end at last.
    template <class T>
    Result<T> ask(std::function<Result<T>()> work) {
        auto answer = std::make_shared<std::optional<Result<T>>>();
        const auto ran = run([answer, asked = std::move(work)] { answer->emplace(asked()); });
        if (!ran) return ran.error();
        return std::move(**answer);
    }

    static constexpr std::chrono::milliseconds brief{100};

  private:
    struct Shared;
    /// Good: the work has ended.
    Result<void> run(std::function<void()> work);

    std::string who_;
    std::chrono::milliseconds limit_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace pifleet::node
