#!/usr/bin/env bash
# Proves a main job on a machine with nothing installed: a Debian root made for the purpose, a clean clone in it (what
# is committed), and the job run there. Own mounts and processes, so nothing of it stays. Needs root and debootstrap;
# where they are missing it counts as skipped (exit 77).
#
#   tests/fresh_machine.sh RELEASE [JOB] [BASE]
#     RELEASE  12 or 13
#     JOB      quickstart  ./deploy/quickstart.sh twice, then --stop (the default)
#              user        the same by a user with sudo, in a folder with a blank in its name
#              tests       ./tests/run.sh
#     BASE     an untouched debootstrap root of that release to copy, rather than making one
#
# Network ports are the machine's: PIFLEET_NODE_PORT and the like are handed on to the quickstart.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/archive.sh"

release=${1:-} job=${2:-quickstart} base=${3:-}
case $release in
12) codename=bookworm ;;
13) codename=trixie ;;
*) die "which release? tests/fresh_machine.sh 12|13 [quickstart|user|tests] [BASE]" ;;
esac

case $job in
quickstart | user | tests) ;;
*) die "unknown job '$job' (expected quickstart, user or tests)" ;;
esac

skip() {
    say "skipped: $*"
    exit 77
}
((EUID == 0)) || skip "needs root"
[[ -n $base ]] || command -v debootstrap >/dev/null || skip "needs debootstrap"

mapfile -t ports < <(env | grep -E '^PIFLEET_(NODE|PAGE|STORE)_PORT=[0-9]+$' || true)

root=$(mktemp -d "${TMPDIR:-/tmp}/pifleet-fresh-$release.XXXXXX")
# The mounts live in a namespace that ends before this does, so there is nothing below the root but its own files.
trap 'rm -rf --one-file-system "$root"' EXIT
chmod 755 "$root"  # it is to be somebody's /

make_root() {
    if [[ -n $base ]]; then
        cp -a "$base/." "$root"
    else
        debootstrap --variant=minbase "$codename" "$root" "$(archive_uri)" >"$root.log" ||
            { tail -n 5 "$root.log" && die "debootstrap failed"; }
        rm -f "$root.log"
    fi
    cp -L /etc/resolv.conf "$root/etc/resolv.conf"
}

# in_root COMMAND…: runs it in the root with a process space of its own; whatever it leaves running ends with it.
in_root() {
    # shellcheck disable=SC2016 # for the inner shell
    unshare --mount --pid --fork --kill-child bash -euc '
        root=$1
        shift
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        mount --rbind --options ro /sys "$root/sys"
        exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@"
    ' in_root "$root" "${ports[@]}" "$@"
}

# A second run must work like the first, and a stop must leave nothing of ours running.
quickstart='./deploy/quickstart.sh && ./deploy/quickstart.sh && ./deploy/quickstart.sh --stop &&
    ! ls -l /proc/[0-9]*/exe 2>/dev/null | grep -E "/(pifleet-[a-z0-9-]+|victoria-metrics)( \(deleted\))?$"'

begin_phase "root of Debian $release"
make_root
case $job in
quickstart)
    git clone --quiet "$repository" "$root/root/pifleet"
    begin_phase "quickstart"
    in_root HOME=/root bash -c "cd /root/pifleet && $quickstart"
    ;;
user)
    begin_phase "user with sudo"
    in_root bash -c 'apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qqy install sudo >/dev/null &&
        useradd --create-home --shell /bin/bash pi && echo "pi ALL=(root) NOPASSWD: ALL" >/etc/sudoers.d/pi'
    git clone --quiet "$repository" "$root/home/pi/my pifleet"
    in_root chown -R pi: /home/pi
    begin_phase "quickstart"
    in_root su --login pi --whitelist-environment=PIFLEET_NODE_PORT,PIFLEET_PAGE_PORT,PIFLEET_STORE_PORT \
        --command "cd 'my pifleet' && $quickstart"
    ;;
tests)
    git clone --quiet "$repository" "$root/root/pifleet"
    begin_phase "tests"
    in_root HOME=/root bash -c 'cd /root/pifleet && ./tests/run.sh'
    ;;
esac
print_phases
