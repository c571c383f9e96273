// The answer to one step of a Plan as it streams in: objects go to the sink, what they mean to the plan.
// Private to common/kubernetes.
#pragma once

#include "common/http/client.hpp"
#include "common/kubernetes/plan.hpp"
#include "common/kubernetes/splitter.hpp"
#include "common/kubernetes/watcher.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace pifleet::kubernetes {

class Answer final : public http::BodySink, private SplitSink {
  public:
    using Time = Plan::Time;

    /// `sink` may be taken away on the way, by setting it to null: the transfer ends with an error then. All
    /// must outlive it.
    /// `credentials` says for a message where ours come from.
    Answer(const Plan::Step& step,
           const WatcherOptions& options,
           std::string_view credentials,
           Plan& plan,
           ObjectSink*& sink);

    Result<void> on_head(const http::ResponseHead& head) override;
    Result<void> on_body(std::string_view piece) override;
    std::optional<http::Client::Deadline> deadline() override { return deadline_; }
    std::chrono::milliseconds rest() override;

    /// Once the transfer has ended, by `error` unless it is null: tells the plan.
    void finish(const Error* error, Time now);

    /// The server did not take our credentials.
    bool unauthorized() const { return status_ == 401; }
    /// An answer of the API has begun, whatever became of it.
    bool begun() const { return status_ != 0; }

  private:
    void element(std::string_view json) override;
    void too_large(std::string_view identity) override;
    void list_element(std::string_view json);
    void event(std::string_view type, std::string_view json);
    void heard(Time now);
    Refusal refusal() const;

    const Plan::Step step_;
    const bool table_;
    const std::string_view credentials_;
    Plan& plan_;
    ObjectSink*& sink_;
    Splitter splitter_;
    Time began_;
    http::Client::Deadline deadline_;

    unsigned status_ = 0;
    bool json_ = false;  // the answer is JSON of status 200
    std::string other_;  // what came instead, its beginning
    std::string type_;   // Content-Type
    std::optional<std::chrono::seconds> retry_after_;
    std::optional<Refusal> error_event_;
    std::size_t objects_ = 0, bytes_ = 0;
};

}  // namespace pifleet::kubernetes
