#!/usr/bin/env bash
# The three programs and their Debian packages for a Pi, built on this machine: ./deploy/cross.sh arm64|armhf. The other
# architecture's libraries come from Debian's archive into a folder (build/cross-ARCH/sysroot); nothing else here changes.
# Needs the packages of sections build and cross in deploy/packages.txt, and installs what is missing.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
. "$repository/deploy/lib/common.sh"
. "$repository/deploy/lib/packages.sh"
. "$repository/deploy/lib/archive.sh"

architecture=${1:-}
case $architecture in
arm64) cpu=aarch64 triple=aarch64-linux-gnu qemu=qemu-aarch64 ;;
armhf) cpu=arm triple=arm-linux-gnueabihf qemu=qemu-arm ;;
*) die "which architecture? ./deploy/cross.sh arm64|armhf" ;;
esac
tree=$repository/build/cross-$architecture
sysroot=$tree/sysroot

# The libraries among what a build needs, and the C and C++ ones of the compiler's own version.
wanted() {
    packages_of "$(debian_release)" build | grep -E '^(lib|nlohmann).*-dev$'
    say libc6-dev "libstdc++-$("$triple-g++" -dumpversion)-dev"
}

make_sysroot() {
    local state=$tree/archive deb packages
    [[ ! -f $sysroot/complete ]] || return 0
    rm -rf "$state" "$sysroot"
    mkdir -p "$sysroot/shlibs"
    mapfile -t packages < <(wanted | tr ' ' '\n')
    open_archive "$state" own "$architecture"
    APT_CONFIG=$state/apt.conf apt-get -qq --yes --no-install-recommends --download-only install "${packages[@]}" >&2 ||
        die "Debian's libraries for $architecture could not be had"
    for deb in "$state"/cache/archives/*.deb; do
        dpkg-deb -x "$deb" "$sysroot"
        # Which package to depend on for a library: "NAME VERSION DEPENDENCY" a line.
        dpkg-deb --ctrl-tarfile "$deb" | tar -xO ./shlibs 2>/dev/null | grep -v : >>"$sysroot/shlibs/all" || true
    done
    rm -rf "$state"
    touch "$sysroot/complete"
}

# needed_by FILE…: what their shared libraries are called in Debian, as a list for Depends.
needed_by() {
    "$triple-readelf" -d "$@" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | sort -u | while read -r library; do
        [[ $library =~ ^(.*)\.so\.(.*)$ || $library =~ ^(ld-linux.*)\.so\.(.*)$ ]] || die "no version in the name $library"
        awk -v name="${BASH_REMATCH[1]}" -v version="${BASH_REMATCH[2]}" '
            $1 == name && $2 == version { $1 = $2 = ""; sub(/^ +/, ""); print; found = 1; exit }
            END { exit !found }' "$sysroot/shlibs/all" || die "no package in the sysroot has $library"
    done | sort -u | paste -sd, | sed 's/,/, /g'
}

write_dependencies() {
    local bin=$tree/bin
    {
        say "set(pifleet_needs_pifleet-node-exporter \"$(needed_by "$bin"/pifleet-node-exporter{,-tls})\")"
        say "set(pifleet_needs_pifleet-k8s-state-exporter \"$(needed_by "$bin/pifleet-k8s-state-exporter")\")"
        say "set(pifleet_needs_pifleet-forwarder \"$(needed_by "$bin/pifleet-forwarder")\")"
        local module name
        for module in "$bin"/pifleet-forwarder-*.so; do
            [[ -f $module ]] || continue
            name=$(basename "$module" .so)
            say "set(pifleet_needs_$name \"$(needed_by "$module")\")"
        done
    } >"$tree/needs.cmake"
}

install_missing build cross package
begin_phase "libraries for $architecture"
make_sysroot
begin_phase "build"
configure_tree "$repository" "$tree" -DPIFLEET_TESTS=OFF "-DCMAKE_TOOLCHAIN_FILE=$repository/deploy/cross/pi.cmake" \
    "-DPI_CPU=$cpu" "-DPI_TRIPLE=$triple" "-DPI_SYSROOT=$sysroot" "-DPI_DEBIAN=$architecture" -DPIFLEET_PACKAGE_DEPENDS=
build_tree "$tree" pifleet-node-exporter pifleet-k8s-state-exporter pifleet-forwarder
begin_phase "packages"
write_dependencies
cmake "-DPIFLEET_PACKAGE_DEPENDS=$tree/needs.cmake" "$tree" >/dev/null
mkdir -p "$tree/packages"
rm -f "$tree"/packages/*.deb
(cd "$tree/packages" && cpack --config "$tree/CPackConfig.cmake" >"$tree/cpack.log") || { cat "$tree/cpack.log" && die "cpack failed"; }
rm -rf "$tree/packages/_CPack_Packages"
for program in pifleet-node-exporter pifleet-k8s-state-exporter pifleet-forwarder; do
    version=$("$qemu" -L "$sysroot" "$tree/bin/$program" --version | head -n 1) || die "$program does not run under $qemu"
    printf '%-28s %8d bytes  %s\n' "$program" "$(stat -c %s "$tree/bin/$program")" "$version"
done
(cd "$tree/packages" && ls -l -- *.deb)
print_phases
