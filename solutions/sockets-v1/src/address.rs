//! Where a server listens, and where a client finds it: `getaddrinfo(3)` with the right hints.

use crate::Error;
use oslab::AddrInfo;
// SOLUTION
use nix::sys::socket::{AddressFamily, SockType};
use oslab::{AiFlags, Hints, getaddrinfo};
// END

/// The addresses on which a server of this machine can listen at a port: the lecture's "Server Address - itself".
///
/// - Takes a port in digits (`"8080"`; `"0"` lets the system choose when it is bound) or a service name (`"http"`).
/// - Returns addresses that accept connections on *every* interface (`0.0.0.0` and `::`), of IPv4 *and* IPv6 as far as
///   the machine has them, each once, for stream sockets. At least one.
/// - Opens nothing. Fails with [`Error::Lookup`] for a service that nobody knows.
///
/// Source: getaddrinfo(3), on a null node and `AI_PASSIVE`.
pub fn setup_address(port: &str) -> Result<Vec<AddrInfo>, Error> {
    // SOLUTION
    let hints =
        Hints { flags: AiFlags::AI_PASSIVE, family: AddressFamily::Unspec, socktype: Some(SockType::Stream) };
    Ok(getaddrinfo(None, Some(port), &hints)?)
    // STARTER
    // todo!("call getaddrinfo without a node; hints: passive, stream, any family")
    // END
}

/// The addresses at which a client may reach a service of a host: the lecture's "Client: getting the server address".
///
/// - Takes a host name (`"localhost"`) or an address in digits (`"127.0.0.1"`, `"::1"`), and a port as
///   [`setup_address`] does.
/// - Returns every address of the host, of IPv4 and IPv6, the one to try first in front, each once, for stream sockets.
///   At least one.
/// - Blocks while a name server is asked. Opens nothing. Fails with [`Error::Lookup`] for a host that nobody knows.
///
/// Source: getaddrinfo(3).
pub fn lookup_host(host: &str, port: &str) -> Result<Vec<AddrInfo>, Error> {
    // SOLUTION
    let hints =
        Hints { flags: AiFlags::empty(), family: AddressFamily::Unspec, socktype: Some(SockType::Stream) };
    Ok(getaddrinfo(Some(host), Some(port), &hints)?)
    // STARTER
    // todo!("ask getaddrinfo for the host and the port, with hints for stream sockets of any family")
    // END
}
