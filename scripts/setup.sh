# shellcheck shell=bash
# Sourced by the other scripts: what they share. Installs what is missing, with apt; elsewhere says what to install.

say() {
    if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        printf '\n\033[1m%s\033[0m\n' "$*"
    else
        printf '\n%s\n' "$*"
    fi
}

die() { printf '%s\n' "$*" >&2; exit 1; }

# has_package NAME: true if the Debian package is installed.
has_package() { dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; }

# need_packages NAME...: installs Debian packages that are missing.
need_packages() {
    if ! command -v apt-get >/dev/null; then
        local missing=()
        command -v cc >/dev/null || missing+=("a C compiler")
        # Without Debian's database the linker is asked.
        printf 'int main(void) { return 0; }\n' | cc -x c - -lpcap -o /dev/null 2>/dev/null \
            || missing+=("libpcap with its development files")
        for tool in tshark tcpdump editcap; do
            [[ " $* " == *" tshark "* ]] && ! command -v "$tool" >/dev/null && missing+=("$tool")
        done
        [ ${#missing[@]} -eq 0 ] && return
        printf 'There is no apt-get here. Please install first:\n' >&2
        printf '    %s\n' "${missing[@]}" >&2
        printf '(on macOS, untested: xcode-select --install; brew install libpcap wireshark)\n' >&2
        exit 1
    fi
    local wanted=()
    for package in "$@"; do has_package "$package" || wanted+=("$package"); done
    [ ${#wanted[@]} -eq 0 ] && return
    local root=()
    if [ "$(id -u)" != 0 ]; then
        command -v sudo >/dev/null || die "Please install as root: apt-get install ${wanted[*]}"
        root=(sudo)
    fi
    say "Installing ${wanted[*]}"
    "${root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -qq
    "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null
}

# need_rust: Rust of at least the version that Cargo.toml names.
need_rust() {
    local wanted
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    command -v cargo >/dev/null || die "Rust $wanted or newer is needed: see https://rustup.rs"
    local there
    there=$(cargo --version | cut -d' ' -f2)
    [ "$(printf '%s\n%s\n' "$wanted" "$there" | sort -V | head -1)" = "$wanted" ] \
        || die "Rust $wanted or newer is needed, and this is $there: run rustup update"
}
