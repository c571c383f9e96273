#include "common/metrics/model.hpp"

namespace pifleet::metrics {

std::string_view type_name(Type type) {
    switch (type) {
        case Type::counter:
            return "counter";
        case Type::gauge:
            return "gauge";
        case Type::histogram:
            return "histogram";
        case Type::gauge_histogram:
            return "gaugehistogram";
        case Type::summary:
            return "summary";
        case Type::info:
            return "info";
        case Type::state_set:
            return "stateset";
        case Type::unknown:
            break;
    }
    return "unknown";
}

}  // namespace pifleet::metrics
