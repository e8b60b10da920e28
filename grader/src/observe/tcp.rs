//! TCP sockets as the kernel sees them, by `sock_diag` over netlink: nothing is connected to, nothing is disturbed.
//!
//! The layouts are those of `linux/inet_diag.h`; addresses and ports travel in network order, everything else in the
//! machine's own.

use super::netlink::{ask_for_all, ask_for_one, attribute};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Asks for, and marks, the attribute with `struct tcp_info`.
const INET_DIAG_INFO: u16 = 2;
/// The attribute that says whether an IPv6 listener refuses IPv4.
const INET_DIAG_SKV6ONLY: u16 = 11;
/// Where `tcpi_bytes_received` lies in it.
const BYTES_RECEIVED: usize = 128;
/// The length of `struct inet_diag_msg`.
const MESSAGE: usize = 72;

/// The states of a TCP socket, with the kernel's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TcpState {
    Established = 1,
    SynSent = 2,
    SynReceived = 3,
    FinWait1 = 4,
    FinWait2 = 5,
    TimeWait = 6,
    Close = 7,
    CloseWait = 8,
    LastAck = 9,
    Listen = 10,
    Closing = 11,
}

impl TcpState {
    fn from_number(number: u8) -> TcpState {
        use TcpState::*;
        match number {
            1 => Established,
            2 => SynSent,
            // 12 is a connection whose handshake is under way.
            3 | 12 => SynReceived,
            4 => FinWait1,
            5 => FinWait2,
            6 => TimeWait,
            8 => CloseWait,
            9 => LastAck,
            10 => Listen,
            11 => Closing,
            _ => Close,
        }
    }
}

/// A TCP socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TcpSocket {
    pub(crate) state: TcpState,
    pub(crate) local: SocketAddr,
    pub(crate) remote: SocketAddr,
    /// 0 as long as, or once, no process holds it.
    pub(crate) inode: u64,
    /// Of a connection: bytes not yet read. Of a listener: connections not yet accepted.
    pub(crate) receive_queue: u32,
    /// Of a connection: bytes not yet acknowledged. Of a listener: its backlog.
    pub(crate) send_queue: u32,
    /// How many bytes have arrived, read or not.
    pub(crate) received: Option<u64>,
    /// Of an IPv6 listener: whether it refuses IPv4.
    pub(crate) v6_only: bool,
}

/// All listening TCP sockets.
pub(crate) fn listeners() -> io::Result<Vec<TcpSocket>> {
    in_states(LISTENING)
}

/// Every TCP socket of any state but listening; walks the kernel's whole table, so only where something has failed.
pub(crate) fn connections() -> io::Result<Vec<TcpSocket>> {
    in_states(!LISTENING)
}

/// As a set of states.
const LISTENING: u32 = 1 << TcpState::Listen as u32;

fn in_states(states: u32) -> io::Result<Vec<TcpSocket>> {
    let any = SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0));
    let mut all = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        let found = ask_for_all(&request(family, states, any, any))?;
        all.extend(found.iter().filter_map(|message| TcpSocket::parse(message)));
    }
    Ok(all)
}

/// The socket of the connection between these two ends, seen from `local`; none where the kernel knows none.
pub(crate) fn connection(local: SocketAddr, remote: SocketAddr) -> io::Result<Option<TcpSocket>> {
    let family = if local.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
    let found = ask_for_one(&request(family, u32::MAX, local, remote))?;
    let socket = found.and_then(|message| TcpSocket::parse(&message));
    Ok(socket.filter(|socket| socket.state != TcpState::Listen && socket.remote.port() == remote.port()))
}

/// `struct inet_diag_req_v2`.
fn request(family: i32, states: u32, local: SocketAddr, remote: SocketAddr) -> Vec<u8> {
    let mut request = vec![family as u8, libc::IPPROTO_TCP as u8, 1 << (INET_DIAG_INFO - 1), 0];
    request.extend(states.to_ne_bytes());
    request.extend(local.port().to_be_bytes());
    request.extend(remote.port().to_be_bytes());
    request.extend(address_field(local.ip()));
    request.extend(address_field(remote.ip()));
    request.extend(0u32.to_ne_bytes());
    request.extend([0xff; 8]);
    request
}

fn address_field(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V6(address) => address.octets(),
        IpAddr::V4(address) => {
            let mut field = [0; 16];
            field[..4].copy_from_slice(&address.octets());
            field
        }
    }
}

impl TcpSocket {
    /// `struct inet_diag_msg`.
    fn parse(message: &[u8]) -> Option<TcpSocket> {
        let word = |at: usize| Some(u32::from_ne_bytes(message.get(at..at + 4)?.try_into().ok()?));
        let port = |at: usize| Some(u16::from_be_bytes(message.get(at..at + 2)?.try_into().ok()?));
        let v4 = *message.first()? == libc::AF_INET as u8;
        let end = |address: usize, at: usize| {
            Some(SocketAddr::new(parse_address(v4, message.get(address..address + 16)?), port(at)?))
        };
        let attributes = message.get(MESSAGE..)?;
        let received = attribute(attributes, INET_DIAG_INFO)
            .and_then(|info| info.get(BYTES_RECEIVED..BYTES_RECEIVED + 8)?.try_into().ok());
        Some(TcpSocket {
            state: TcpState::from_number(*message.get(1)?),
            local: end(8, 4)?,
            remote: end(24, 6)?,
            receive_queue: word(56)?,
            send_queue: word(60)?,
            inode: u64::from(word(68)?),
            received: received.map(u64::from_ne_bytes),
            v6_only: attribute(attributes, INET_DIAG_SKV6ONLY).is_some_and(|value| value.first() == Some(&1)),
        })
    }

    /// Whether a connect to `address` arrives at this listener.
    pub(crate) fn accepts(&self, address: SocketAddr) -> bool {
        let own = self.local.ip();
        let dual = own == IpAddr::V6(Ipv6Addr::UNSPECIFIED) && !self.v6_only && address.is_ipv4();
        let same_family = self.local.is_ipv4() == address.is_ipv4();
        self.local.port() == address.port()
            && (own == address.ip() || dual || (own.is_unspecified() && same_family))
    }
}

/// An IPv4 address inside an IPv6 socket is shown as what it is.
fn parse_address(v4: bool, field: &[u8]) -> IpAddr {
    let octets: [u8; 16] = field.try_into().expect("an address field has 16 bytes");
    if v4 {
        return IpAddr::from([octets[0], octets[1], octets[2], octets[3]]);
    }
    IpAddr::V6(Ipv6Addr::from(octets)).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::net::{TcpListener, TcpStream};

    #[test]
    fn a_listener_is_found_with_its_backlog_and_who_waits_in_it() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("bound");
        let _waiting = TcpStream::connect(address).expect("the kernel accepts");
        let all = listeners().expect("sock_diag");
        let own: Vec<_> = all.iter().filter(|socket| socket.accepts(address)).collect();
        assert_eq!(own.len(), 1);
        assert_eq!((own[0].receive_queue, own[0].send_queue), (1, 128));
        assert_ne!(own[0].inode, 0);
    }

    #[test]
    fn both_ends_of_a_connection_are_found_and_what_has_arrived() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            let listener = TcpListener::bind(address).expect("a port");
            let mut client = TcpStream::connect(listener.local_addr().expect("bound")).expect("accepted");
            client.write_all(b"hello").expect("sent");
            let (near, far) = (client.local_addr().expect("bound"), client.peer_addr().expect("connected"));
            let waiting = connection(far, near).expect("sock_diag").expect("the server's end");
            assert_eq!((waiting.inode, waiting.received, waiting.receive_queue), (0, Some(5), 5));
            let (_accepted, _) = listener.accept().expect("a client waits");
            let held = connection(far, near).expect("sock_diag").expect("the server's end");
            assert_ne!(held.inode, 0, "accept gives the socket to a process");
            assert!(connections().expect("sock_diag").contains(&held));
        }
    }

    #[test]
    fn a_connection_that_is_gone_is_not_found() {
        let (near, far) = ("127.0.0.1:1".parse().expect("valid"), "127.0.0.1:2".parse().expect("valid"));
        assert_eq!(connection(near, far).expect("sock_diag"), None);
    }

    #[test]
    fn a_dual_stack_listener_serves_both_families() {
        let listener = TcpListener::bind("[::]:0").expect("a port");
        let port = listener.local_addr().expect("bound").port();
        let all = listeners().expect("sock_diag");
        let to = |address: IpAddr| all.iter().any(|socket| socket.accepts(SocketAddr::new(address, port)));
        assert!(to(Ipv4Addr::LOCALHOST.into()) && to(Ipv6Addr::LOCALHOST.into()));
    }
}
