# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2034 # the lists are used by run and test
# Sourced by run and test: which packages there are, and how they get onto a Debian machine.

# What building takes.
BUILD_PACKAGES=(
    g++ cmake ninja-build ccache pkg-config git ca-certificates
    qt6-base-dev qt6-charts-dev libqt6opengl6-dev qt6-svg-dev
    libsimdjson-dev libtomlplusplus-dev node-llhttp libnghttp2-dev libssl-dev
    fonts-dejavu-core
)

# What the tests take on top.
TEST_PACKAGES=(python3 xvfb xauth openssl curl)

say() { printf '\033[1m» %s\033[0m\n' "$*"; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Node.js runs the real clients. One that came another way than from Debian is as good.
node_packages() {
    command -v node >/dev/null || echo nodejs
    command -v npm >/dev/null || echo npm
}

# install_missing PACKAGE…: asks dpkg once, so that it costs next to nothing when all is there.
install_missing() {
    if ! command -v dpkg-query >/dev/null; then
        say "This is not Debian: install the counterparts of: $*"
        return 0
    fi
    local installed missing=() package
    installed=" $(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null |
        sed -n 's/ installed$//p' | tr '\n' ' ')"
    for package in "$@"; do
        [[ $installed == *" $package "* ]] || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing ${#missing[@]} packages: ${missing[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}"
}

# build PRESET [TARGET…]
build() {
    local preset=$1
    shift
    if [ ! -f "build/$preset/build.ninja" ]; then
        say "Configuring build/$preset"
        cmake --preset "$preset" -Wno-dev
    fi
    say "Building build/$preset"
    cmake --build --preset "$preset" ${1:+--target "$@"}
}
