#include "exporters/k8s_state/selection.hpp"

#include "exporters/k8s_state/family_filter.hpp"
#include "fake_api.hpp"
#include "tests/catch.hpp"

using namespace pifleet;
using namespace pifleet::k8s;
using namespace pifleet::k8s::test;

namespace {

std::string names(const Plan& plan) {
    std::string out;
    for (const auto& kind : plan.kinds) (out += kind.kind->name) += ' ';
    return out;
}

Names paths(const KindPlan& kind) {
    Names out;
    for (const auto& watch : kind.watches)
        out.push_back(watch.path + (watch.field_selector.empty() ? "" : "?" + watch.field_selector));
    return out;
}

const KindPlan& kind(const Plan& plan, std::string_view name) {
    for (const auto& each : plan.kinds)
        if (each.kind->name == name) return each;
    FAIL("no such kind");
    return plan.kinds.front();
}

std::string families(const KindPlan& kind) {
    std::string out;
    for (const auto* family : kind.render.families) (out += family->name.substr(11)) += ' ';
    return out;
}

std::string error(const Options& options) {
    const auto plan = make_plan(options, kinds);
    return plan ? std::string() : plan.error().message;
}

}  // namespace

TEST_CASE("without a choice the kinds are watched that are on by default", "[selection]") {
    const auto plan = make_plan({}, kinds);
    REQUIRE(plan.has_value());
    CHECK(names(*plan) == "pods things worlds ");
    CHECK(paths(kind(*plan, "pods")) == Names{"/api/v1/pods"});
    CHECK(paths(kind(*plan, "things")) == Names{"/apis/x/v1/things"});
    CHECK(families(kind(*plan, "things")) == "info created rare_total labels ");
    CHECK(plan->warnings.empty());
}

TEST_CASE("resources are chosen by name, in the page's order", "[selection]") {
    Options options;
    options.resources = {"worlds", "secrets"};
    const auto plan = make_plan(options, kinds);
    REQUIRE(plan.has_value());
    CHECK(names(*plan) == "secrets worlds ");
    CHECK(kind(*plan, "secrets").watches[0].as_table);
    options.resources = {"pod"};
    CHECK(error(options) == "--resources: there is no resource 'pod' (did you mean 'pods'?)");
    options.resources = {"qqqqqqqqqqqq"};
    CHECK(error(options) ==
          "--resources: there is no resource 'qqqqqqqqqqqq'; there are pods secrets things worlds");
}

TEST_CASE("namespaces are watched one by one, or left out by a selector", "[selection]") {
    Options options;
    options.namespaces = {"media", "ci", "media"};
    options.use_apiserver_cache = true;
    options.object_limit = 7;
    auto plan = make_plan(options, kinds);
    REQUIRE(plan.has_value());
    CHECK(paths(kind(*plan, "things")) ==
          Names{"/apis/x/v1/namespaces/media/things", "/apis/x/v1/namespaces/ci/things"});
    CHECK(paths(kind(*plan, "worlds")) == Names{"/api/v1/worlds"});  // belongs to no namespace
    CHECK(kind(*plan, "things").watches[0].from_cache);
    CHECK(kind(*plan, "things").watches[1].most_objects == 7);
    options.namespaces_denylist = {"media"};
    plan = make_plan(options, kinds);
    CHECK(paths(kind(*plan, "things")) == Names{"/apis/x/v1/namespaces/ci/things"});
    options.namespaces = {"media"};
    CHECK(error(options) == "--namespaces: --namespaces-denylist leaves none of them");
    options.namespaces = {};
    options.namespaces_denylist = {"a", "b"};
    plan = make_plan(options, kinds);
    CHECK(paths(kind(*plan, "things")) ==
          Names{"/apis/x/v1/things?metadata.namespace!=a,metadata.namespace!=b"});
    CHECK(paths(kind(*plan, "worlds")) == Names{"/api/v1/worlds"});
    options.namespaces = {"../x"};
    CHECK(error(options) == "--namespaces: '../x' is no namespace's name");
}

TEST_CASE("an exporter a node has that node's pods", "[selection]") {
    Options options;
    options.nodes = {"pi-1", "pi-2"};
    auto plan = make_plan(options, kinds);
    REQUIRE(plan.has_value());
    CHECK(names(*plan) == "pods ");
    CHECK(paths(plan->kinds[0]) ==
          Names{"/api/v1/pods?spec.nodeName=pi-1", "/api/v1/pods?spec.nodeName=pi-2"});
    options.namespaces = {"ci"};
    options.nodes = {"pi-1"};
    CHECK(paths(make_plan(options, kinds)->kinds[0]) ==
          Names{"/api/v1/namespaces/ci/pods?spec.nodeName=pi-1"});
    options.namespaces = {};
    options.namespaces_denylist = {"ci"};
    CHECK(paths(make_plan(options, kinds)->kinds[0]) ==
          Names{"/api/v1/pods?metadata.namespace!=ci,spec.nodeName=pi-1"});
    options.namespaces_denylist = {};
    options.track_unscheduled_pods = true;
    CHECK(paths(make_plan(options, kinds)->kinds[0]) == Names{"/api/v1/pods?spec.nodeName="});
    options.resources = {"pods", "things"};
    CHECK(error(options).starts_with("--node: only pods belong to a node, 'things' does not"));
}

TEST_CASE("families are chosen by lists of names and expressions", "[selection]") {
    Options options;
    options.metric_denylist = {"^kube_thing_info$", "_created"};
    options.metric_opt_in_list = {"kube_thing_owner"};
    CHECK(families(make_plan(options, kinds)->kinds[0]) == "rare_total labels owner ");
    options.metric_denylist = {};
    options.metric_allowlist = {"kube_thing_.*o"};
    CHECK(families(make_plan(options, kinds)->kinds[0]) == "info rare_total owner ");
    options.metric_opt_in_list = {};
    CHECK(families(make_plan(options, kinds)->kinds[0]) == "info rare_total ");
    options.metric_allowlist = {"kube_thing_infos"};
    CHECK(error(options) == "nothing is left to show: no resource, or no family of any");
    options.metric_allowlist = {"kube_thing_info", "kube_thing_crated"};
    CHECK(make_plan(options, kinds)->warnings ==
          Names{"--metric-allowlist: no family is called 'kube_thing_crated' (did you mean "
                "'kube_thing_created'?)"});
    options.metric_denylist = {"x"};
    CHECK(error(options) == "--metric-allowlist and --metric-denylist: only one of them may be given");
    options.metric_denylist = {};
    options.metric_allowlist = {"kube_(thing"};
    CHECK(error(options).starts_with("--metric-allowlist: 'kube_(thing' is no regular expression"));
}

TEST_CASE("an expression may look ahead, as in JavaScript", "[selection]") {
    const auto filter = FamilyFilter::make({"^(?!kube_(pod|job)_)kube_"});
    REQUIRE(filter.has_value());
    CHECK(filter->fits("kube_node_info"));
    CHECK_FALSE(filter->fits("kube_pod_info"));
    CHECK_FALSE(filter->fits("kube_job_info"));
    CHECK_FALSE(filter->fits("up"));
    CHECK(FamilyFilter::make({"pod_(?=info)"})->fits("kube_pod_info"));
    CHECK_FALSE(FamilyFilter::make({"pod_(?=info)"})->fits("kube_pod_labels"));
    CHECK_FALSE(FamilyFilter::make({"^(?!a"}).has_value());
    CHECK(FamilyFilter::make({})->empty());
}

TEST_CASE("labels are allowed by resource, and for all of them", "[selection]") {
    Options options;
    options.labels_allowlist = {{"things", {"app", "team/*"}}, {"*", {"zone"}}};
    const auto plan = make_plan(options, kinds);
    REQUIRE(plan.has_value());
    const auto& things_labels = kind(*plan, "things").render.labels;
    CHECK((things_labels.allows("app") && things_labels.allows("team/x") && things_labels.allows("zone")));
    const auto& pod_labels = kind(*plan, "pods").render.labels;
    CHECK((pod_labels.allows("zone") && !pod_labels.allows("app")));
    CHECK(kind(*plan, "pods").render.annotations.empty());
    options.labels_allowlist = {{"thing", {"app"}}};
    CHECK(error(options) ==
          "--metric-labels-allowlist: there is no resource 'thing' (did you mean 'things'?)");
    options.labels_allowlist = {};
    options.annotations_allowlist = {{"pods", {"*a*"}}};
    CHECK(error(options) == "--metric-annotations-allowlist: '*a*': a key has one '*' at most");
}

TEST_CASE("kinds of the user's own are planned apart, and may be all there is", "[selection]") {
    Options options;
    const ResourceKind* const own[] = {&worlds};
    const auto owner = std::make_shared<int>();
    const auto custom = make_custom_plan(options, own, owner);
    REQUIRE(custom.has_value());
    CHECK(names(*custom) == "worlds ");
    CHECK(custom->kinds[0].owner == owner);
    options.custom_only = true;
    CHECK_FALSE(make_plan(options, kinds).has_value());
    options.custom_config_file = "x.yml";
    CHECK(make_plan(options, kinds)->kinds.empty());
}
