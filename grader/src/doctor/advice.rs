//! What to change on a machine, in words that can be followed.

use std::fs;
use std::path::Path;

pub(super) const ON_LANDLOCK: &str = "Landlock needs Linux 5.13 or later, and has to be named in the kernel's parameter \
    `lsm=`; the kernels of the usual distributions since 2022 have it.";
pub(super) const ON_PROC: &str = "The grader and the programs have to be the same user's, and /proc must not be mounted \
    with `hidepid`.";
pub(super) const ON_SOCK_DIAG: &str =
    "`sudo modprobe inet_diag tcp_diag unix_diag` loads the part of the kernel that answers.";
pub(super) const ON_LOOPBACK: &str = "`sudo ip link set lo up` switches the loopback on.";
pub(super) const ON_IPV6: &str = "Nothing has to be done. `sudo sysctl net.ipv6.conf.all.disable_ipv6=0` switches IPv6 on; in \
    Docker, `--sysctl net.ipv6.conf.all.disable_ipv6=0` does.";
pub(super) const ON_MEMORY: &str = "Close other programs, or give the virtual machine more than 2 GiB.";
pub(super) const ON_DISK: &str =
    "`rm -r target/stage` in the course's tree frees what earlier gradings have left.";
pub(super) const ON_CARGO: &str = "https://rustup.rs installs it.";
pub(super) const ON_CLIPPY: &str = "`rustup component add clippy` installs it. Where Rust is the distribution's: `sudo \
    apt-get install rust-clippy` (Debian, Ubuntu), `sudo dnf install clippy` (Fedora), `sudo pacman -S rust` (Arch).";
pub(super) const ON_MAKE: &str = "`sudo apt-get install make` (Debian, Ubuntu), `sudo dnf install make` (Fedora) or `sudo \
    pacman -S make` (Arch) installs it; `cargo run -q -p grader -- grade` does what `make grade` does.";
pub(super) const ON_EXECUTION: &str = "The disk that the course lies on may be mounted with `noexec`. Move the course to your \
    home directory, or mount the disk without that.";

/// What a C compiler and its library are called.
const ON_LINKER: &str = "`sudo apt-get install gcc libc6-dev` (Debian, Ubuntu), `sudo dnf install gcc glibc-devel` (Fedora) or \
    `sudo pacman -S gcc` (Arch) installs it.";
const ON_BUILD: &str = "`cargo build -p grader` in the course's tree shows whether it works \
    without the grader.";

/// The oldest kernel that checks run on, by the calls they make.
const FLOOR: (u32, u32) = (5, 4);

/// Why nothing was compiled, by the words of cargo and the linker: what it is, and what to change.
pub(super) fn on_build(words: &str) -> (String, &'static str) {
    let has = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if has(&["linker `"]) && has(&["not found", "could not exec"]) {
        ("no linker: `cc` cannot be started".to_owned(), ON_LINKER)
    } else if has(&["crt1.o", "crti.o", "library -lc", "find -lc"]) {
        ("the C library's files for linking are not there".to_owned(), ON_LINKER)
    } else {
        let error = words.lines().find(|line| line.starts_with("error"));
        (error.or(words.lines().next()).unwrap_or("it failed").to_owned(), ON_BUILD)
    }
}

/// Why programs cannot be run under a supervisor.
pub(super) fn on_programs() -> String {
    let release = reads("/proc/sys/kernel/osrelease");
    let (major, minor) = FLOOR;
    match version(&release) {
        Some(version) if version < FLOOR => format!(
            "The grader needs Linux {major}.{minor} or later; this is {release}. Install a newer kernel; in WSL, `wsl --update` \
             brings one."
        ),
        _ => format!(
            "The grader needs Linux {major}.{minor} or later, and this is {release}: something else keeps programs from being \
             started. In a container, its seccomp profile has to allow what Docker's does."
        ),
    }
}

/// `5.4.0-42-generic`
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|sign: char| !sign.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// Why there are no namespaces, as far as the machine lets it be known.
pub(super) fn on_namespaces() -> String {
    let advice = [
        ("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1", APPARMOR),
        ("/proc/sys/kernel/unprivileged_userns_clone", "0", CLONE),
        ("/proc/sys/user/max_user_namespaces", "0", NUMBER),
    ];
    if let Some((.., words)) = advice.into_iter().find(|(path, value, _)| reads(path) == *value) {
        return words.to_owned();
    }
    if Path::new("/.dockerenv").exists() || Path::new("/run/.containerenv").exists() {
        return CONTAINER.to_owned();
    }
    if reads("/proc/sys/kernel/osrelease").contains("Microsoft") {
        return "This is WSL 1. `wsl --set-version DISTRIBUTION 2` in Windows makes it WSL 2.".to_owned();
    }
    UNKNOWN.to_owned()
}

/// Why programs cannot be traced.
pub(super) fn on_tracing() -> String {
    match reads("/proc/sys/kernel/yama/ptrace_scope").as_str() {
        "2" | "3" => "Yama forbids it: `sudo sysctl kernel.yama.ptrace_scope=1` allows it for one's own programs (after \
                      a value of 3, only from the next start of the machine on)."
            .to_owned(),
        _ => "In a container, `docker run --cap-add SYS_PTRACE` allows it.".to_owned(),
    }
}

fn reads(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

const APPARMOR: &str = "Ubuntu keeps ordinary programs from making namespaces. `sudo sysctl \
    kernel.apparmor_restrict_unprivileged_userns=0` allows it until the next start of the machine; the same line without \
    `sudo sysctl`, in a file below /etc/sysctl.d, for good.";
const CLONE: &str =
    "`sudo sysctl kernel.unprivileged_userns_clone=1` lets ordinary programs make namespaces.";
const NUMBER: &str = "`sudo sysctl user.max_user_namespaces=10000` lets programs make namespaces.";
const CONTAINER: &str = "This is a container, and most containers may not make namespaces. For one's own work nothing has \
    to be done. To grade others' work in Docker, add `--security-opt seccomp=unconfined --security-opt apparmor=unconfined \
    --security-opt systempaths=unconfined --cap-add SYS_ADMIN`, in a container for nothing else.";
const UNKNOWN: &str =
    "Namespaces need a kernel that is built with them, and a user who may make them; root may.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kernels_release_begins_with_its_version() {
        assert_eq!(version("5.4.0-42-generic"), Some((5, 4)));
        assert_eq!(version("6.18.44"), Some((6, 18)));
        assert_eq!(version("unknown"), None);
        assert!(version("5.15.1").is_some_and(|version| version > FLOOR));
        assert!(version("4.19.0").is_some_and(|version| version < FLOOR));
    }

    #[test]
    fn what_the_linker_lacks_is_told_by_its_words() {
        for words in [
            "error: linker `cc` not found",
            "error: could not exec the linker `cc`",
            "rust-lld: error: cannot open crti.o",
            "ld: cannot find -lc",
        ] {
            assert_eq!(on_build(words).1, ON_LINKER, "{words}");
        }
        assert_eq!(on_build("error[E0425]: cannot find value").1, ON_BUILD);
    }
}
