// What discovery yields: a page to scrape and the labels that its series get.
#pragma once

#include "common/http/url.hpp"
#include "forwarder/config/config.hpp"

#include <string>
#include <string_view>

namespace pifleet::forwarder {

struct Target {
    const ScrapeConfig* job;  // outlives the target
    http::Url url;
    Pairs labels;  // job, instance and what relabeling left; sorted by name, none begins with __
    Duration interval;
    Duration timeout;
    Pairs discovered = {};       // its labels before relabeling, sorted by name: for the eye
    std::string node_name = {};  // learnt (scrape/node_name.hpp), so no part of its identity; empty: none

    const std::string& label(std::string_view name) const;  // empty when there is none
    /// What its series get: the labels, with the learnt one among them.
    Pairs series_labels() const;
    /// What makes it the same target after a reload: address, path, query and labels.
    std::string identity() const;
};

/// Whether two targets of one identity are scraped alike: by jobs that differ in nothing but in how they
/// come to their targets.
bool same_scraping(const Target& a, const Target& b);

}  // namespace pifleet::forwarder
