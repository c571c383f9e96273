#include "forwarder/backends/settings.hpp"

#include "common/base/files.hpp"
#include "common/base/text.hpp"

namespace pifleet::forwarder {

std::optional<SettingFault> one_of(const BackendConfig& config,
                                   std::string_view key,
                                   std::initializer_list<std::string_view> words) {
    const auto value = setting(config, key);
    std::string listed;
    for (const auto word : words) {
        if (word == value) return {};
        listed += (listed.empty() ? "" : ", ") + std::string(word);
    }
    return SettingFault{key, "expected one of " + listed + ", not '" + std::string(value) + "'"};
}

std::optional<SettingFault> tls_files_only(const BackendConfig& config, bool insecure_too) {
    http::TlsOptions files;
    files.ca_file = config.http.tls.ca_file;
    files.cert_file = config.http.tls.cert_file;
    files.key_file = config.http.tls.key_file;
    if (insecure_too) files.insecure_skip_verify = config.http.tls.insecure_skip_verify;
    if (files == config.http.tls) return {};
    return SettingFault{
        "tls_config",
        "this protocol takes ca_file, cert_file and key_file" +
            std::string(insecure_too ? ", and insecure_skip_verify" : "; sslmode says the rest")};
}

Result<std::string> password_of(const BackendConfig& config) {
    const std::string file(setting(config, "password_file"));
    if (file.empty()) return std::string();
    auto read = read_line(file);
    if (!read) return failure("password_file: " + read.error().message);
    if (read->empty()) return failure("password_file: " + file + " is empty");
    return read;
}

std::optional<std::string_view> parameter(std::string_view target, std::string_view name) {
    const auto query = target.find('?');
    if (query == std::string_view::npos) return {};
    for (const auto pair : split(target.substr(query + 1), '&')) {
        const auto equals = pair.find('=');
        if (pair.substr(0, equals) != name) continue;
        return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
    }
    return {};
}

std::string with_parameter(std::string target, std::string_view name, std::string_view value) {
    if (parameter(target, name)) return target;
    target += target.find('?') == std::string::npos ? '?' : '&';
    return target.append(name).append("=").append(value);
}

}  // namespace pifleet::forwarder
