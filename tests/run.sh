#!/usr/bin/env bash
# Every test, from a fresh clone: installs what is missing, builds, fetches the real peers, and runs one ctest over all
# build trees, whose closing lines are this script's own. See usage() below.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/packages.sh"
builds=$repository/build
trees=()

usage() {
    cat <<'USAGE'
./tests/run.sh          release and asan unit tests, integration tests against real peers
./tests/run.sh --all    also thread sanitizer, fuzzing, and everything labelled "long" (needs root for some)
./tests/run.sh --help   this text

A test whose peer cannot be had is skipped, and listed as such at the end.
USAGE
}

# variant TREE TARGET CMAKE_ARGUMENT...: builds one variant; its tests join the run at the end.
variant() {
    local tree=$1 target=$2
    shift 2
    begin_phase "build $tree"
    configure_tree "$repository" "$builds/$tree" -DPIFLEET_TESTS=ON "$@"
    build_tree "$builds/$tree" "$target"
    trees+=("$builds/$tree")
}

# ctest runs one tree; a file that names several makes them one run, with one list of failures and skips.
join_trees() {
    mkdir -p "$builds/tests"
    printf 'subdirs("%s")\n' "${trees[@]}" >"$builds/tests/CTestTestfile.cmake"
}

fetch_peers() {
    begin_phase "peers"
    "$repository/tests/peers.sh" "$builds/peers"
}

main() {
    local sections=(build run test) excluded=(-LE long)
    case $* in
    '') ;;
    --all)
        sections+=(test-all)
        excluded=()
        ;;
    --help | -h)
        usage
        return
        ;;
    *) die "unknown argument '$*'; see ./tests/run.sh --help" ;;
    esac

    begin_phase "packages"
    install_missing "${sections[@]}"
    variant release all
    variant asan pifleet_unit_tests -DPIFLEET_SANITIZE=address,undefined
    if [[ $* == --all ]]; then
        variant tsan pifleet_unit_tests -DPIFLEET_SANITIZE=thread
        variant fuzz pifleet_unit_tests -DPIFLEET_FUZZ=ON -DPIFLEET_SANITIZE=address,undefined -DCMAKE_CXX_COMPILER=clang++
    fi
    fetch_peers
    join_trees
    say "==> time so far, on $(nproc) processors"
    print_phases
    say "==> tests"
    UBSAN_OPTIONS=print_stacktrace=1 exec ctest --test-dir "$builds/tests" --output-on-failure --no-tests=error \
        --parallel "$(build_jobs)" "${excluded[@]}"
}

main "$@"
