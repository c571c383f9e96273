#include "forwarder/backends/json_answers.hpp"
#include "forwarder/backends/json_names.hpp"
#include "forwarder/backends/json_system.hpp"

namespace pifleet::forwarder {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view ndjson = "application/x-ndjson";

constinit const JsonSystem table[] = {
    {.name = "opentsdb",
     .help = "OpenTSDB's /api/put?details; VictoriaMetrics, GreptimeDB",
     .sample = R"({"metric":$name,"timestamp":$ms,"value":$value,"tags":{$labels}})",
     .names = &opentsdb_names,
     .least_labels = 1,
     .most_labels = 8,
     .judge = judge_opentsdb},
    {.name = "datadog",
     .help = "Datadog's /api/v2/series; counters go as counts",
     .open = R"({"series":[)",
     .close = "]}",
     .sample = R"({"metric":$name,"type":3,"points":[{"timestamp":$seconds,"value":$value}],"tags":[$tags]})",
     .counter =
         R"({"metric":$name,"type":1,"interval":$interval_s,"points":[{"timestamp":$seconds,"value":$value}],"tags":[$tags]})",
     .increases = true,
     .resolution_ms = 1000,
     .names = &datadog_names,
     .max_age = 1h},
    {.name = "signalfx",
     .help = "Splunk Observability Cloud (SignalFx), /v2/datapoint",
     .open = "{",
     .close = "}",
     .sample = R"({"metric":$name,"value":$value,"timestamp":$ms,"dimensions":{$labels}})",
     .gauges = {R"("gauge":[)", "]"},
     .counters = {R"("cumulative_counter":[)", "]"},
     .names = &signalfx_names,
     .most_labels = 36},
    {.name = "splunk_hec",
     .help = "Splunk's HTTP event collector, to a metrics index",
     .open = "",
     .between = "\n",
     .close = "",
     .sample = R"({"time":$decimal,"event":"metric","fields":{"metric_name:$key":$value$more}})",
     .names = &splunk_names,
     .judge = judge_splunk},
    {.name = "elasticsearch",
     .help = "Elasticsearch's and OpenSearch's _bulk, with ids that make a repeat harmless",
     .content_type = ndjson,
     .open = "",
     .between = "\n",
     .close = "\n",
     .sample = "{\"create\":{\"_id\":$id}}\n"
               R"({"@timestamp":$ms,"name":$name,"labels":{$labels},"value":$value})",
     .judge = judge_bulk},
    {.name = "newrelic_metrics",
     .help = "New Relic's metric API, /metric/v1; counters go as counts",
     .open = R"([{"metrics":[)",
     .close = "]}]",
     .sample = R"({"name":$name,"type":"gauge","value":$value,"timestamp":$ms,"attributes":{$labels}})",
     .counter =
         R"({"name":$name,"type":"count","value":$value,"timestamp":$since,"interval.ms":$interval_ms,"attributes":{$labels}})",
     .increases = true,
     .names = &newrelic_names,
     .most_labels = 150,
     .max_age = 48h},
    {.name = "clickhouse",
     .help = "ClickHouse, INSERT … FORMAT JSONEachRow; labels in a Map(String, String)",
     .content_type = ndjson,
     .open = "",
     .between = "\n",
     .close = "\n",
     .sample = R"({"timestamp":$ms,"name":$name,"labels":{$labels},"value":$value})",
     .judge = judge_clickhouse},
    {.name = "clickhouse_text",
     .help = "The same for tables with labels in a String of JSON",
     .content_type = ndjson,
     .open = "",
     .between = "\n",
     .close = "\n",
     .sample = R"({"timestamp":$ms,"name":$name,"labels":$labels_text,"value":$value})",
     .judge = judge_clickhouse},
    {.name = "betterstack",
     .help = "Better Stack's metrics",
     .content_type = ndjson,
     .open = "",
     .between = "\n",
     .close = "\n",
     .sample = R"({"dt":$ms,"name":$name,"gauge":{"value":$value},"tags":{$labels}})",
     .judge = judge_betterstack},
    {.name = "tinybird",
     .help = "Tinybird's events, /v0/events",
     .content_type = ndjson,
     .open = "",
     .between = "\n",
     .close = "\n",
     .sample = R"({"timestamp":$ms,"name":$name,"labels":{$labels},"value":$value})",
     .judge = judge_tinybird},
};

}  // namespace

std::span<const JsonSystem> json_systems() {
    return table;
}

const JsonSystem* find_json_system(std::string_view name) {
    for (const auto& system : table)
        if (system.name == name) return &system;
    return nullptr;
}

}  // namespace pifleet::forwarder
