#include "forwarder/scrape/negotiation.hpp"

#include "common/base/text.hpp"
#include "common/metrics/parser.hpp"

namespace pifleet::forwarder {

namespace {

std::string_view media_type(ScrapeProtocol protocol) {
    switch (protocol) {
        case ScrapeProtocol::openmetrics_0_0_1:
            return "application/openmetrics-text;version=0.0.1";
        case ScrapeProtocol::openmetrics_1_0_0:
            return "application/openmetrics-text;version=1.0.0";
        case ScrapeProtocol::text_0_0_4:
            return "text/plain;version=0.0.4";
        case ScrapeProtocol::text_1_0_0:
            return "text/plain;version=1.0.0";
        case ScrapeProtocol::protobuf:
            break;
    }
    return {};
}

// Older versions know no escaping.
bool knows_escaping(ScrapeProtocol protocol) {
    return protocol == ScrapeProtocol::openmetrics_1_0_0 || protocol == ScrapeProtocol::text_1_0_0;
}

std::string_view escaping_name(NameEscaping escaping) {
    switch (escaping) {
        case NameEscaping::underscores:
            return "underscores";
        case NameEscaping::dots:
            return "dots";
        case NameEscaping::values:
            return "values";
        case NameEscaping::unset:
        case NameEscaping::allow_utf_8:
            break;
    }
    return "allow-utf-8";
}

metrics::Format format_of(ScrapeProtocol protocol) {
    const bool open =
        protocol == ScrapeProtocol::openmetrics_0_0_1 || protocol == ScrapeProtocol::openmetrics_1_0_0;
    return open ? metrics::Format::openmetrics_1_0 : metrics::Format::text_0_0_4;
}

}  // namespace

std::string accept_header(const ScrapeProtocols& protocols) {
    int weight = 6;  // one more than there are protocols
    std::string out;
    const auto add = [&](std::string_view type) {
        (((out += out.empty() ? "" : ",") += type) += ";q=0.") += std::to_string(weight--);
    };
    for (const auto protocol : protocols.list) {
        if (protocol == ScrapeProtocol::protobuf) continue;
        std::string type(media_type(protocol));
        if (knows_escaping(protocol)) (type += ";escaping=") += escaping_name(protocols.escaping);
        add(type);
    }
    add("*/*");
    return out;
}

Result<metrics::Format> page_format(std::string_view content_type, std::optional<ScrapeProtocol> fallback) {
    const bool missing = trim(content_type).empty();
    const auto named = missing ? std::nullopt : metrics::format_of(content_type);
    if (named) return *named;
    if (fallback) return format_of(*fallback);
    const std::string what =
        missing ? "has no Content-Type" : "is '" + std::string(content_type) + "', not metrics";
    return failure("the target's page " + what +
                   "; if it is metrics all the same, set fallback_scrape_protocol: PrometheusText0.0.4");
}

}  // namespace pifleet::forwarder
