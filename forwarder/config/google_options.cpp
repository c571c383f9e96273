// google_iam: tokens for a Google service account.
#include "forwarder/auth/service_account.hpp"
#include "forwarder/config/http_options.hpp"

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

constexpr std::string_view monitoring_scope = "https://www.googleapis.com/auth/monitoring.write";

struct Given {
    std::string credentials_file;
};

constexpr Field<Given> rows[] = {
    field<&Given::credentials_file>(
        "credentials_file", "", "The service account's key, the JSON file that Google gives."),
};

}  // namespace

// A kind of oauth2: where tokens come from stands in the key itself.
void read_google_iam(const Node& node, HttpOptions& into, Faults& faults) {
    Given given;
    config::read_mapping<Given>(node, rows, given, faults);
    if (node.kind != Node::Kind::mapping) return;
    if (given.credentials_file.empty()) return faults.add(node.place, "google_iam needs a credentials_file");
    auto& oauth2 = into.oauth2.emplace();
    oauth2.service_account = config::Secret::of_file(given.credentials_file);
    oauth2.scopes = {std::string(monitoring_scope)};
    const auto text = oauth2.service_account.reveal();
    if (!text) return faults.add(node.place, text.error().message);
    const auto account = parse_service_account(*text);
    if (!account) return faults.add(node.place, given.credentials_file + ": " + account.error().message);
    oauth2.token_url = account->token_url;
}

}  // namespace pifleet::forwarder
