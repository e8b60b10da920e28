//! What the driver of sockets-v1 is told to do, and what it says of it.
//!
//! Each task is about one function of the lab; everything round it (the listener of `serve_client`, the connection of
//! `run_client`) is the driver's own, so that one missing function costs no other its points.

use crate::driver::lab;
use crate::program::{self, Said};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

/// The driver's side of sockets-v1.
pub struct Sockets;

lab!(Sockets: Task => Said<Answer>);

/// One function of the lab, and what to call it with.
///
/// The tasks that wait for connections first read standard input to its end: a gate that the grader opens by ending it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Says [`Answer::Addresses`].
    SetupAddress {
        /// The argument.
        port: String,
    },
    /// Says [`Answer::Addresses`].
    LookupHost {
        /// Names to register before.
        hosts: Vec<Host>,
        /// The argument.
        host: String,
        /// The argument.
        port: String,
    },
    /// Says [`Answer::Connected`], and holds the socket until it is ended.
    ConnectTo {
        /// Names to register before.
        hosts: Vec<Host>,
        /// The argument.
        host: String,
        /// The argument.
        port: String,
    },
    /// Connects to `server` and calls `run_client` on that connection with what comes on standard input. Says
    /// [`Said::Returned`].
    RunClient {
        /// Where the server is.
        server: SocketAddr,
        /// Where the output is expected: the function prints to a connection to this place.
        output: SocketAddr,
        /// Whether it prints to a pipe instead, whose bytes are sent there once it has returned.
        piped: bool,
    },
    /// Says [`Said::Listening`]; then, once the gate is open, accepts so many connections, says [`Answer::Accepted`] of
    /// each, and closes them. Holds the listener until it is ended.
    ListenOn {
        /// The argument.
        port: String,
        /// How many connections to accept.
        accept: usize,
    },
    /// Says [`Said::Listening`], accepts one connection and calls `serve_client` on it. Says [`Said::Returned`].
    ServeClient(Connection),
    /// Says [`Said::Listening`], and calls `run_server`.
    RunServer {
        /// With a socket that does not listen.
        useless: bool,
    },
    /// Says [`Said::Listening`], accepts so many connections, and says [`Answer::FiveTuple`] of each.
    FiveTuple {
        /// How many connections to accept.
        accept: usize,
    },
    /// As [`Task::ListenOn`], for `listen_at`.
    ListenAt {
        /// The argument.
        path: PathBuf,
        /// How many connections to accept.
        accept: usize,
    },
    /// Says [`Answer::Connected`], and holds the socket until it is ended.
    ConnectAt {
        /// The argument.
        path: PathBuf,
    },
}

/// A host name that only the driver knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// The name.
    pub name: String,
    /// Its addresses, in the order to try them. Empty: a name that nobody knows.
    pub addresses: Vec<IpAddr>,
}

/// How the connection is that `serve_client` gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    /// `SO_SNDBUF`, in bytes.
    pub send_buffer: Option<usize>,
    /// `TCP_MAXSEG`, in bytes.
    pub segment: Option<u32>,
    /// `TCP_NODELAY`: small pieces do not wait for each other.
    pub no_delay: bool,
    /// Whether a signal makes a call fail with EINTR; else the kernel makes it again.
    pub interruptible: bool,
}

impl program::Task for Task {
    type Answer = Answer;

    fn function(&self) -> Option<&'static str> {
        match self {
            Task::RunClient { .. } => Some("run_client"),
            Task::ServeClient(_) => Some("serve_client"),
            Task::RunServer { .. } => Some("run_server"),
            _ => None,
        }
    }
}

/// What the functions answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The addresses that were returned.
    Addresses(Vec<Address>),
    /// A connection was accepted.
    Accepted {
        /// The client, an IPv4 one in plain form; none for a Unix socket.
        peer: Option<SocketAddr>,
    },
    /// A connected socket was returned.
    Connected {
        /// Its own end; none for a Unix socket, or one that is no socket of the internet.
        local: Option<SocketAddr>,
    },
    /// The 5-tuple that was returned: source, destination, and whether the protocol is TCP.
    FiveTuple {
        /// The client's end.
        source: SocketAddr,
        /// The server's end.
        destination: SocketAddr,
        /// Whether the protocol is TCP.
        tcp: bool,
    },
}

impl Display for Answer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Addresses(found) => write!(formatter, "{} addresses", found.len()),
            Answer::Accepted { .. } => formatter.write_str("a connection"),
            Answer::Connected { .. } => formatter.write_str("a socket"),
            Answer::FiveTuple { .. } => formatter.write_str("a 5-tuple"),
        }
    }
}

/// An entry of getaddrinfo's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// Address and port; none for a family that is not of the internet.
    pub addr: Option<SocketAddr>,
    /// Whether the entry's own family is that of the address.
    pub consistent: bool,
    /// Whether it is for stream sockets.
    pub stream: bool,
}
