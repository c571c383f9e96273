// The k8s-state exporter from its command line to its end.
#pragma once

namespace pifleet::k8s {

/// Gives the exit code.
int run_program(int argc, char** argv);

}  // namespace pifleet::k8s
