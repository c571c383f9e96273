#!/usr/bin/env bash
# From a fresh clone to this machine's metrics in a real receiver, in one command; see usage() below.
# Everything it writes is in the state folder and in build/; its programs run as the user who called it.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
state=${PIFLEET_HOME:-${XDG_STATE_HOME:-~/.local/state}/pifleet/quickstart}
node_port=${PIFLEET_NODE_PORT:-9100}
page_port=${PIFLEET_PAGE_PORT:-9095}
store_port=${PIFLEET_STORE_PORT:-8428}
kube_port=${PIFLEET_KUBE_PORT:-8080}
kube_own_port=${PIFLEET_KUBE_OWN_PORT:-8081}
# A cluster is watched when there is a way to it: $KUBECONFIG, else kubectl's own file.
kubeconfig=${KUBECONFIG:-}
[[ -n $kubeconfig || ! -r ~/.kube/config ]] || kubeconfig=~/.kube/config

. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/packages.sh"
. "$repository/deploy/lib/archive.sh"
. "$repository/deploy/lib/services.sh"

# The key leaves the environment before anything is started, so that no other program ever holds it.
license_key=${NEW_RELIC_LICENSE_KEY:-}
unset NEW_RELIC_LICENSE_KEY

usage() {
    cat <<USAGE
./deploy/quickstart.sh           install what is missing, build, start, and show this machine's metrics arriving
./deploy/quickstart.sh --stop    stop what it started, and nothing else
./deploy/quickstart.sh --help    this text

It starts, on loopback only: the node exporter, the forwarder, and Debian's VictoriaMetrics as the receiver; and the
k8s-state exporter where a kubeconfig is found (\$KUBECONFIG, or ~/.kube/config).
Run it again after a change: it rebuilds, restarts what changed, and ends with the same lines.

  NEW_RELIC_LICENSE_KEY=…   relay to New Relic instead (NEW_RELIC_REGION=EU for the European region)
  PIFLEET_HOME=…            where logs, data and process ids are kept; now
                            $state
  PIFLEET_NODE_PORT, PIFLEET_PAGE_PORT, PIFLEET_STORE_PORT, PIFLEET_KUBE_PORT, PIFLEET_KUBE_OWN_PORT
                            other ports than 9100 (exporter), 9095 (forwarder's page), 8428 (VictoriaMetrics),
                            8080 (k8s-state exporter) and 8081 (its own metrics)
USAGE
}

stop_all() {
    stop_service pifleet-forwarder
    stop_service pifleet-node-exporter
    stop_service pifleet-k8s-state-exporter
    stop_service victoria-metrics
    rm -f "$state/new-relic-license-key"
}

check_arguments() {
    local port
    for port in "$node_port" "$page_port" "$store_port" "$kube_port" "$kube_own_port"; do
        if [[ ! $port =~ ^[1-9][0-9]{0,4}$ ]] || ((port > 65535)); then
            die "not a port: '$port' (expected 1 to 65535)"
        fi
    done
    [[ $license_key != *[[:space:]]* ]] || die "NEW_RELIC_LICENSE_KEY holds a blank or a line break"
    case ${NEW_RELIC_REGION:-US} in
    US | EU) ;;
    *) die "NEW_RELIC_REGION is '$NEW_RELIC_REGION' (expected US or EU)" ;;
    esac
}

check_ports() {
    check_port "$node_port" pifleet-node-exporter PIFLEET_NODE_PORT
    check_port "$page_port" pifleet-forwarder PIFLEET_PAGE_PORT
    [[ -n $license_key ]] || check_port "$store_port" victoria-metrics PIFLEET_STORE_PORT
    if [[ -n $kubeconfig ]]; then
        check_port "$kube_port" pifleet-k8s-state-exporter PIFLEET_KUBE_PORT
        check_port "$kube_own_port" pifleet-k8s-state-exporter PIFLEET_KUBE_OWN_PORT
    fi
}

build() {
    local tree=$repository/build/release tests=() kube=()
    [[ -z $kubeconfig ]] || kube=(pifleet-k8s-state-exporter)
    # A tree that ./tests/run.sh configured keeps its tests; a new one does without the packages they need.
    [[ -f $tree/CMakeCache.txt ]] || tests=(-DPIFLEET_TESTS=OFF)
    [[ -f $tree/build.ninja ]] || configure_tree "$repository" "$tree" "${tests[@]}"
    build_tree "$tree" pifleet-node-exporter pifleet-forwarder "${kube[@]}"
    kube_exporter=$tree/bin/pifleet-k8s-state-exporter
    node_exporter=$tree/bin/pifleet-node-exporter
    forwarder=$tree/bin/pifleet-forwarder
}

# VictoriaMetrics as Debian packages it for this release, or else for the next one, without installing it.
get_victoria() {
    local suite archive=$state/archive version
    victoria=$state/bin/victoria-metrics
    [[ ! -x $victoria ]] || return 0
    for suite in own sid; do
        open_archive "$archive" "$suite" || continue
        if version=$(take_from_archive "$archive" victoria-metrics "$state/bin" usr/bin/victoria-metrics); then
            say "VictoriaMetrics $version"
            break
        fi
    done
    rm -rf "$archive"
    [[ -x $victoria ]] || die "Debian's victoria-metrics could not be had; the lines above say why"
}

# The text as a YAML scalar, whatever it holds.
yaml_quoted() { printf "'%s'" "${1//\'/\'\'}"; }

forwarder_config() {
    cat <<CONFIG
# Written by deploy/quickstart.sh at every run.
global:
  scrape_interval: 5s
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['127.0.0.1:$node_port']
  - job_name: pifleet-forwarder
    static_configs:
      - targets: ['127.0.0.1:$page_port']
CONFIG
    # Its page names the cluster's own things: their labels win over the target's.
    [[ -z $kubeconfig ]] ||
        printf '  - job_name: kube-state\n    honor_labels: true\n    static_configs:\n      - targets: ['"'127.0.0.1:%s'"']\n' "$kube_port"
    say "remote_write:"
    if [[ -n $license_key ]]; then
        local host=metric-api.newrelic.com
        [[ ${NEW_RELIC_REGION:-US} == US ]] || host=metric-api.eu.newrelic.com
        printf '  - url: https://%s/prometheus/v1/write?prometheus_server=%s\n' "$host" "${HOSTNAME//[^[:alnum:].-]/-}"
        printf '    authorization:\n      credentials_file: %s\n' "$(yaml_quoted "$state/new-relic-license-key")"
    else
        printf '  - url: http://127.0.0.1:%s/api/v1/write\n' "$store_port"
    fi
}

# start NAME PORT EXTRA PROGRAM ARGUMENT…: EXTRA is text that, when it changes, asks for a restart, as the program and
# its arguments do.
start() {
    local name=$1 port=$2 stamp
    stamp=$(printf '%s\n' "${@:3}" "$(sha256sum <"$4")" | sha256sum)
    start_service "$name" "$stamp" "${@:4}"
    await_service "$name" "$port"
}

start_all() {
    local config=$state/forwarder.yml key_file=$state/new-relic-license-key
    if [[ -n $license_key ]]; then
        stop_service victoria-metrics
        (umask 077 && printf '%s\n' "$license_key" >"$key_file.new")
        mv -f "$key_file.new" "$key_file"
    else
        rm -f "$key_file"
        # Half the default memory, and samples visible after 1 s rather than 30: this is a demonstration on a Pi.
        start victoria-metrics "$store_port" '' "$victoria" "-httpListenAddr=127.0.0.1:$store_port" \
            "-storageDataPath=$state/victoria-metrics" -search.latencyOffset=1s -memory.allowedPercent=30
    fi
    start pifleet-node-exporter "$node_port" '' "$node_exporter" "--web.listen-address=127.0.0.1:$node_port"
    if [[ -n $kubeconfig ]]; then
        KUBECONFIG=$kubeconfig start pifleet-k8s-state-exporter "$kube_port" "$kubeconfig" "$kube_exporter" --host=127.0.0.1 \
            --telemetry-host=127.0.0.1 "--port=$kube_port" "--telemetry-port=$kube_own_port"
    else
        stop_service pifleet-k8s-state-exporter
    fi
    forwarder_config >"$config"
    start pifleet-forwarder "$page_port" "$(<"$config")$license_key" "$forwarder" "--config.file=$config" \
        "--storage.path=$state/forwarder" \
        "--web.listen-address=127.0.0.1:$page_port"
}

check_alive() {
    local name
    for name in pifleet-node-exporter pifleet-forwarder ${kubeconfig:+pifleet-k8s-state-exporter}; do
        service_pid "$name" >/dev/null || fail_service "$name" "$name has ended"
    done
}

fetch() { curl -sS --max-time 5 --get "$@"; }

# Until a whole scrape younger than this run is read back from the receiver: "up" is the last that a scrape yields.
await_samples() {
    local since tries export="http://127.0.0.1:$store_port/api/v1/export" samples load
    since=$(date +%s)
    say "waiting for samples to arrive in VictoriaMetrics"
    for ((tries = 0; tries < 60; ++tries)); do
        samples=$(fetch "$export" -d "start=$since" --data-urlencode 'match[]={job="node"}' || true)
        if [[ $samples == *'"node_load1"'* && $samples == *'"up"'* ]]; then
            load=$(sed -n 's/.*"__name__":"node_load1".*"values":\[\([^],]*\).*/\1/p' <<<"$samples")
            say "read back from VictoriaMetrics: $(wc -l <<<"$samples") series of this machine, node_load1 = $load"
            return 0
        fi
        check_alive
        sleep 1
    done
    fail_service pifleet-forwarder "no sample arrived within 60 s; http://127.0.0.1:$page_port/ shows each step"
}

# And, where there is a cluster, its nodes.
await_cluster() {
    local tries export="http://127.0.0.1:$store_port/api/v1/export" since samples
    since=$(date +%s)
    for ((tries = 0; tries < 30; ++tries)); do
        samples=$(fetch "$export" -d "start=$since" --data-urlencode 'match[]={__name__="kube_node_info"}' || true)
        if [[ $samples == *'"kube_node_info"'* ]]; then
            say "read back from VictoriaMetrics: $(wc -l <<<"$samples") nodes of the cluster"
            return 0
        fi
        check_alive
        sleep 1
    done
    warn "the cluster of $kubeconfig has told nothing within 30 s; $state/pifleet-k8s-state-exporter.log says why"
}

# New Relic cannot be asked without a second key: what the forwarder was answered is what can be known.
await_delivery() {
    local tries page
    say "waiting for New Relic to accept samples"
    for ((tries = 0; tries < 60; ++tries)); do
        page=$(fetch "http://127.0.0.1:$page_port/metrics" || true)
        if grep -qE '^pifleet_backend_samples_sent_total(\{[^}]*\})? [1-9]' <<<"$page"; then
            say "accepted by New Relic; look for prometheus_server = ${HOSTNAME//[^[:alnum:].-]/-}"
            return 0
        fi
        check_alive
        sleep 1
    done
    fail_service pifleet-forwarder "New Relic accepted nothing within 60 s; http://127.0.0.1:$page_port/ says why"
}

print_addresses() {
    local name store="http://127.0.0.1:$store_port"
    say ""
    for name in pifleet-node-exporter pifleet-k8s-state-exporter pifleet-forwarder victoria-metrics; do
        service_pid "$name" >/dev/null || continue
        printf '  %-26s %s resident\n' "$name" "$(service_memory "$name")"
    done
    say ""
    say "  the forwarder's page   http://127.0.0.1:$page_port/"
    say "  the exporter           http://127.0.0.1:$node_port/"
    [[ -z $kubeconfig ]] || say "  the cluster's state    http://127.0.0.1:$kube_port/"
    if [[ -z $license_key ]]; then
        # Debian builds VictoriaMetrics without its graphical page; where one is there, that is what to open.
        if fetch -f -o /dev/null "$store/vmui/" 2>/dev/null; then
            say "  VictoriaMetrics        $store/vmui/"
        else
            say "  VictoriaMetrics        $store/ (its pages; Debian leaves out the graphical one)"
        fi
        say "  try                    curl -s '$store/api/v1/query?query=node_load1'"
    else
        say "  try                    curl -s http://127.0.0.1:$node_port/metrics | grep node_load"
    fi
    say "  logs and data          $state"
    say "  stop                   ./deploy/quickstart.sh --stop"
}

# prepare_state: the folder, ours alone, and the lock that keeps a second run out until this one ends.
prepare_state() {
    mkdir -p "$state"
    chmod 700 "$state"
    state=$(cd "$state" && pwd -P)
    services_folder=$state
    exec 9>"$state/lock"
    flock -n 9 || die "another quickstart is at work in $state"
}

run() {
    check_arguments
    prepare_state
    install_missing build run
    check_ports
    build
    [[ -n $license_key ]] || get_victoria
    trap '(($? == 0)) || say "what was started is stopped by ./deploy/quickstart.sh --stop" >&2' EXIT
    start_all
    if [[ -n $license_key ]]; then
        await_delivery
    else
        await_samples
        [[ -z $kubeconfig ]] || await_cluster
    fi
    print_addresses
}

case $* in
'') run ;;
--stop) prepare_state && stop_all ;;
--help | -h) usage ;;
*) die "unknown argument '$*'; see ./deploy/quickstart.sh --help" ;;
esac
