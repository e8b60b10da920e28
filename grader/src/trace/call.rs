//! The system calls that a tracer looks at.

use super::descriptors::Kind;
use super::memory;
use libc::c_long;
use nix::unistd::Pid;

/// A call by what it does, whichever of the kernel's several numbers it came under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the calls' own names")]
pub enum Call {
    Read,
    Write,
    Accept,
    Connect,
    Listen,
    Bind,
    Socket,
    SocketPair,
    Shutdown,
    Pipe,
    Dup,
    Close,
    Fork,
    Thread,
    Exec,
    Wait,
    Exit,
    Poll,
    Kill,
}

use Call::*;

const CALLS: &[(c_long, Call)] = &[
    (libc::SYS_read, Read),
    (libc::SYS_readv, Read),
    (libc::SYS_recvfrom, Read),
    (libc::SYS_recvmsg, Read),
    (libc::SYS_write, Write),
    (libc::SYS_writev, Write),
    (libc::SYS_sendto, Write),
    (libc::SYS_sendmsg, Write),
    (libc::SYS_accept, Accept),
    (libc::SYS_accept4, Accept),
    (libc::SYS_connect, Connect),
    (libc::SYS_listen, Listen),
    (libc::SYS_bind, Bind),
    (libc::SYS_socket, Socket),
    (libc::SYS_socketpair, SocketPair),
    (libc::SYS_shutdown, Shutdown),
    (libc::SYS_pipe2, Pipe),
    (libc::SYS_dup, Dup),
    (libc::SYS_dup3, Dup),
    (libc::SYS_fcntl, Dup),
    (libc::SYS_close, Close),
    (libc::SYS_clone, Fork),
    (libc::SYS_clone3, Fork),
    (libc::SYS_execve, Exec),
    (libc::SYS_wait4, Wait),
    (libc::SYS_waitid, Wait),
    (libc::SYS_exit_group, Exit),
    (libc::SYS_kill, Kill),
    (libc::SYS_ppoll, Poll),
    (libc::SYS_pselect6, Poll),
    (libc::SYS_epoll_pwait, Poll),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_poll, Poll),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_select, Poll),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_epoll_wait, Poll),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_pipe, Pipe),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_dup2, Dup),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_fork, Fork),
    #[cfg(target_arch = "x86_64")]
    (libc::SYS_vfork, Fork),
];

impl Call {
    /// The kernel's numbers of the calls for which `wanted` holds.
    pub(super) fn numbers(wanted: impl Fn(Call) -> bool) -> Vec<c_long> {
        CALLS.iter().filter(|(_, call)| wanted(*call)).map(|(number, _)| *number).collect()
    }

    /// Whether programs make it again and again: a trace without these costs next to nothing.
    pub(crate) fn comes_often(self) -> bool {
        matches!(self, Read | Write | Poll)
    }

    /// As the lecture and the manual say it.
    pub fn name(self) -> &'static str {
        match self {
            Read => "read",
            Write => "write",
            Accept => "accept",
            Connect => "connect",
            Listen => "listen",
            Bind => "bind",
            Socket => "socket",
            SocketPair => "socketpair",
            Shutdown => "shutdown",
            Pipe => "pipe",
            Dup => "dup",
            Close => "close",
            Fork => "fork",
            Thread => "thread",
            Exec => "exec",
            Wait => "wait",
            Exit => "exit",
            Poll => "poll",
            Kill => "kill",
        }
    }

    /// Whether its first argument is a descriptor.
    fn takes_descriptor(self) -> bool {
        matches!(self, Read | Write | Accept | Connect | Listen | Bind | Shutdown | Dup | Close)
    }
}

/// One call that a thread is about to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) call: Call,
    pub(super) number: c_long,
    pub(super) arguments: [u64; 6],
}

impl Entry {
    /// None for a number that nobody asked for.
    pub(super) fn of(thread: Pid, number: u64, arguments: [u64; 6]) -> Option<Entry> {
        let number = number as c_long;
        let (_, call) = *CALLS.iter().find(|(known, _)| *known == number)?;
        let entry = Entry { call, number, arguments };
        Some(if call == Fork && entry.makes_a_thread(thread) {
            Entry { call: Thread, ..entry }
        } else {
            entry
        })
    }

    /// The descriptor it is about.
    pub(super) fn descriptor(&self) -> Option<i32> {
        self.call.takes_descriptor().then_some(self.arguments[0] as i32)
    }

    /// Whether the kernel may move no more than `most` of the bytes that it was asked for. What is written to a pipe at
    /// once is taken wholly as long as it is small (pipe(7)).
    pub(super) fn may_be_cut(&self, on: Option<Kind>, most: u64) -> bool {
        const COUNTED: [c_long; 4] = [libc::SYS_read, libc::SYS_write, libc::SYS_recvfrom, libc::SYS_sendto];
        let wanted = self.arguments[2];
        let whole = self.call == Write && on == Some(Kind::Pipe) && wanted <= libc::PIPE_BUF as u64;
        COUNTED.contains(&self.number) && wanted > most && !whole
    }

    /// fcntl does many things; only two of them make a descriptor.
    pub(super) fn is_other_fcntl(&self) -> bool {
        const DUPLICATES: [i32; 2] = [libc::F_DUPFD, libc::F_DUPFD_CLOEXEC];
        self.number == libc::SYS_fcntl && !DUPLICATES.contains(&(self.arguments[1] as i32))
    }

    /// Whether the descriptors that it makes are closed on exec.
    pub(super) fn closes_on_exec(&self) -> bool {
        let flags = |at: usize| self.arguments[at] as i32;
        match self.number {
            libc::SYS_pipe2 => flags(1) & libc::O_CLOEXEC != 0,
            libc::SYS_socket | libc::SYS_socketpair => flags(1) & libc::SOCK_CLOEXEC != 0,
            libc::SYS_accept4 => flags(3) & libc::SOCK_CLOEXEC != 0,
            libc::SYS_dup3 => flags(2) & libc::O_CLOEXEC != 0,
            libc::SYS_fcntl => flags(1) == libc::F_DUPFD_CLOEXEC,
            _ => false,
        }
    }

    fn makes_a_thread(&self, thread: Pid) -> bool {
        let flags = match self.number {
            libc::SYS_clone => self.arguments[0],
            libc::SYS_clone3 => memory::word(thread, self.arguments[0]).unwrap_or(0),
            _ => 0,
        };
        flags & libc::CLONE_THREAD as u64 != 0
    }
}
