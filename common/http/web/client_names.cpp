#include "common/http/web/client_names.hpp"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <memory>

namespace pifleet::http::web {

namespace {

std::string text_of(const ASN1_STRING* value) {
    const auto size = ASN1_STRING_length(value);
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)), static_cast<std::size_t>(size)};
}

std::string address_text(const ASN1_STRING* value) {
    const auto bytes = text_of(value);
    if (bytes.size() != 4 && bytes.size() != 16) return {};
    char text[INET6_ADDRSTRLEN];
    const auto* written = inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), text, sizeof text);
    return written == nullptr ? std::string() : written;
}

std::string name_text(const GENERAL_NAME& name) {
    switch (name.type) {
        case GEN_DNS:
        case GEN_EMAIL:
        case GEN_URI:
            return text_of(name.d.ia5);
        case GEN_IPADD:
            return address_text(name.d.iPAddress);
        default:
            return {};
    }
}

}  // namespace

bool has_allowed_name(const x509_st* certificate, std::span<const std::string> allowed) {
    if (certificate == nullptr) return false;
    const auto free = [](GENERAL_NAMES* names) { GENERAL_NAMES_free(names); };
    const std::unique_ptr<GENERAL_NAMES, decltype(free)> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        free);
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const auto text = name_text(*sk_GENERAL_NAME_value(names.get(), i));
        if (!text.empty() && std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return true;
    }
    return false;
}

}  // namespace pifleet::http::web
