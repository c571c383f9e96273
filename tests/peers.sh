#!/usr/bin/env bash
# The real programs that pifleet is measured against, out of Debian's archive, nothing installed: the newest that
# start here (sid's, else trixie's) and those of Debian 12.
#
#   tests/peers.sh [FOLDER]     default: build/peers. Kept between runs, fetched anew after 30 days.
#
# FOLDER/peers.env then holds, per peer, NAME=path and NAME_VERSION=…, or NAME= and NAME_MISSING=why: a test whose
# peer is missing is skipped, never passed. Prints what there is. Succeeds even if a peer is missing.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/archive.sh"

mkdir -p "${1:-$repository/build/peers}"
folder=$(cd "${1:-$repository/build/peers}" && pwd -P)
environment=$folder/peers.env

# variable, suites to try in this order, program, the packages that may hold it (promtool had none of its own once)
peers() {
    cat <<'PEERS'
PEER_PROMETHEUS       sid,trixie  prometheus                prometheus
PEER_PROMTOOL         sid,trixie  promtool                  promtool,prometheus
PEER_NODE_EXPORTER    sid,trixie  prometheus-node-exporter  prometheus-node-exporter
PEER_VICTORIA         sid,trixie  victoria-metrics          victoria-metrics
PEER_VMAGENT          sid,trixie  vmagent                   victoria-metrics
PEER_PROMETHEUS_12    bookworm    prometheus                prometheus
PEER_PROMTOOL_12      bookworm    promtool                  prometheus
PEER_NODE_EXPORTER_12 bookworm    prometheus-node-exporter  prometheus-node-exporter
PEER_VICTORIA_12      bookworm    victoria-metrics          victoria-metrics
PEERS
}

# Whether what an earlier run left is complete, recent and still where it was.
complete() {
    local variable
    [[ -n $(find "$environment" -mtime -30 2>/dev/null) ]] || return 1
    # shellcheck disable=SC1090 # written by this script
    . "$environment"
    while read -r variable _; do
        [[ -x ${!variable:-} ]] || return 1
    done < <(peers)
}

declare -A opened
open_once() {
    if [[ -z ${opened[$1]:-} ]]; then
        opened[$1]=no
        if open_archive "$folder/archive-$1" "$1"; then opened[$1]=yes; fi
    fi
    [[ ${opened[$1]} == yes ]]
}

# fetch_peer SUITES PROGRAM PACKAGES: sets path and version, or reason.
fetch_peer() {
    local suite package
    path='' version='' reason="Debian's archive cannot be reached or does not hold it"
    for suite in ${1//,/ }; do
        open_once "$suite" || continue
        for package in ${3//,/ }; do
            version=$(take_from_archive "$folder/archive-$suite" "$package" "$folder/$suite" "usr/bin/$2" \
                2>>"$folder/peers.log") || continue
            if "$folder/$suite/$2" --version &>>"$folder/peers.log"; then
                path=$folder/$suite/$2
                return
            fi
            reason="$suite's $version does not start on this machine"
        done
    done
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# What the program says itself, or, since Debian's VictoriaMetrics prints an empty line, its package's version.
spoken_version() {
    local said
    said=$("$1" --version 2>&1 | awk 'NF && !said++')
    say "${said:-$(basename "$1"), package version $2}"
}

fetch_all() {
    local variable suites program packages path version reason
    : >"$folder/peers.log"
    : >"$environment.new"
    while read -r variable suites program packages; do
        fetch_peer "$suites" "$program" "$packages"
        {
            say "$variable=$(quoted "$path")"
            if [[ -n $path ]]; then
                say "${variable}_VERSION=$(quoted "$version")"
            else
                say "${variable}_MISSING=$(quoted "$reason")"
            fi
        } >>"$environment.new"
    done < <(peers)
    rm -rf "$folder"/archive-*
    mv -f "$environment.new" "$environment"
}

print_peers() {
    local variable missing version
    # shellcheck disable=SC1090
    . "$environment"
    while read -r variable _; do
        missing=${variable}_MISSING version=${variable}_VERSION
        if [[ -n ${!variable} ]]; then
            printf '  %-22s %s\n' "$variable" "$(spoken_version "${!variable}" "${!version}")"
        else
            printf '  %-22s MISSING: %s (see %s)\n' "$variable" "${!missing}" "$folder/peers.log"
        fi
    done < <(peers)
}

complete || fetch_all
print_peers
