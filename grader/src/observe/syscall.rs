//! The call in which a thread is blocked, from `/proc/PID/task/TID/syscall`.

use super::proc::{self, Stat};
use std::fs;

/// A blocked call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Its name, as the lecture says it: `read`, `accept`, `futex`.
    pub call: &'static str,
    /// The descriptor it waits on, for calls that have one.
    pub fd: Option<i32>,
    /// The child it waits for, where it waits for one of several.
    pub child: Option<i32>,
    /// Whether it waits without any time limit of its own.
    pub forever: bool,
    /// Whether it only lets time pass, or ends by itself: nothing that happens outside is waited for.
    pub passes_time: bool,
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

const CALLS: &[(libc::c_long, &str, Kind)] = &[
    (libc::SYS_read, "read", Descriptor),
    (libc::SYS_readv, "read", Descriptor),
    (libc::SYS_recvfrom, "recv", Descriptor),
    (libc::SYS_recvmsg, "recvmsg", Descriptor),
    (libc::SYS_write, "write", Descriptor),
    (libc::SYS_writev, "write", Descriptor),
    (libc::SYS_sendto, "send", Descriptor),
    (libc::SYS_sendmsg, "sendmsg", Descriptor),
    (libc::SYS_splice, "splice", Descriptor),
    (libc::SYS_sendfile, "sendfile", Descriptor),
    (libc::SYS_accept, "accept", Descriptor),
    (libc::SYS_accept4, "accept", Descriptor),
    (libc::SYS_ppoll, "poll", NullTimeout(2)),
    (libc::SYS_pselect6, "select", NullTimeout(4)),
    (libc::SYS_epoll_pwait, "epoll_wait", NegativeTimeout(3)),
    (libc::SYS_wait4, "wait", Plain),
    (libc::SYS_waitid, "wait", Plain),
    (libc::SYS_futex, "futex", NullTimeout(3)),
    (libc::SYS_rt_sigsuspend, "sigsuspend", Plain),
    (libc::SYS_rt_sigtimedwait, "sigwait", NullTimeout(2)),
    (libc::SYS_connect, "connect", Timed),
    (libc::SYS_nanosleep, "sleep", Timed),
    (libc::SYS_clock_nanosleep, "sleep", Timed),
    (libc::SYS_restart_syscall, "sleep", Timed),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, "poll", NegativeTimeout(2)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_select, "select", NullTimeout(4)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_epoll_wait, "epoll_wait", NegativeTimeout(3)),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_pause, "pause", Plain),
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
        self.fd.map_or(self.call.to_owned(), |fd| format!("{}({fd})", self.call))
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
        let (_, call, kind) =
            CALLS.iter().find(|(known, ..)| *known == number).unwrap_or(&(0, "a system call", Timed));
        let forever = match *kind {
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
            Blocked { call: "read", fd: Some(4), child: None, forever: true, passes_time: false }
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
