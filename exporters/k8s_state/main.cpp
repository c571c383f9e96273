// pifleet-k8s-state-exporter: what a Kubernetes cluster consists of, as kube-state-metrics tells it.
#include "exporters/k8s_state/program.hpp"

int main(int argc, char** argv) {
    return pifleet::k8s::run_program(argc, argv);
}
