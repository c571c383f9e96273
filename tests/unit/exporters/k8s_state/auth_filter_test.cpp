#include "exporters/k8s_state/auth_filter.hpp"

#include "tests/catch.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

using namespace pifleet;
using namespace pifleet::k8s;

namespace {

struct Scene {
    Scene() {
        api->post = [this](std::string path,
                           std::string json) -> boost::asio::awaitable<Result<http::Response>> {
            asked.push_back(path + ' ' + json);
            if (!answers) co_return failure("no answer");
            http::Response response;
            response.status = 201;
            const bool token = path.ends_with("/tokenreviews");
            response.body = token ? token_answer : access_answer;
            co_return response;
        };
    }
    http::Response ask(const std::string& authorization) {
        http::Request request;
        request.target = "/metrics?x=1";
        if (!authorization.empty()) request.headers.push_back({"Authorization", authorization});
        const auto handler = filter->handler([](http::Request) -> boost::asio::awaitable<http::Response> {
            co_return http::text_response(200, "page");
        });
        http::Response out;
        boost::asio::io_context io;
        boost::asio::co_spawn(io, handler(std::move(request)), [&](std::exception_ptr, http::Response got) {
            out = std::move(got);
        });
        io.run();
        return out;
    }

    std::shared_ptr<Api> api = std::make_shared<Api>();
    std::shared_ptr<AuthFilter> filter = std::make_shared<AuthFilter>([this] { return api; });
    std::vector<std::string> asked;
    bool answers = true;
    std::string token_answer =
        R"({"status":{"authenticated":true,"user":{"username":"prom","uid":"1","groups":["g"],"extra":{"a":["b"]}}}})";
    std::string access_answer = R"({"status":{"allowed":true}})";
};

}  // namespace

TEST_CASE("a token that is known and may passes, and is not asked for twice", "[auth]") {
    Scene scene;
    CHECK(scene.ask("Bearer abc").body == "page");
    REQUIRE(scene.asked.size() == 2);
    CHECK(scene.asked[0] ==
          "/apis/authentication.k8s.io/v1/tokenreviews "
          R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"abc"}})");
    CHECK(scene.asked[1] ==
          "/apis/authorization.k8s.io/v1/subjectaccessreviews "
          R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{)"
          R"("nonResourceAttributes":{"path":"/metrics","verb":"get"},"user":"prom","groups":["g"],)"
          R"("uid":"1","extra":{"a":["b"]}}})");
    CHECK(scene.ask("bearer abc").status == 200);
    CHECK(scene.asked.size() == 2);
}

TEST_CASE("without a good token there is no page", "[auth]") {
    Scene scene;
    CHECK(scene.ask("").status == 401);
    CHECK(scene.ask("Basic abc").status == 401);
    CHECK(http::find_header(scene.ask("Bearer ").headers, "WWW-Authenticate") == "Bearer");
    CHECK(scene.asked.empty());
    scene.token_answer = R"({"status":{"authenticated":false}})";
    CHECK(scene.ask("Bearer wrong").status == 401);
    CHECK(scene.ask("Bearer wrong").status == 401);
    CHECK(scene.asked.size() == 1);
    scene.token_answer = R"({"status":{"authenticated":true,"user":{"username":"prom"}}})";
    scene.access_answer = R"({"status":{"allowed":false}})";
    CHECK(scene.ask("Bearer other").status == 403);
}

TEST_CASE("when the API server does not tell, nobody passes and it is asked again", "[auth]") {
    Scene scene;
    scene.answers = false;
    CHECK(scene.ask("Bearer abc").status == 503);
    scene.answers = true;
    for (const auto* text : {"<html>", "{}", "[1]", R"({"status":3})"}) {
        scene.token_answer = text;
        CHECK(scene.ask("Bearer abc").status != 200);
    }
    scene.token_answer = R"({"status":{"authenticated":true,"user":7}})";
    CHECK(scene.ask("Bearer def").status == 200);
    scene.api.reset();
    CHECK(scene.ask("Bearer ghi").status == 503);
}

TEST_CASE("tokens that nobody knows are not kept for ever", "[auth]") {
    Scene scene;
    scene.token_answer = R"({"status":{"authenticated":false}})";
    for (std::size_t i = 0; i < 2 * AuthFilter::most_remembered; ++i)
        REQUIRE(scene.ask("Bearer t" + std::to_string(i)).status == 401);
    const auto before = scene.asked.size();
    CHECK(scene.ask("Bearer t0").status == 401);
    CHECK(scene.asked.size() == before + 1);
}
