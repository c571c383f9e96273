# shellcheck shell=bash
# What every script here shares: talking to the person, becoming root for apt, sizing and running a build.
# Sourced, never run. Callers set -euo pipefail.

say() { printf '%s\n' "$*"; }
warn() { printf 'warning: %s\n' "$*" >&2; }
die() {
    printf 'error: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        return 127
    fi
}

# begin_phase NAME … print_phases: how long each step of a long script took.
phase_names=()
phase_seconds=()
phase_begin=0
begin_phase() {
    end_phase
    phase_names+=("$1")
    phase_begin=$SECONDS
    say "==> $1"
}
end_phase() {
    if ((${#phase_seconds[@]} < ${#phase_names[@]})); then
        phase_seconds+=($((SECONDS - phase_begin)))
    fi
}
print_phases() {
    end_phase
    local i
    for i in "${!phase_names[@]}"; do
        printf '%6d s  %s\n' "${phase_seconds[i]}" "${phase_names[i]}"
    done
}

# One compiler job per processor, but no more than the free memory carries: the heaviest files need about 1 GB.
build_jobs() {
    local processors available_kb by_memory
    processors=$(nproc)
    available_kb=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
    by_memory=$((${available_kb:-0} / 1000000))
    ((by_memory >= 1)) || by_memory=1
    say $((by_memory < processors ? by_memory : processors))
}

# configure_tree SOURCE TREE CMAKE_ARGUMENT...: configures TREE, from scratch if the clone was moved since.
configure_tree() {
    local source=$1 tree=$2 fresh=()
    shift 2
    if [[ -f $tree/CMakeCache.txt ]] &&
        ! grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$source" "$tree/CMakeCache.txt"; then
        fresh=(--fresh)
    fi
    cmake "${fresh[@]}" -S "$source" -B "$tree" -G Ninja "$@"
}

# build_tree TREE TARGET...
build_tree() {
    local tree=$1
    shift
    NINJA_STATUS='[%f/%t, %es] ' cmake --build "$tree" --parallel "$(build_jobs)" --target "$@"
}
