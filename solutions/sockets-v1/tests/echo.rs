//! Examples to extend: `cargo test -p sockets-v1`. They are never graded.

use nix::sys::socket::{AddressFamily, SockFlag, SockType, SockaddrStorage, getsockname, socketpair};
use nix::unistd::pipe;
use oslab::accept;
use sockets_v1::{address, client, local, server};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::thread;

/// The port that the system chose for a listener.
fn port_of(listener: &OwnedFd) -> String {
    let address: SockaddrStorage = getsockname(listener.as_raw_fd()).unwrap();
    let v6 = address.as_sockaddr_in6().map(|address| address.port());
    let v4 = address.as_sockaddr_in().map(|address| address.port());
    v6.or(v4).unwrap().to_string()
}

/// Sends a message and waits for as many bytes to come back.
fn echo_of(socket: OwnedFd, message: &[u8]) -> Vec<u8> {
    let mut socket = File::from(socket);
    socket.write_all(message).unwrap();
    let mut echo = vec![0; message.len()];
    socket.read_exact(&mut echo).unwrap();
    echo
}

#[test]
fn a_host_in_digits_is_one_address() {
    let addresses = address::lookup_host("127.0.0.1", "80").unwrap();
    assert_eq!(addresses.len(), 1);
    assert_eq!(addresses[0].addr.to_string(), "127.0.0.1:80");
    assert_eq!(addresses[0].socktype, SockType::Stream);
}

#[test]
fn one_client_after_the_other_gets_its_bytes_back() {
    let listener = server::listen_on("0").unwrap();
    let port = port_of(&listener);
    thread::spawn(|| server::run_server(listener));
    for message in ["hello", "once more"] {
        let socket = client::connect_to("127.0.0.1", &port).unwrap();
        assert_eq!(echo_of(socket, message.as_bytes()), message.as_bytes());
    }
}

#[test]
fn the_client_prints_what_the_server_says() {
    let (server, socket) =
        socketpair(AddressFamily::Unix, SockType::Stream, None, SockFlag::SOCK_CLOEXEC).unwrap();
    let (input, _typed) = pipe().unwrap();
    let (printed, output) = pipe().unwrap();
    let mut server = File::from(server);
    server.write_all(b"answer").unwrap();
    drop(server);

    // Nobody has typed anything, and nobody will: the server's end is the client's end.
    assert_eq!(client::run_client(socket.as_fd(), input.as_fd(), output.as_fd()), Ok(()));
    drop(output);
    let mut answer = String::new();
    File::from(printed).read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "answer");
}

#[test]
fn a_connection_knows_both_its_ends() {
    let listener = server::listen_on("0").unwrap();
    let port = port_of(&listener);
    let _socket = client::connect_to("127.0.0.1", &port).unwrap();
    let connection = accept(&listener).unwrap();
    let five_tuple = server::five_tuple(connection.as_fd()).unwrap();
    assert_eq!(five_tuple.destination_port.to_string(), port);
    assert_ne!(five_tuple.source_port, five_tuple.destination_port);
}

#[test]
fn the_same_server_works_over_a_unix_socket() {
    let path = std::env::temp_dir().join(format!("sockets-v1-{}", std::process::id()));
    let listener = local::listen_at(&path).unwrap();
    thread::spawn(|| server::run_server(listener));
    let socket = local::connect_at(&path).unwrap();
    assert_eq!(echo_of(socket, b"hello"), b"hello");
    std::fs::remove_file(&path).unwrap();
}
