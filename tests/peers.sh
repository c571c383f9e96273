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

# The same for programs that come with libraries: suites ("own" is this machine's release), the program within the package, an
# argument and the exit status by which it shows that it starts, the package. What is installed already is taken as it is.
trees() {
    cat <<'TREES'
PEER_INFLUXDB    own,bookworm  usr/bin/influxd                    version    0   influxdb
PEER_NGINX       own,bookworm  usr/sbin/nginx                     -v         0   nginx
PEER_CLICKHOUSE  own,bookworm  usr/sbin/clickhouse-server         --version  78  clickhouse-server
PEER_CARBON      own,bookworm  usr/bin/carbon-cache               --help     0   graphite-carbon
PEER_WHISPER     own,bookworm  usr/bin/whisper-fetch              --help     0   graphite-carbon
PEER_POSTGRES    own,bookworm  usr/lib/postgresql/*/bin/postgres  --version  0   postgresql
PEER_INITDB      own,bookworm  usr/lib/postgresql/*/bin/initdb    --version  0   postgresql
PEER_PSQL        own,bookworm  usr/lib/postgresql/*/bin/psql      --version  0   postgresql
TREES
}

# Whether what an earlier run left is complete, recent and still where it was.
complete() {
    local variable
    [[ -n $(find "$environment" -mtime -30 2>/dev/null) ]] || return 1
    # shellcheck disable=SC1090 # written by this script
    . "$environment"
    while read -r variable _; do
        [[ -x ${!variable:-} ]] || return 1
    done < <(peers && trees)
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

# A program of a tree finds the tree's libraries and Python modules by this.
write_wrapper() {
    local wrapper=$1 tree=$2 program=$3 libraries
    libraries=$(printf '%s:' "$tree"/usr/lib/*-linux-gnu* "$tree"/lib/*-linux-gnu*)
    {
        say '#!/bin/sh'
        say "export LD_LIBRARY_PATH=$(quoted "${libraries%:}") PYTHONPATH=$(quoted "$tree/usr/lib/python3/dist-packages")"
        say "exec $(quoted "$program") \"\$@\""
    } >"$wrapper"
    chmod +x "$wrapper"
}

# first_file PATTERN: the program that it stands for; fails if there is none.
first_file() {
    local found
    # shellcheck disable=SC2086 # a pattern
    for found in $1; do
        [[ -x $found ]] && say "$found" && return
    done
    return 1
}

# starts PROGRAM ARGUMENT STATUS
starts() {
    local status=0
    "$1" "$2" &>>"$folder/peers.log" || status=$?
    ((status == $3))
}

declare -A unpacked
# fetch_tree SUITES PROGRAM ARGUMENT STATUS PACKAGE: sets path and version, or reason.
fetch_tree() {
    local suite tree program
    path='' version='' reason="Debian's archive cannot be reached or does not hold it"
    if program=$(first_file "/$2") && starts "$program" "$3" "$4"; then
        path=$program version=installed
        return
    fi
    for suite in ${1//,/ }; do
        open_once "$suite" || continue
        tree=$folder/trees/$suite-$5
        if [[ -z ${unpacked[$tree]:-} ]]; then
            unpacked[$tree]=$(take_tree_from_archive "$folder/archive-$suite" "$5" "$tree" 2>>"$folder/peers.log") || continue
        fi
        program=$(first_file "$tree/$2") || continue
        path=$folder/bin/$(basename "$program") version=${unpacked[$tree]}
        write_wrapper "$path" "$tree" "$program"
        if starts "$path" "$3" "$4"; then return; fi
        reason="$suite's $version does not start on this machine" path=''
    done
}

quoted() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

# What the program says itself, or, since Debian's VictoriaMetrics prints an empty line, its package's version.
spoken_version() {
    local said
    said=$("$1" --version 2>&1 | awk 'NF && !said++')
    say "${said:-$(basename "$1"), package version $2}"
}

write_peer() {
    say "$1=$(quoted "$path")"
    if [[ -n $path ]]; then
        say "${1}_VERSION=$(quoted "$version")"
    else
        say "${1}_MISSING=$(quoted "$reason")"
    fi
}

fetch_all() {
    local variable suites program argument status packages path version reason
    mkdir -p "$folder/bin"
    : >"$folder/peers.log"
    : >"$environment.new"
    while read -r variable suites program packages; do
        fetch_peer "$suites" "$program" "$packages"
        write_peer "$variable" >>"$environment.new"
    done < <(peers)
    while read -r variable suites program argument status packages; do
        fetch_tree "$suites" "$program" "$argument" "$status" "$packages"
        write_peer "$variable" >>"$environment.new"
    done < <(trees)
    rm -rf "$folder"/archive-*
    mv -f "$environment.new" "$environment"
}

print_peers() {
    local variable missing version said
    # shellcheck disable=SC1090
    . "$environment"
    while read -r variable _; do
        missing=${variable}_MISSING version=${variable}_VERSION
        if [[ -z ${!variable} ]]; then
            printf '  %-22s MISSING: %s (see %s)\n' "$variable" "${!missing}" "$folder/peers.log"
            continue
        fi
        said="$(basename "${!variable}"), package version ${!version}"
        if peers | grep -q "^$variable "; then said=$(spoken_version "${!variable}" "${!version}"); fi
        printf '  %-22s %s\n' "$variable" "$said"
    done < <(peers && trees)
}

complete || fetch_all
print_peers
