// A batch for a database: its series with a number that depends on their labels alone, and its samples. As
// bytes, it can be sent as often as it takes. Pure.
#pragma once

#include "common/metrics/model.hpp"
#include "forwarder/backends/postgres/module.hpp"
#include "forwarder/backends/sent_series.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pifleet::forwarder {

/// The labels but __name__ as a JSON object that PostgreSQL takes: UTF-8, and no NUL.
std::string sql_labels(metrics::Labels labels);

std::string sql_batch(std::span<const Sample> samples, const SentSeries& series);

/// What sql_batch() wrote, as the module takes it.
class SqlBatch {
  public:
    explicit SqlBatch(std::string bytes);
    SqlBatch(const SqlBatch&) = delete;
    SqlBatch& operator=(const SqlBatch&) = delete;

    PifleetSqlBatch view() const {
        return {series_.data(), series_.size(), ids_.data(), times_.data(), values_.data(), ids_.size()};
    }

  private:
    std::string bytes_;
    std::vector<PifleetSqlSeries> series_;  // their texts stand in bytes_
    std::vector<std::int64_t> ids_, times_;
    std::vector<std::uint64_t> values_;
};

}  // namespace pifleet::forwarder
