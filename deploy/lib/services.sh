# shellcheck shell=bash
# Programs that outlive the script that starts them: NAME.pid, NAME.stamp and NAME.log in $services_folder.
# A pid file names boot, pid and start time, so that a number which the kernel gave to somebody else since is never
# taken for ours. Sourced after common.sh.

services_folder=${services_folder:-}

# When process PID began, in ticks since boot; fails if there is none, or if it has ended and only waits to be reaped.
process_start() {
    local stat fields
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    # The second field, the program's name in parentheses, may hold blanks and parentheses itself.
    read -ra fields <<<"${stat##*) }"
    [[ ${fields[0]} != [ZX] ]] && say "${fields[19]}"
}

# service_pid NAME: its pid; fails if it does not run.
service_pid() {
    local boot pid start
    read -r boot pid start 2>/dev/null <"$services_folder/$1.pid" || return 1
    [[ $boot == "$(</proc/sys/kernel/random/boot_id)" ]] || return 1
    [[ -n $start && $start == "$(process_start "$pid")" ]] && say "$pid"
}

# start_service NAME STAMP COMMAND…: leaves a running service alone if it was started with the same STAMP (a text that
# changes whenever it should be restarted), else (re)starts it.
start_service() {
    local name=$1 stamp=$2 pid log=$services_folder/$1.log
    shift 2
    if pid=$(service_pid "$name"); then
        if [[ $stamp == "$(cat "$services_folder/$name.stamp" 2>/dev/null)" ]]; then
            say "$name runs already, unchanged (pid $pid)"
            return 0
        fi
        stop_service "$name"
    fi
    [[ ! -f $log ]] || mv -f "$log" "$log.1"
    # Descriptor 9 is the script's lock: not to be inherited by what outlives the script.
    setsid "$@" >"$log" 2>&1 </dev/null 9>&- &
    pid=$!
    say "$(</proc/sys/kernel/random/boot_id) $pid $(process_start "$pid")" >"$services_folder/$name.pid"
    say "$stamp" >"$services_folder/$name.stamp"
    say "$name started (pid $pid)"
}

# stop_service NAME: asks it to end, and after 15 s makes it. Nothing happens if it does not run.
stop_service() {
    local name=$1 pid tries
    if pid=$(service_pid "$name"); then
        kill -TERM "$pid" 2>/dev/null || true
        for ((tries = 0; tries < 150; ++tries)); do
            service_pid "$name" >/dev/null || break
            sleep 0.1
        done
        if service_pid "$name" >/dev/null; then
            warn "$name (pid $pid) did not end within 15 s of SIGTERM; killing it"
            kill -KILL "$pid" 2>/dev/null || true
        fi
        say "$name stopped (pid $pid)"
    fi
    rm -f "$services_folder/$name.pid" "$services_folder/$name.stamp"
}

# fail_service NAME MESSAGE: ends the script with the last lines of the service's log.
fail_service() {
    printf -- '--- last lines of %s\n' "$services_folder/$1.log" >&2
    tail -n 15 "$services_folder/$1.log" >&2 || true
    printf -- '---\n' >&2
    die "$2"
}

# await_service NAME PORT: until it accepts connections on loopback.
await_service() {
    local tries
    for ((tries = 0; tries < 300; ++tries)); do
        service_pid "$1" >/dev/null || fail_service "$1" "$1 ended instead of listening on port $2"
        if (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null; then
            return 0
        fi
        sleep 0.1
    done
    fail_service "$1" "$1 does not listen on port $2 after 30 s"
}

# service_memory NAME: resident memory, in MB.
service_memory() {
    local pid
    pid=$(service_pid "$1") && awk '$1 == "VmRSS:" { printf "%.1f MB", $2 / 1024 }' "/proc/$pid/status"
}

# port_owner PORT: who listens where a server on loopback would; fails if nobody does. A process of another user shows
# us no name, but its user and its control group, which for a systemd service is the service's name.
port_owner() {
    local line owner user
    line=$(ss -Hltnpe "sport = :$1" |
        awk '$4 ~ /^(127\.0\.0\.1|0\.0\.0\.0|\*|\[::\]|\[::ffff:127\.0\.0\.1\])(%[^:]*)?:[0-9]+$/ && !found++')
    [[ -n $line ]] || return 1
    if [[ $line =~ users:\(\(\"([^\"]*)\",pid=([0-9]+) ]]; then
        owner="${BASH_REMATCH[1]} (pid ${BASH_REMATCH[2]})"
    else
        user=0
        [[ ! $line =~ uid:([0-9]+) ]] || user=${BASH_REMATCH[1]}
        owner="a process of user $(id -nu "$user" 2>/dev/null || say "$user")"
    fi
    [[ ! $line =~ cgroup:[^\ ]*/([^/\ ]+\.service) ]] || owner+=", ${BASH_REMATCH[1]}"
    say "$owner"
}

# check_port PORT SERVICE VARIABLE: ends the script if somebody else than our own SERVICE has the port. VARIABLE is
# where another port can be chosen.
check_port() {
    local owner pid
    owner=$(port_owner "$1") || return 0
    if pid=$(service_pid "$2") && [[ $owner == *"(pid $pid)"* ]]; then
        return 0
    fi
    printf 'error: port %s, which %s needs, is taken by %s\n' "$1" "$2" "$owner" >&2
    die "stop that, or choose another port: $3=…"
}
