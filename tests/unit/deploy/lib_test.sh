#!/usr/bin/env bash
# What deploy/lib promises: only our own processes are ever stopped, a taken port has a name, the package file is read
# per release. Uses loopback ports of the kernel's choice and a folder with a blank in its name.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd -P)
. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/packages.sh"
. "$repository/deploy/lib/services.sh"

work=$(mktemp -d)
services_folder="$work/state folder"
mkdir "$services_folder"
bystander=
trap '[[ -z $bystander ]] || kill "$bystander"; stop_service sleeper >/dev/null; rm -rf "$work"' EXIT

check() { # check WHAT COMMAND…
    local what=$1
    shift
    "$@" || die "failed: $what"
    say "ok: $what"
}
fails() { ! "$@" >/dev/null 2>&1; }
contains() { [[ $1 == *"$2"* ]]; }
same() { [[ $1 == "$2" ]]; }

# Packages: every release has its own Boost and only that; sections do not leak.
check "12 has Boost 1.81" contains "$(packages_of 12 build)" libboost1.81-dev
check "13 has Boost 1.83" contains "$(packages_of 13 build)" libboost1.83-dev
check "13 has no Boost 1.81" fails contains "$(packages_of 13 build)" libboost1.81-dev
check "the build needs no test package" fails contains "$(packages_of 12 build run)" catch2
check "an installed package is not missing" same "$(missing_of <<<bash)" ""
check "a package that is not there is" same "$(missing_of <<<no-such-package-at-all)" no-such-package-at-all

# Services: started once, restarted when the stamp changes, stopped by identity and not by number.
check "a service that never ran has no pid" fails service_pid sleeper
start_service sleeper one sleep 1000
first=$(service_pid sleeper)
start_service sleeper one sleep 1000
check "the same stamp leaves it alone" same "$(service_pid sleeper)" "$first"
start_service sleeper two sleep 1000
second=$(service_pid sleeper)
check "another stamp restarts it" fails same "$second" "$first"
check "the first one has ended" fails process_start "$first"
stop_service sleeper
check "stopped is stopped" fails process_start "$second"

sleep 1000 &
bystander=$!
boot=$(</proc/sys/kernel/random/boot_id)
say "$boot $bystander $(($(process_start "$bystander") - 1))" >"$services_folder/sleeper.pid"
stop_service sleeper
check "a pid that was given to somebody else is spared" process_start "$bystander"
say "another-boot $bystander $(process_start "$bystander")" >"$services_folder/sleeper.pid"
stop_service sleeper
check "a pid from before a reboot is spared" process_start "$bystander"
: >"$services_folder/sleeper.pid"
check "an empty pid file is no service" fails service_pid sleeper

start_service sleeper three false
check "a program that ends at once fails the start" fails eval '(await_service sleeper 1)'

# Ports: a listener that a server on loopback would collide with has a name; a free port has none.
python3 -c 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1], flush=True); time.sleep(1000)' \
    >"$work/port" &
listener=$!
until [[ -s $work/port ]]; do sleep 0.05; done
port=$(<"$work/port")
owner=$(port_owner "$port")
check "the owner of a taken port is named with its pid" contains "$owner" "(pid $listener)"
kill "$listener"
wait "$listener" || true
check "a free port has no owner" fails port_owner "$port"
