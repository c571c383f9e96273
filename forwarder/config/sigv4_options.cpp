// sigv4: AWS's signatures.
#include "forwarder/config/http_options.hpp"

namespace pifleet::forwarder {

using config::Faults;
using config::Field;
using config::field;
using config::Node;

namespace {

void read_key_file(const Node& node, config::Secret& into, Faults& faults) {
    std::string path;
    decode(node, path, faults);
    if (path.empty()) return;
    into = config::Secret::of_file(path);
    if (const auto text = into.reveal(); !text) faults.add(node.place, text.error().message);
}

constexpr Field<SigV4> sigv4_rows[] = {
    field<&SigV4::region>("region", "$AWS_REGION", "Such as eu-central-1."),
    field<&SigV4::service>("service_name", "aps", "The service that is asked: aps, monitoring."),
    field<&SigV4::access_key>("access_key", "$AWS_ACCESS_KEY_ID", "The access key's id."),
    field<&SigV4::secret_key>(
        "secret_key", "$AWS_SECRET_ACCESS_KEY", "The secret; rather use secret_key_file."),
    field_by<&SigV4::secret_key, read_key_file>(
        "secret_key_file", "", "File that holds the secret; read again at each request."),
    field_by<&SigV4::session_token, read_key_file>(
        "session_token_file", "$AWS_SESSION_TOKEN", "File that holds the token of a temporary key."),
    unsupported<SigV4>("profile"),
    unsupported<SigV4>("role_arn"),
    unsupported<SigV4>("external_id"),
    without_effect<SigV4>("use_fips_sts_endpoint", "No effect: STS is not asked."),
};

}  // namespace

void read_sigv4(const Node& node, HttpOptions& into, Faults& faults) {
    config::read_mapping<SigV4>(node, sigv4_rows, into.sigv4.emplace(), faults);
    if (node.kind != Node::Kind::mapping) return;
    expect_one_of(node, "secret_key", faults);
    if (const auto key = signing_key(*into.sigv4); !key && faults.empty())
        faults.add(node.place, key.error().message);
}

}  // namespace pifleet::forwarder
