// What answers say of single samples, in the words of each system that does.
#pragma once

#include "common/http/message.hpp"
#include "forwarder/backends/backend.hpp"

#include <cstddef>

namespace pifleet::forwarder {

void judge_opentsdb(const http::Response& answer, std::size_t samples, Verdict& verdict);
void judge_bulk(const http::Response& answer, std::size_t samples, Verdict& verdict);
void judge_splunk(const http::Response& answer, std::size_t samples, Verdict& verdict);
void judge_clickhouse(const http::Response& answer, std::size_t samples, Verdict& verdict);
void judge_tinybird(const http::Response& answer, std::size_t samples, Verdict& verdict);
void judge_betterstack(const http::Response& answer, std::size_t samples, Verdict& verdict);

}  // namespace pifleet::forwarder
