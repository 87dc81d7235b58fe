# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034 # the lists are used by run and test
# Sourced by run and test: which packages there are, how they get onto a Debian machine, how a preset is built.
# All of it talks on standard error, so that standard output is the started program's alone.

# What building and running takes; cmake/Dependencies.cmake says what needs which. "a|b" is whichever there is: Debian
# 13 has some under other names than Debian 12.
BUILD_PACKAGES=(
    g++ cmake ninja-build ccache pkg-config ca-certificates
    qt6-base-dev qt6-charts-dev libqt6opengl6-dev qt6-svg-dev libqt6sql6-sqlite qtkeychain-qt6-dev
    libsimdjson-dev libtomlplusplus-dev 'libllhttp-dev|node-llhttp' libnghttp2-dev libssl-dev zlib1g-dev libbrotli-dev libzstd-dev
    qt6-wayland fonts-dejavu-core
)

# What the tests take on top.
TEST_PACKAGES=(libbenchmark-dev python3 xvfb xauth openssl curl nginx-light haproxy caddy)
# A keychain, but not onto a desktop that has another one: there its test is not built.
[ -z "${CI:-}" ] || TEST_PACKAGES+=(dbus gnome-keyring)

# What the fuzzers take: another compiler.
FUZZ_PACKAGES=(clang libclang-rt-dev)

# Those of them that Debian runs as services, by the names of these. weir-bench starts the programs itself.
declare -A SERVICES=([nginx-light]=nginx [haproxy]=haproxy [caddy]=caddy)

say() { printf '» %s\n' "$*" >&2; }

# Node.js runs the real clients. One that came another way than from Debian is as good.
node_packages() {
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

apt_get() {
    # -q still names each download: they can take minutes.
    # The lock: a machine that has just been set up is often busy updating itself.
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" \
        </dev/null >&2
}

# install_idle PACKAGE…: installs without a service coming up. Debian starts a server while it is installed and at
# each boot from then on; on a developer's machine that takes port 80 and opens it to the network. policy-rc.d is
# what Debian asks before it starts anything (deb-systemd-invoke(1p), invoke-rc.d(8)); 101 means no. Who has
# a policy already, as containers do, keeps it. What was installed before is not touched.
install_idle() (
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        trap 'as_root rm -f "$policy"' EXIT
        trap 'exit 130' INT TERM # on which the line above runs
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    apt_get install -y --no-install-recommends "$@" || exit
    command -v systemctl >/dev/null || exit 0
    for package in "$@"; do
        [ -z "${SERVICES[$package]:-}" ] || as_root systemctl --quiet disable "${SERVICES[$package]}"
    done
)

# is_among NAME|NAME… LINES: true if one of the lines is one of the names.
is_among() {
    local name
    for name in ${1//|/ }; do
        [[ $'\n'$2$'\n' != *$'\n'"$name"$'\n'* ]] || return 0
    done
    return 1
}

# available NAME|NAME…: the first of them that apt knows, else the first.
available() {
    local name
    for name in ${1//|/ }; do
        ! apt-cache show "$name" >/dev/null 2>&1 || { echo "$name"; return; }
    done
    echo "${1%%|*}"
}

# Set once a package was installed: what was configured before has not seen it.
INSTALLED=

# install_missing PACKAGE…: asks dpkg once, so that it costs next to nothing when all is there.
install_missing() {
    local installed missing=() packages package
    if ! command -v apt-get >/dev/null; then
        say "This is not Debian. What follows needs the counterparts of: $*"
        return 0
    fi
    # Fails when it does not know one of them, which is the very case this is for.
    # shellcheck disable=SC2048,SC2086 # "a|b" is two
    installed=$(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' ${*//|/ } 2>/dev/null |
        sed -n 's/^installed //p' || true)
    for package in "$@"; do
        is_among "$package" "$installed" || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        mapfile -t packages < <(for package in "${missing[@]}"; do available "$package"; done)
        say "There is no sudo. As root: apt-get install --no-install-recommends ${packages[*]}"
        return 1
    fi
    say "Installing what is missing, and what that needs: ${missing[*]//|/ or }"
    apt_get update || say "The package lists could not be updated; trying with those that are there."
    mapfile -t packages < <(for package in "${missing[@]}"; do available "$package"; done)
    install_idle "${packages[@]}"
    INSTALLED=1
}

# build PRESET [TARGET…]
build() {
    local preset=$1
    # Ninja configures again by itself when a CMakeLists.txt changes, but knows neither presets nor packages.
    if [ -n "$INSTALLED" ] || [ ! build/"$preset"/build.ninja -nt CMakePresets.json ]; then
        say "Configuring build/$preset"
        cmake --preset "$preset" -Wno-dev >&2
    fi
    say "Building build/$preset"
    shift
    cmake --build --preset "$preset" ${1:+--target "$@"} >&2
}
