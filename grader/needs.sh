#!/bin/sh
# What the grader is compiled with: says what is missing, and how to get it.
missing() {
    printf '%s is missing. Install it with one of these:\n' "$1" >&2
    printf '    Debian, Ubuntu   %s\n    Fedora           %s\n    Arch             %s\n' "$2" "$3" "$4" >&2
    exit 1
}

if ! command -v cargo >/dev/null; then
    echo 'Rust is missing: there is no `cargo`. https://rustup.rs installs it; open a new terminal after that.' >&2
    exit 1
fi
set -- 'sudo apt-get install gcc libc6-dev' 'sudo dnf install gcc glibc-devel' 'sudo pacman -S gcc'
command -v cc >/dev/null || missing 'A C compiler (`cc`), which links programs,' "$@"
program=$(mktemp) || exit 1
trap 'rm -f "$program"' EXIT
echo 'int main(void) { return 0; }' | cc -x c -o "$program" - 2>/dev/null ||
    missing 'What programs are linked with, the files of the C library,' "$@"
