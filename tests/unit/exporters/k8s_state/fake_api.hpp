// A kind of the tests' own, and an API server that does what a test says: it keeps the sinks of its watches.
#pragma once

#include "exporters/k8s_state/api.hpp"
#include "exporters/k8s_state/kind.hpp"
#include "exporters/k8s_state/resources/common.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace pifleet::k8s::test {

inline constexpr std::string_view thing_identity[] = {"namespace", "thing"};
inline constexpr FamilyRow thing_families[] = {
    {"kube_thing_info", metrics::Type::gauge, "1 for \"every\" thing.", render_one},
    {"kube_thing_created", metrics::Type::gauge, "When the thing was made.", render_created},
    {"kube_thing_rare_total", metrics::Type::counter, "Seldom.", render_deletion_timestamp},
    {"kube_thing_labels", metrics::Type::gauge, "Labels of the thing.", render_labels},
    {"kube_thing_owner", metrics::Type::gauge, "Who owns the thing.", render_owner, true},
};
inline constexpr ResourceKind things{"things", "/apis/x/v1", true, true, thing_identity, thing_families};
inline constexpr ResourceKind pods{"pods", "/api/v1", true, true, thing_identity, thing_families};
inline constexpr ResourceKind worlds{"worlds", "/api/v1", false, true, thing_identity, thing_families};
inline constexpr ResourceKind secrets{
    "secrets", "/api/v1", true, false, thing_identity, thing_families, Form::table};
inline constexpr const ResourceKind* kinds[] = {&pods, &secrets, &things, &worlds};

inline std::string thing(const std::string& name,
                         const std::string& more = "",
                         const std::string& ns = "media") {
    return R"({"metadata":{"namespace":")" + ns + R"(","name":")" + name + R"(","uid":"u-)" + name +
           R"(","creationTimestamp":"1970-01-01T00:01:40Z")" + more + "}}";
}

class FakeApi {
  public:
    struct Watched : Watch {
        Watched(FakeApi& a, kubernetes::WatcherOptions o, kubernetes::ObjectSink& s)
            : api(a), options(std::move(o)), sink(s) {
            api.open.push_back(this);
        }
        ~Watched() override { std::erase(api.open, this); }
        const kubernetes::WatcherStatus& status() const override { return now; }

        void list(const std::vector<std::string>& objects) {
            sink.begin_list();
            for (const auto& object : objects) sink.object(object);
            sink.end_list();
            now.listed = true;
            ++now.lists;
            now.state = kubernetes::WatcherStatus::State::watching;
        }

        FakeApi& api;
        const kubernetes::WatcherOptions options;
        kubernetes::ObjectSink& sink;
        kubernetes::WatcherStatus now;
    };

    MakeWatch watch() {
        return [this](kubernetes::WatcherOptions options, kubernetes::ObjectSink& sink) {
            ++made;
            return std::make_unique<Watched>(*this, std::move(options), sink);
        };
    }

    std::vector<Watched*> open;
    int made = 0;
};

}  // namespace pifleet::k8s::test
