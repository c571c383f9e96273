#include "common/kubernetes/access.hpp"

#include "common/base/base64.hpp"
#include "tests/catch.hpp"
#include "tests/unit/common/http/certificates.hpp"

#include <sys/stat.h>

#include <cstdlib>

using namespace pifleet::kubernetes;
using pifleet::base64_encode;
using pifleet::http::test::TempFolder;

namespace {

// For the time of a test.
class Variable {
  public:
    Variable(const char* name, const std::string& value) : name_(name) {
        if (const char* before = std::getenv(name)) before_ = before;
        set(value);
    }
    ~Variable() { set(before_); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;

  private:
    void set(const std::string& value) {
        if (value.empty())
            ::unsetenv(name_);
        else
            ::setenv(name_, value.c_str(), 1);
    }
    const char* name_;
    std::string before_;
};

bool has(const std::string& text, std::string_view part) {
    INFO(text);
    CHECK(text.find(part) != std::string::npos);
    return text.find(part) != std::string::npos;
}

const std::string full = R"(apiVersion: v1
kind: Config
preferences: {}
current-context: home
clusters:
- name: pis
  cluster:
    server: https://192.168.1.10:6443
    certificate-authority-data: )" +
                         base64_encode("the CA") + R"(
    tls-server-name: kubernetes
    extensions: [{name: minikube, extension: {version: v1.30}}]
- name: broken
  cluster: {server: "no address", certificate-authority-data: "%%%"}
- name: bare
  cluster: {server: "pi:8080", certificate-authority: certs/ca.pem, insecure-skip-tls-verify: true, proxy-url: "http://proxy:3128"}
contexts:
- name: home
  context: {cluster: pis, user: admin, namespace: media}
- name: bad
  context: {cluster: broken, user: admin}
- name: files
  context: {cluster: bare, user: by-file}
- name: lost
  context: {cluster: piz, user: admin}
- name: nobody
  context: {cluster: bare}
- name: who
  context: {cluster: bare, user: admim}
- name: plugin
  context: {cluster: pis, user: plugin}
- name: oidc
  context: {cluster: pis, user: oidc}
- name: terminal
  context: {cluster: pis, user: terminal}
users:
- name: admin
  user:
    client-certificate-data: )" +
                         base64_encode("the certificate") + R"(
    client-key-data: )" + base64_encode("the key") +
                         R"(
    as: reader
    as-groups: [a, b]
- name: by-file
  user: {client-certificate: cert.pem, client-key: /etc/key.pem, tokenFile: token, username: u, password: p, token: t}
- name: plugin
  user:
    exec:
      apiVersion: client.authentication.k8s.io/v1
      command: bin/credentials
      args: [--cluster, "pis"]
      env: [{name: A, value: "1"}]
      provideClusterInfo: true
      installHint: get it
- name: oidc
  user: {auth-provider: {name: oidc, config: {}}}
- name: terminal
  user: {exec: {apiVersion: client.authentication.k8s.io/v2, command: x, interactiveMode: Always}}
)";

}  // namespace

TEST_CASE("a kubeconfig's contexts", "[kubernetes][access]") {
    TempFolder folder;
    const auto file = folder.file("config", full);
    const auto beside = file.substr(0, file.rfind('/') + 1);
    const auto error = [&](const std::string& context) {
        const auto got = from_kubeconfig(file, context);
        REQUIRE_FALSE(got.has_value());
        return got.error().message;
    };

    const auto home = from_kubeconfig(file);
    REQUIRE(home.has_value());
    CHECK(home->server.host == "192.168.1.10");
    CHECK(home->server.port == 6443);
    CHECK(home->server.tls);
    CHECK(home->tls.ca == "the CA");
    CHECK(home->tls.server_name == "kubernetes");
    CHECK(home->tls.cert == "the certificate");
    CHECK(home->tls.key == "the key");
    CHECK(home->ns == "media");
    CHECK(home->source == file + " (context home)");
    REQUIRE(home->identity.size() == 3);
    CHECK(home->identity[0].value == "reader");
    CHECK(home->proxy->from_environment);
    CHECK(from_kubeconfig(file, "", "https://[::1]:1234/prefix")->server.target == "/prefix");

    const auto files = from_kubeconfig(file, "files");
    REQUIRE(files.has_value());
    CHECK(files->server.tls);  // without a scheme, but something of TLS is said
    CHECK(files->tls.ca_file == beside + "certs/ca.pem");
    CHECK(files->tls.cert_file == beside + "cert.pem");
    CHECK(files->tls.key_file == "/etc/key.pem");
    CHECK(files->tls.insecure_skip_verify);
    CHECK(files->token_file == beside + "token");
    CHECK(files->token == "t");
    CHECK(files->user == "u");
    CHECK(files->proxy->url->port == 3128);
    CHECK(from_kubeconfig(file, "nobody")->token.empty());

    const auto plugin = from_kubeconfig(file, "plugin");
    REQUIRE(plugin.has_value());
    REQUIRE(plugin->exec);
    CHECK(plugin->exec->command == beside + "bin/credentials");
    CHECK(plugin->exec->arguments == std::vector<std::string>{"--cluster", "pis"});
    CHECK(plugin->exec->environment.front().second == "1");
    CHECK(plugin->exec->provide_cluster_info);
    CHECK(plugin->exec->install_hint == "get it");

    // What is not chosen may be broken.
    has(error("bad"), file + ":13:21: server: ");
    has(error("bad"), file + ":13:63: expected base64");
    has(error("hom"), "no context is called 'hom' (did you mean 'home'?); there are: home, bad, ");
    has(error("lost"), "config:23:9: no cluster is called 'piz' (did you mean 'pis'?)");
    has(error("who"), "no user is called 'admim' (did you mean 'admin'?)");
    has(error("oidc"), "auth-provider 'oidc' is not supported; use an exec plugin");
    has(error("terminal"), "expected client.authentication.k8s.io/v1 or");
    has(error("terminal"), "a program that needs a terminal");
}

TEST_CASE("several kubeconfigs are one, the first has its say", "[kubernetes][access]") {
    TempFolder folder;
    const auto one = folder.file("one", R"(
clusters: [{name: pis, cluster: {server: "https://one:6443"}}]
current-context: home
users: null
)");
    const auto two = folder.file("two", R"(
current-context: other
clusters: [{name: pis, cluster: {server: "https://two:6443"}}]
contexts: [{name: home, context: {cluster: pis, user: me}}]
users: [{name: me, user: {token: secret, tokenFile: t}}]
)");
    const auto access = from_kubeconfig("/nowhere/a:" + one + "::" + two);
    REQUIRE(access.has_value());
    CHECK(access->server.host == "one");
    CHECK(access->token == "secret");
    CHECK(access->token_file == two.substr(0, two.rfind('/')) + "/t");
    CHECK(from_kubeconfig("/nowhere/a:/nowhere/b").error().kind == pifleet::Error::Kind::absent);
    has(from_kubeconfig("/nowhere/a").error().message, "/nowhere/a");
}

TEST_CASE("kubeconfigs that are none", "[kubernetes][access]") {
    TempFolder folder;
    const auto error = [&](const std::string& content) {
        const auto file = folder.file("config", content);
        const auto got = from_kubeconfig(file);
        REQUIRE_FALSE(got.has_value());
        return got.error().message;
    };
    has(error(""), "no current-context");
    has(error("- a\n- b\n"), "config:1:1: expected a kubeconfig");
    has(error("clusters: [\n"), "config:");
    has(error("current-context: x\n"), "no context is called 'x'; there is none at all");
    has(error("current-context: x\ncontexts: {a: b}\n"), "there is none at all");
    has(error("current-context: x\ncontexts: [{name: x, context: [1]}]\n"),
        "config:2:31: expected a mapping");
    has(error("current-context: x\ncontexts: [{name: x, context: {cluster: c}}]\nclusters: [{name: c}]\n"),
        "config:3:19: server: expected the API server's address");
    has(error("current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\nclusters: [{name: "
              "c, cluster: "
              "{server: 'http://c'}}]\nusers: [{name: u, user: {token: [1, 2]}}]\n"),
        "config:4:33: expected text, not a list");
}

TEST_CASE("a pod's own account", "[kubernetes][access]") {
    TempFolder folder;
    const auto root = folder.file("x", "");
    const auto base = root.substr(0, root.rfind('/') + 1);
    const Variable host("KUBERNETES_SERVICE_HOST", "fd00::1"), port("KUBERNETES_SERVICE_PORT", "443");
    has(from_within("", base).error().message, "automountServiceAccountToken");
    for (const auto* part : {"var",
                             "var/run",
                             "var/run/secrets",
                             "var/run/secrets/kubernetes.io",
                             "var/run/secrets/kubernetes.io/serviceaccount"})
        ::mkdir((base + part).c_str(), 0755);
    const std::string account = "var/run/secrets/kubernetes.io/serviceaccount/";
    folder.file(account + "token", "t0ken");
    folder.file(account + "ca.crt", "ca");
    folder.file(account + "namespace", "monitoring\n");
    const auto access = from_within("", base);
    REQUIRE(access.has_value());
    CHECK(access->server.host == "fd00::1");
    CHECK(access->server.port == 443);
    CHECK(access->server.tls);
    CHECK(access->token_file == base + account + "token");
    CHECK(access->tls.ca_file == base + account + "ca.crt");
    CHECK(access->ns == "monitoring");
    const Variable nowhere("KUBERNETES_SERVICE_HOST", "");
    CHECK(from_within("", base).error().kind == pifleet::Error::Kind::absent);
    CHECK(from_within("https://pi:6443", base)->server.host == "pi");
}

TEST_CASE("which cluster is meant without a file", "[kubernetes][access]") {
    TempFolder folder;
    const auto file = folder.file("config", full);
    const Variable host("KUBERNETES_SERVICE_HOST", ""), home("HOME", "/nowhere/home");
    {
        const Variable config("KUBECONFIG", "");
        const auto none = find_access("", "");
        REQUIRE_FALSE(none.has_value());
        has(none.error().message, "$KUBECONFIG is not set; not in a pod: ");
        has(none.error().message,
            "no file /nowhere/home/.kube/config. To mend it: name a file by --kubeconfig");
        // As behind 'kubectl proxy'.
        const auto bare = find_access("", "http://127.0.0.1:8001");
        REQUIRE(bare.has_value());
        CHECK(bare->server.port == 8001);
        CHECK(bare->token_file.empty());
        has(find_access("", "http://a b").error().message, "the API server's address 'http://a b'");
        CHECK(find_access(file, "")->source == file + " (context home)");
        has(find_access("/nowhere/file", "").error().message, "/nowhere/file");
    }
    const Variable config("KUBECONFIG", file);
    CHECK(find_access("", "https://other")->server.host == "other");
    const Variable gone("KUBECONFIG", "/nowhere/one:/nowhere/two");
    has(find_access("", "").error().message,
        "$KUBECONFIG (/nowhere/one:/nowhere/two): none of the kubeconfig files");
}
