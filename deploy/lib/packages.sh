# shellcheck shell=bash
# Which Debian packages are needed (deploy/packages.txt says), which are missing, and installing those.
# Sourced after common.sh.

packages_file=$(dirname "${BASH_SOURCE[0]}")/../packages.txt

# The Debian release this machine runs: 12 or 13. Raspberry Pi OS carries Debian's number.
debian_release() {
    local id version
    id=$(. /etc/os-release && printf '%s' "${ID:-}")
    version=$(. /etc/os-release && printf '%s' "${VERSION_ID:-}")
    case $id/$version in
    debian/12 | debian/13 | raspbian/12 | raspbian/13) say "$version" ;;
    *) die "pifleet is built on Debian 12 and 13 (or Raspberry Pi OS); this is ${id:-unknown} ${version:-without a number}" ;;
    esac
}

# packages_of RELEASE SECTION...: the packages of these sections, one a line.
packages_of() {
    local release=$1
    shift
    awk -v release="$release" -v sections=" $* " '
        /^#/ || NF < 3 { next }
        index(sections, " " $1 " ") && ($2 == "*" || $2 == release) { for (i = 3; i <= NF; ++i) print $i }
    ' "$packages_file"
}

# Reads package names, prints those that are not installed.
missing_of() {
    local package
    while read -r package; do
        [[ $(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || say "$package"
    done
}

# install_missing SECTION...: as root, or by sudo; says what to install where neither can be had. --no-remove,
# because this is somebody's machine: what apt cannot add without taking something away is for its owner to decide.
install_missing() {
    local release missing
    release=$(debian_release)
    mapfile -t missing < <(packages_of "$release" "$@" | missing_of)
    ((${#missing[@]})) || return 0
    if ((EUID != 0)) && ! command -v sudo >/dev/null; then
        die "these packages are missing, and installing them needs root or sudo: apt-get install ${missing[*]}"
    fi
    say "installing ${#missing[@]} packages: ${missing[*]}"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    as_root "${apt[@]}" update || warn "apt-get update had errors; going on with the lists there are"
    as_root "${apt[@]}" install -y --no-install-recommends --no-remove "${missing[@]}" ||
        die "apt-get could not install: ${missing[*]} (the lines above say why)"
}
