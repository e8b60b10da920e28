//! What to change on a machine, in words that can be followed.

use std::fs;
use std::path::Path;

pub(super) const ON_LANDLOCK: &str = "Landlock needs Linux 5.13 or later, and has to be named in the kernel's parameter \
    `lsm=`; the kernels of the usual distributions since 2022 have it.";
pub(super) const ON_PROC: &str = "The grader and the programs have to be the same user's, and /proc must not be mounted \
    with `hidepid`.";
pub(super) const ON_KERNEL: &str = "This needs Linux 5.9 or later; in WSL, `wsl --update` brings one.";
pub(super) const ON_SOCK_DIAG: &str =
    "`sudo modprobe inet_diag tcp_diag unix_diag` loads the part of the kernel that answers.";
pub(super) const ON_IPV6: &str = "`sudo sysctl net.ipv6.conf.lo.disable_ipv6=0` switches IPv6 on for the loopback; in Docker, \
    `--sysctl net.ipv6.conf.all.disable_ipv6=0` does.";
pub(super) const ON_MEMORY: &str = "Close other programs, or give the virtual machine more than 2 GiB.";
pub(super) const ON_DISK: &str =
    "`rm -r target/stage` in the course's tree frees what earlier gradings have left.";
pub(super) const ON_CARGO: &str = "https://rustup.rs installs it.";

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
