# shellcheck shell=bash
# Programs out of Debian's archive without installing them: a private apt state (own lists, own cache, empty dpkg
# status) downloads a package, its signature checked as ever, and single files are taken out of it. Needs no root,
# changes nothing on the machine, starts no service. Sourced after common.sh.

# The archive this machine installs from already: a mirror that its owner chose stays chosen.
archive_uri() {
    # shellcheck disable=SC2016 # apt's own placeholders
    apt-get indextargets --no-release-info --format '$(REPO_URI)' 'Created-By: Packages' |
        awk '/\/debian\/?$/ && !found++'
}

# open_archive STATE SUITE [ARCHITECTURE]: makes the folder STATE an apt state for SUITE, or for the machine's own release and
# sources if SUITE is "own"; of another ARCHITECTURE than this machine's, if one is named. Fails, saying why on stderr, if there
# is nowhere to ask.
open_archive() {
    local state=$1 suite=$2 architecture=${3:-} uri
    mkdir -p "$state"/{lists/partial,cache/archives/partial,etc}
    : >"$state/status"
    {
        printf 'Dir::State "%s";\nDir::State::lists "%s/lists";\nDir::State::status "%s/status";\n' \
            "$state" "$state" "$state"
        printf 'Dir::Cache "%s/cache";\nDir::Log "%s";\n' "$state" "$state"
        # No settings of the machine's own, for they may hold hooks that act on it. How to reach the network stays.
        printf 'Dir::Etc::parts "%s/etc";\nDir::Etc::main "/dev/null";\n' "$state"
        apt-config dump | grep -E '^Acquire::(https?|Retries|ForceIPv[46]|Check-)' || true
        # apt's own user cannot enter a folder in somebody's home.
        printf 'APT::Sandbox::User "root";\nAcquire::Languages "none";\nAcquire::GzipIndexes "true";\n'
        [[ -z $architecture ]] || printf 'APT::Architecture "%s";\nAPT::Architectures { "%s"; };\n' "$architecture" "$architecture"
        if [[ $suite != own ]]; then
            printf 'Dir::Etc::sourcelist "%s/sources.list";\nDir::Etc::sourceparts "/dev/null";\n' "$state"
        fi
    } >"$state/apt.conf"
    if [[ $suite != own ]]; then
        uri=$(archive_uri)
        if [[ -z $uri ]]; then
            warn "none of this machine's apt sources is a Debian archive"
            return 1
        fi
        say "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri $suite main" >"$state/sources.list"
    fi
    # One archive of several being away is no reason to stop: the download shows whether it mattered.
    APT_CONFIG=$state/apt.conf apt-get -qq update >&2 || true
}

# take_from_archive STATE PACKAGE FOLDER FILE...: the FILEs of PACKAGE (as in usr/bin/name) into FOLDER, flat and all
# or none. Prints the package's version.
take_from_archive() {
    local state=$1 package=$2 folder=$3 file deb work
    shift 3
    work=$state/unpacked
    rm -rf "$work" "$state"/*.deb
    mkdir -p "$work" "$folder"
    (cd "$state" && APT_CONFIG=$state/apt.conf apt-get -qq download "$package") >&2 || return 1
    deb=$(printf '%s\n' "$state"/*.deb)
    dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$work" "${@/#/./}" || return 1
    for file in "$@"; do
        mv -f "$work/$file" "$folder/" || return 1
    done
    dpkg-deb -f "$deb" Version
    rm -rf "$work" "$deb"
}

# needed_packages STATE PACKAGE: PACKAGE, those it is split into, and the libraries and Python modules that they need. The C and
# C++ runtime, the interpreters and what only an installation needs stay the machine's own.
needed_packages() {
    local no=(--no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances)
    APT_CONFIG=$1/apt.conf apt-cache depends --recurse "${no[@]}" "$2" | grep -E "^(lib|python3-|${2%%-*}(-|$))" |
        grep -vE '^(libc6|libgcc-s1|libstdc\+\+6|libllvm.*|libpython.*|libperl.*|lib.*-perl|python3-minimal)$' |
        grep -vE '^lib(pam|selinux|semanage|sepol|audit|cap-ng|acl|newt|debian-installer|textwrap)'
}

# take_tree_from_archive STATE PACKAGE FOLDER: PACKAGE with what it needs, unpacked below FOLDER as it would lie on the machine; no script of
# theirs runs. Prints the package's version.
take_tree_from_archive() {
    local state=$1 package=$2 folder=$3 deb packages
    rm -rf "$folder" "$state"/*.deb
    mkdir -p "$folder"
    mapfile -t packages < <(needed_packages "$state" "$package" 2>/dev/null)
    ((${#packages[@]})) || return 1
    (cd "$state" && APT_CONFIG=$state/apt.conf apt-get -qq download "${packages[@]}") >&2 || return 1
    for deb in "$state"/*.deb; do
        dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" || return 1
        if [[ $(dpkg-deb -f "$deb" Package) == "$package" ]]; then dpkg-deb -f "$deb" Version; fi
        rm -f "$deb"
    done
}
