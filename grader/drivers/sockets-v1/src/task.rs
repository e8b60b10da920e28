//! One task: one function of the student's.

use crate::answer::{Said, addresses, five_tuple, refused, returned};
use driver::Options;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::SaFlags;
use nix::sys::socket::{setsockopt, sockopt};
use protocol::sockets::{Answer, Connection, Host, Sockets, Task};
use sockets_v1::{Error, address, client, local, server};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, OwnedFd};
use std::thread;

type Channel = driver::Channel<Sockets>;

/// Several times the largest segment of the loopback: a smaller buffer would wait for delayed acknowledgements.
const NARROW: usize = 256 << 10;

pub fn carry_out(task: Task, channel: &Channel) {
    match task {
        Task::SetupAddress { port } => {
            channel.say(address::setup_address(&port).map_or_else(refused, |found| addresses(&found)));
        }
        Task::LookupHost { hosts, host, port } => {
            register(&hosts);
            channel.say(address::lookup_host(&host, &port).map_or_else(refused, |found| addresses(&found)));
        }
        Task::ConnectTo { hosts, host, port } => {
            register(&hosts);
            connected(client::connect_to(&host, &port), channel);
        }
        Task::ConnectAt { path } => connected(local::connect_at(&path), channel),
        Task::RunClient { server, output, piped } => channel.say(run_client(server, output, piped)),
        Task::ListenOn { port, accept } => listening(server::listen_on(&port), accept, channel),
        Task::ListenAt { path, accept } => listening(local::listen_at(&path), accept, channel),
        Task::ServeClient(options) => serve_client(options, channel),
        Task::RunServer { useless } => run_server(useless, channel),
        Task::FiveTuple { accept } => five_tuples(accept, channel),
    }
}

fn register(hosts: &[Host]) {
    for host in hosts {
        oslab::register_host(&host.name, &host.addresses);
    }
}

fn connected(result: Result<OwnedFd, Error>, channel: &Channel) {
    match result {
        Err(error) => channel.say(refused(error)),
        Ok(socket) => {
            channel.answer(Answer::Connected { local: driver::local(socket.as_fd()) });
            driver::hold();
        }
    }
}

fn listening(result: Result<OwnedFd, Error>, accept: usize, channel: &Channel) {
    match result {
        Err(error) => channel.say(refused(error)),
        Ok(listener) => {
            channel.say(driver::listening_at(listener.as_fd()));
            driver::gate();
            match accept_each(&listener, accept, channel) {
                Ok(()) => driver::hold(),
                Err(errno) => channel.say(refused(Error::of("accept")(errno))),
            }
        }
    }
}

fn accept_each(listener: &OwnedFd, count: usize, channel: &Channel) -> nix::Result<()> {
    for _ in 0..count {
        let connection = next(listener)?;
        channel.answer(Answer::Accepted { peer: driver::peer(connection.as_fd()) });
    }
    Ok(())
}

fn next(listener: &OwnedFd) -> nix::Result<OwnedFd> {
    oslab::retry(|| oslab::accept(listener))
}

/// The input is a pipe of the program's own: a `splice` that holds the pipe's lock cannot hold up the grader.
fn run_client(server: SocketAddr, output: SocketAddr, piped: bool) -> Said {
    driver::tolerate_signals(SaFlags::empty());
    let socket = OwnedFd::from(TcpStream::connect(server).expect("the grader listens"));
    // Its sender soon feels that the other side does not read.
    setsockopt(&socket, sockopt::SndBuf, &NARROW).expect("a socket has a send buffer");
    setsockopt(&socket, sockopt::TcpNoDelay, &true).expect("a TCP socket may send small pieces");
    let shown = TcpStream::connect(output).expect("the grader listens");
    let (input, typed) = nix::unistd::pipe().expect("a pipe can be made");
    thread::spawn(move || pass_on(std::io::stdin(), File::from(typed)));
    let run = |output: &dyn AsFd| returned(client::run_client(socket.as_fd(), input.as_fd(), output.as_fd()));
    if piped { through_a_pipe(run, shown) } else { run(&shown) }
}

/// What was printed is passed on after the function has returned, whoever may still hold the pipe open. While it runs,
/// nobody reads: a `splice` that waits for the server holds the pipe's lock, and with it would hold up the reader.
fn through_a_pipe(run: impl FnOnce(&dyn AsFd) -> Said, shown: TcpStream) -> Said {
    let (printed, output) = nix::unistd::pipe2(OFlag::O_CLOEXEC).expect("a pipe can be made");
    let said = run(&output);
    fcntl(&printed, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).expect("a pipe has flags");
    pass_on(File::from(printed), shown);
    said
}

/// Copies to the end with calls that the grader knows as blocking for good.
fn pass_on(mut from: impl Read, mut to: impl Write) {
    let mut buffer = [0; 4096];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(count) if to.write_all(&buffer[..count]).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}

fn serve_client(options: Connection, channel: &Channel) {
    let Connection { send_buffer, segment, no_delay, interruptible } = options;
    driver::tolerate_signals(if interruptible { SaFlags::empty() } else { SaFlags::SA_RESTART });
    let listener = driver::listener(Options { send_buffer, segment, no_delay });
    channel.say(driver::listening_at(listener.as_fd()));
    let connection = next(&listener).expect("the driver's listener accepts");
    channel.say(returned(server::serve_client(connection.as_fd())));
}

fn run_server(useless: bool, channel: &Channel) {
    driver::tolerate_signals(SaFlags::empty());
    let options = Options { send_buffer: Some(NARROW), ..Options::default() };
    let listener = if useless { driver::deaf() } else { driver::listener(options) };
    channel.say(driver::listening_at(listener.as_fd()));
    channel.say(refused(server::run_server(listener)));
}

fn five_tuples(accept: usize, channel: &Channel) {
    let listener = driver::listener(Options::default());
    channel.say(driver::listening_at(listener.as_fd()));
    for _ in 0..accept {
        let connection = next(&listener).expect("the driver's listener accepts");
        channel.say(server::five_tuple(connection.as_fd()).map_or_else(refused, five_tuple));
    }
}
