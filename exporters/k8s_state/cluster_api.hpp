// The API server of a kubeconfig or of the pod's own account, as the exporter uses it.
#pragma once

#include "exporters/k8s_state/api.hpp"

#include <boost/asio/any_io_executor.hpp>

namespace pifleet::k8s {

/// `executor` must outlive what it gives.
Connect cluster_of(boost::asio::any_io_executor executor);

}  // namespace pifleet::k8s
