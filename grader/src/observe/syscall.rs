//! The call in which a thread is blocked, from `/proc/PID/task/TID/syscall`.

use super::proc::{self, Stat};
use std::fs;

/// A blocked call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Which.
    pub call: Syscall,
    /// The descriptor it waits on, for calls that have one.
    pub fd: Option<i32>,
    /// The child it waits for, where it waits for one of several.
    pub child: Option<i32>,
    /// Whether it waits without any time limit of its own.
    pub forever: bool,
    /// Whether it only lets time pass, or ends by itself: nothing that happens outside is waited for.
    pub passes_time: bool,
}

/// A call in which a thread can be blocked, whichever of the kernel's several numbers it came under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the variants are the calls' own names")]
pub enum Syscall {
    Read,
    Recv,
    RecvMsg,
    Write,
    Send,
    SendMsg,
    Splice,
    SendFile,
    Accept,
    Poll,
    Select,
    EpollWait,
    Wait,
    Futex,
    SigSuspend,
    SigWait,
    Connect,
    Sleep,
    Pause,
    /// Any other.
    Other,
}

impl Syscall {
    /// Its name, as the lecture says it: `read`, `accept`, `futex`.
    pub fn name(self) -> &'static str {
        match self {
            Syscall::Read => "read",
            Syscall::Recv => "recv",
            Syscall::RecvMsg => "recvmsg",
            Syscall::Write => "write",
            Syscall::Send => "send",
            Syscall::SendMsg => "sendmsg",
            Syscall::Splice => "splice",
            Syscall::SendFile => "sendfile",
            Syscall::Accept => "accept",
            Syscall::Poll => "poll",
            Syscall::Select => "select",
            Syscall::EpollWait => "epoll_wait",
            Syscall::Wait => "wait",
            Syscall::Futex => "futex",
            Syscall::SigSuspend => "sigsuspend",
            Syscall::SigWait => "sigwait",
            Syscall::Connect => "connect",
            Syscall::Sleep => "sleep",
            Syscall::Pause => "pause",
            Syscall::Other => "a system call",
        }
    }
}

/// What a call waits on, and how its own time limit is told.
#[derive(Clone, Copy)]
enum Kind {
    /// Waits on the descriptor of its first argument.
    Descriptor,
    /// Waits on something else.
    Plain,
    /// Ends by itself.
    Timed,
    /// Waits for ever where this argument is a null pointer.
    NullTimeout(usize),
    /// Waits for ever where this argument, an int, is negative.
    NegativeTimeout(usize),
}

use Kind::{Descriptor, NegativeTimeout, NullTimeout, Plain, Timed};

const CALLS: &[(libc::c_long, Syscall, Kind)] = &[
    (libc::SYS_read, Syscall::Read, Descriptor),
    (libc::SYS_readv, Syscall::Read, Descriptor),
    (libc::SYS_recvfrom, Syscall::Recv, Descriptor),
    (libc::SYS_recvmsg, Syscall::RecvMsg, Descriptor),
    (libc::SYS_write, Syscall::Write, Descriptor),
    (libc::SYS_writev, Syscall::Write, Descriptor),
    (libc::SYS_sendto, Syscall::Send, Descriptor),
    (libc::SYS_sendmsg, Syscall::SendMsg, Descriptor),
    (libc::SYS_splice, Syscall::Splice, Descriptor),
    (libc::SYS_sendfile, Syscall::SendFile, Descriptor),
    (libc::SYS_accept, Syscall::Accept, Descriptor),
    (libc::SYS_accept4, Syscall::Accept, Descriptor),
    (libc::SYS_ppoll, Syscall::Poll, NullTimeout(2)),
    (libc::SYS_pselect6, Syscall::Select, NullTimeout(4)),
    (libc::SYS_epoll_pwait, Syscall::EpollWait, NegativeTimeout(3)),
    (libc::SYS_wait4, Syscall::Wait, Plain),
    (libc::SYS_waitid, Syscall::Wait, Plain),
    (libc::SYS_futex, Syscall::Futex, NullTimeout(3)),
    (libc::SYS_rt_sigsuspend, Syscall::SigSuspend, Plain),
    (libc::SYS_rt_sigtimedwait, Syscall::SigWait, NullTimeout(2)),
    (libc::SYS_connect, Syscall::Connect, Timed),
    (libc::SYS_nanosleep, Syscall::Sleep, Timed),
    (libc::SYS_clock_nanosleep, Syscall::Sleep, Timed),
    (libc::SYS_restart_syscall, Syscall::Sleep, Timed),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, Syscall::Poll, NegativeTimeout(2)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_select, Syscall::Select, NullTimeout(4)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_epoll_wait, Syscall::EpollWait, NegativeTimeout(3)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_pause, Syscall::Pause, Plain),
];

/// Whether this machine says in which call a process is blocked: without that, nobody is ever seen to be at rest. One that
/// has ended already is in none, and has no memory.
pub(crate) fn shows_calls(pid: i32) -> bool {
    let has_ended = || Stat::of(pid).is_none_or(|stat| stat.pages == 0);
    fs::read_to_string(format!("/proc/{pid}/syscall")).is_ok() || has_ended()
}

impl Blocked {
    /// The call with its descriptor: `read(4)`.
    pub(crate) fn in_words(&self) -> String {
        let name = self.call.name();
        self.fd.map_or(name.to_owned(), |fd| format!("{name}({fd})"))
    }

    /// The call a thread is blocked in; none where it runs, or is stopped outside a call.
    pub(crate) fn of(pid: i32, tid: i32) -> Option<Blocked> {
        Blocked::parse(&proc::call(pid, tid)?)
    }

    /// The line is `running`, or the call's number and its six arguments in hexadecimal.
    fn parse(line: &str) -> Option<Blocked> {
        let mut fields = line.split_ascii_whitespace();
        let number: libc::c_long = fields.next()?.parse().ok()?;
        let arguments: Vec<u64> = fields
            .take(6)
            .map_while(|field| u64::from_str_radix(field.trim_start_matches("0x"), 16).ok())
            .collect();
        (number >= 0 && arguments.len() == 6).then(|| Blocked::in_call(number, &arguments))
    }

    /// A call that is not in the table is not known to wait for ever.
    fn in_call(number: libc::c_long, arguments: &[u64]) -> Blocked {
        let &(_, call, kind) =
            CALLS.iter().find(|(known, ..)| *known == number).unwrap_or(&(0, Syscall::Other, Timed));
        let forever = match kind {
            Descriptor | Plain => true,
            Timed => false,
            NullTimeout(index) => arguments[index] == 0,
            NegativeTimeout(index) => (arguments[index] as i32) < 0,
        };
        let fd = matches!(kind, Descriptor).then_some(arguments[0] as i32);
        let child = child(number, arguments).filter(|child| *child > 0);
        Blocked { call, fd, child, forever, passes_time: matches!(kind, Timed) }
    }
}

/// A number that is not positive stands for any child, or any of a group.
fn child(number: libc::c_long, arguments: &[u64]) -> Option<i32> {
    match number {
        libc::SYS_wait4 => Some(arguments[0] as i32),
        libc::SYS_waitid if arguments[0] == u64::from(libc::P_PID) => Some(arguments[1] as i32),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(number: libc::c_long, arguments: [u64; 6]) -> Blocked {
        let hex: Vec<String> = arguments.iter().map(|argument| format!("{argument:#x}")).collect();
        Blocked::parse(&format!("{number} {} 0x7ffc 0x7f00\n", hex.join(" "))).expect("a blocked call")
    }

    #[test]
    fn a_read_waits_for_ever_on_its_descriptor() {
        let blocked = parse(libc::SYS_read, [4, 0, 0, 0, 0, 0]);
        assert_eq!(
            blocked,
            Blocked { call: Syscall::Read, fd: Some(4), child: None, forever: true, passes_time: false }
        );
    }

    #[test]
    fn who_waits_for_one_child_is_told_from_who_waits_for_any() {
        assert_eq!(parse(libc::SYS_wait4, [77, 0, 0, 0, 0, 0]).child, Some(77));
        assert_eq!(parse(libc::SYS_wait4, [0xffff_ffff, 0, 0, 0, 0, 0]).child, None);
        assert_eq!(parse(libc::SYS_waitid, [1, 77, 0, 0, 0, 0]).child, Some(77));
        assert_eq!(parse(libc::SYS_waitid, [0, 77, 0, 0, 0, 0]).child, None);
    }

    #[test]
    fn a_time_limit_is_seen() {
        assert!(parse(libc::SYS_futex, [1, 0, 0, 0, 0, 0]).forever);
        assert!(!parse(libc::SYS_futex, [1, 0, 0, 77, 0, 0]).forever);
        assert!(parse(libc::SYS_epoll_pwait, [5, 1, 1, 0xffff_ffff, 0, 0]).forever);
        assert!(!parse(libc::SYS_epoll_pwait, [5, 1, 1, 100, 0, 0]).forever);
        assert!(!parse(libc::SYS_clock_nanosleep, [0; 6]).forever);
    }

    #[test]
    fn who_runs_is_not_blocked() {
        assert_eq!(Blocked::parse("running\n"), None);
        assert_eq!(Blocked::parse("-1 0x7ffc 0x7f00\n"), None);
    }
}
