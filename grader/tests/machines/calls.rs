//! A filter that makes the kernel answer as another machine's does.

use serde::Deserialize;
use std::io;

/// System calls that are answered with an error number.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    /// By name, such as `unshare`.
    #[serde(default)]
    calls: Vec<String>,
    /// All calls from this number on: those that came with later kernels. The numbers are the same for all processors.
    from: Option<u32>,
    /// Such as `EPERM`.
    error: String,
    /// Only where the first argument has one of these bits; with `value`, only where it is that.
    bits: Option<u32>,
    value: Option<u32>,
}

const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
const HAS_BITS: u16 = (libc::BPF_JMP | libc::BPF_JSET | libc::BPF_K) as u16;
const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
/// Where `struct seccomp_data` has the call's number, and the low half of its first argument.
const NUMBER_AT: u32 = 0;
const ARGUMENT_AT: u32 = if cfg!(target_endian = "little") { 16 } else { 20 };

/// Installs the filter in this process, for good, and for all that comes of it.
pub(crate) fn refuse(refusals: &[Refusal]) -> io::Result<()> {
    let mut program: Vec<libc::sock_filter> = refusals.iter().flat_map(blocks).collect();
    program.push(step(RETURN, 0, libc::SECCOMP_RET_ALLOW));
    let length = program.len().try_into().expect("a filter of few calls");
    let program = libc::sock_fprog { len: length, filter: program.as_mut_ptr() };
    // SAFETY: the program is as long as it says and lives through the call, which copies it.
    let done = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &program) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// For each call: whether it is the one, whether its argument is meant, and what it returns then.
fn blocks(refusal: &Refusal) -> Vec<libc::sock_filter> {
    let verdict = step(RETURN, 0, libc::SECCOMP_RET_ERRNO | errno(&refusal.error));
    let argument = match (refusal.bits, refusal.value) {
        (Some(bits), _) => Some(step(HAS_BITS, 1, bits)),
        (_, Some(value)) => Some(step(EQUAL, 1, value)),
        _ => None,
    };
    let block = |test: u16, number: u32| {
        let rest = 1 + 2 * u8::from(argument.is_some());
        let mut block = vec![step(LOAD, 0, NUMBER_AT), step(test, rest, number)];
        block.extend(argument.map(|_| step(LOAD, 0, ARGUMENT_AT)));
        block.extend(argument);
        block.push(verdict);
        block
    };
    let named = refusal.calls.iter().flat_map(|name| block(EQUAL, number(name)));
    named.chain(refusal.from.into_iter().flat_map(|first| block(AT_LEAST, first))).collect()
}

/// One step; a test that does not hold goes on `no` steps further.
fn step(code: u16, no: u8, k: u32) -> libc::sock_filter {
    libc::sock_filter { code, jt: 0, jf: no, k }
}

fn errno(name: &str) -> u32 {
    let known = [
        ("EAFNOSUPPORT", libc::EAFNOSUPPORT),
        ("ENOSYS", libc::ENOSYS),
        ("EOPNOTSUPP", libc::EOPNOTSUPP),
        ("EPERM", libc::EPERM),
    ];
    let (_, number) = known.iter().find(|(known, _)| *known == name).expect("an error of the table");
    number.unsigned_abs()
}

fn number(name: &str) -> u32 {
    let (_, number) = CALLS.iter().find(|(known, _)| *known == name).expect("a call of the table");
    u32::try_from(*number).expect("calls have small numbers")
}

const CALLS: &[(&str, libc::c_long)] = &[
    ("add_key", libc::SYS_add_key),
    ("bpf", libc::SYS_bpf),
    ("clone", libc::SYS_clone),
    ("clone3", libc::SYS_clone3),
    ("fsconfig", libc::SYS_fsconfig),
    ("fsmount", libc::SYS_fsmount),
    ("fsopen", libc::SYS_fsopen),
    ("io_uring_enter", libc::SYS_io_uring_enter),
    ("io_uring_register", libc::SYS_io_uring_register),
    ("io_uring_setup", libc::SYS_io_uring_setup),
    ("kcmp", libc::SYS_kcmp),
    ("keyctl", libc::SYS_keyctl),
    ("landlock_add_rule", libc::SYS_landlock_add_rule),
    ("landlock_create_ruleset", libc::SYS_landlock_create_ruleset),
    ("landlock_restrict_self", libc::SYS_landlock_restrict_self),
    ("mount", libc::SYS_mount),
    ("mount_setattr", libc::SYS_mount_setattr),
    ("move_mount", libc::SYS_move_mount),
    ("open_by_handle_at", libc::SYS_open_by_handle_at),
    ("open_tree", libc::SYS_open_tree),
    ("perf_event_open", libc::SYS_perf_event_open),
    ("pidfd_getfd", libc::SYS_pidfd_getfd),
    ("pivot_root", libc::SYS_pivot_root),
    ("process_vm_readv", libc::SYS_process_vm_readv),
    ("process_vm_writev", libc::SYS_process_vm_writev),
    ("ptrace", libc::SYS_ptrace),
    ("request_key", libc::SYS_request_key),
    ("sethostname", libc::SYS_sethostname),
    ("setns", libc::SYS_setns),
    ("socket", libc::SYS_socket),
    ("umount2", libc::SYS_umount2),
    ("unshare", libc::SYS_unshare),
    ("userfaultfd", libc::SYS_userfaultfd),
];
