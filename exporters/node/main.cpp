// pifleet-node-exporter: this machine's metrics, as node_exporter names them.
#include "exporters/node/program.hpp"

int main(int argc, char** argv) {
    return pifleet::node::run_program(argc, argv, nullptr);
}
