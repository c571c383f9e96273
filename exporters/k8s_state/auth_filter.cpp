#include "exporters/k8s_state/auth_filter.hpp"

#include "common/base/text.hpp"
#include "common/process/log.hpp"
#include "exporters/k8s_state/json.hpp"

#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

namespace pifleet::k8s {

namespace {

namespace asio = boost::asio;
namespace json = boost::json;

std::string token_review(const std::string& token) {
    return json::serialize(json::value{
        {"apiVersion", "authentication.k8s.io/v1"}, {"kind", "TokenReview"}, {"spec", {{"token", token}}}});
}

std::string access_review(const json::value& user, const std::string& verb, const std::string& path) {
    json::object spec{{"nonResourceAttributes", {{"path", path}, {"verb", verb}}}};
    const auto* fields = user.if_object();
    for (const auto& [ours, theirs] :
         {std::pair("user", "username"), {"groups", "groups"}, {"uid", "uid"}, {"extra", "extra"}})
        if (const auto* value = fields == nullptr ? nullptr : fields->if_contains(theirs))
            spec[ours] = *value;
    return json::serialize(json::value{{"apiVersion", "authorization.k8s.io/v1"},
                                       {"kind", "SubjectAccessReview"},
                                       {"spec", std::move(spec)}});
}

// The status of a review, or why there is none.
Result<json::value> status_of(const Result<http::Response>& answer) {
    if (!answer) return answer.error();
    if (answer->status != 200 && answer->status != 201)
        return failure("the API server answered " + std::to_string(answer->status));
    boost::system::error_code error;
    auto document = json::parse(answer->body, error);
    const auto* root = error ? nullptr : document.if_object();
    const auto* status = root == nullptr ? nullptr : root->if_contains("status");
    if (status == nullptr) return failure("the API server's answer is no review");
    return *status;
}

std::string bearer_token(const http::Request& request) {
    constexpr std::string_view scheme = "bearer ";
    const auto header = http::find_header(request.headers, "Authorization");
    if (header.size() <= scheme.size() || !equal_ignoring_case(header.substr(0, scheme.size()), scheme))
        return {};
    return std::string(trim(header.substr(scheme.size())));
}

http::Response refusal(unsigned status, const std::string& text) {
    auto response = http::text_response(status, text + '\n');
    if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    return response;
}

}  // namespace

http::Handler AuthFilter::handler(http::Handler inner) {
    struct Bound {
        std::shared_ptr<AuthFilter> filter;
        http::Handler inner;
    };
    const auto bound = std::make_shared<Bound>(Bound{shared_from_this(), std::move(inner)});
    // Not a coroutine itself: what it refers to lives as long as the server's handler.
    return [bound](http::Request request) { return bound->filter->answer(std::move(request), bound->inner); };
}

void AuthFilter::remember(const std::string& key, Verdict verdict) {
    if (remembered_.size() >= most_remembered) {
        const auto oldest = std::min_element(remembered_.begin(), remembered_.end(), [](auto& a, auto& b) {
            return a.second.until < b.second.until;
        });
        remembered_.erase(oldest);
    }
    remembered_[key] = std::move(verdict);
}

asio::awaitable<AuthFilter::Verdict> AuthFilter::ask(std::string token, std::string verb, std::string path) {
    const auto api = api_();
    if (api == nullptr) co_return Verdict{503, "the API server is not known yet", {}};
    auto asking = api->post("/apis/authentication.k8s.io/v1/tokenreviews", token_review(token));
    const auto first = co_await std::move(asking);
    const auto who = status_of(first);
    if (!who) co_return Verdict{503, "who you are cannot be asked: " + who.error().message, {}};
    const Json identity(*who);
    if (!identity["authenticated"].is_true())
        co_return Verdict{401, "the token is not known", Clock::now() + refused_for};
    const auto* user = who->get_object().if_contains("user");
    auto body = access_review(user == nullptr ? json::value() : *user, verb, path);
    auto asking_more = api->post("/apis/authorization.k8s.io/v1/subjectaccessreviews", std::move(body));
    const auto second = co_await std::move(asking_more);
    const auto may = status_of(second);
    if (!may) co_return Verdict{503, "what you may do cannot be asked: " + may.error().message, {}};
    const Json answer(*may);
    if (answer["allowed"].is_true() && !answer["denied"].is_true())
        co_return Verdict{200, {}, Clock::now() + allowed_for};
    const std::string name(identity["user"]["username"].text());
    co_return Verdict{403, name + " may not " + verb + ' ' + path, Clock::now() + refused_for};
}

asio::awaitable<http::Response> AuthFilter::answer(http::Request request, const http::Handler& inner) {
    auto token = bearer_token(request);
    if (token.empty()) co_return refusal(401, "a bearer token is needed");
    auto verb = lower(request.method);
    std::string path(request.path());
    const auto key = verb + ' ' + path + ' ' + token;
    Verdict verdict;
    const auto found = remembered_.find(key);
    if (found != remembered_.end() && Clock::now() < found->second.until) {
        verdict = found->second;
    } else {
        if (under_way_ >= most_under_way)
            co_return refusal(503, "too many tokens are being looked at; try again");
        ++under_way_;
        auto asking = ask(std::move(token), std::move(verb), std::move(path));
        verdict = co_await std::move(asking);
        --under_way_;
        if (verdict.status == 503) log::warn("a scraper's token cannot be checked", {{"err", verdict.text}});
        if (verdict.status != 503) remember(key, verdict);
    }
    if (verdict.status != 200) co_return refusal(verdict.status, verdict.text);
    auto pending = inner(std::move(request));
    co_return co_await std::move(pending);
}

}  // namespace pifleet::k8s
