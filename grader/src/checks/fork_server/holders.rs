//! Which processes hold a connection, or the listener.

use super::Play;
use crate::check::Location;
use crate::checks::serving::Server;
use crate::scene::{Connection, Explain, Failed};
use crate::steps::{Evidence, Looked};

/// A process that holds a socket: "`child 1` as fd 4".
struct Holder {
    words: String,
    pid: i32,
    fd: i32,
    /// Whether it was made for a client.
    new: bool,
}

/// Expects that this client is served in a process made for it, and that no other holds its connection.
pub(super) fn served_in_a_child(
    play: &mut Play<'_>,
    server: &Server,
    client: Connection,
) -> Result<(), Failed> {
    let name = play.name(client).to_owned();
    let inode = play.server_end(client);
    let holders = holders(play, server, inode)?;
    let child = holders.iter().any(|holder| holder.new);
    let old: Vec<_> = holders.iter().filter(|holder| !holder.new).collect();
    let in_old = words(&old);
    play.require(
        child,
        "server",
        Looked::at(Evidence::Descriptors, format!("serves {name} in a process made for it")),
        &list(&holders),
    )
    .or_say(&format!(
        "Only a process of its own protects: the connection of {name} is open in {in_old} alone."
    ))
    .expected("the handler runs in a child, and the server only waits")
    .ask("Which process calls the handler, and since when has it been there?")
    .misconception("no-process")
    .at(|| play.wait_of(old.first()?.pid))?;
    play.require(
        old.is_empty(),
        "server",
        Looked::at(Evidence::Descriptors, format!("has closed its copy of the connection of {name}")),
        &list(&holders),
    )
    .or_say(&format!("A fork copies every descriptor: the connection of {name} is also open in {in_old}."))
    .expected("the parent closes its copy of the connection, since only the child uses it")
    .ask("Which descriptors does the parent have after the fork, and which of them does it still need?")
    .misconception("connection-kept")
    .at(|| old.first()?.origin(play))?;
    let one = holders.len() == 1;
    play.require(
        one,
        "server",
        Looked::at(Evidence::Descriptors, format!("has the connection of {name} in one child alone")),
        &list(&holders),
    )
    .or_say(&format!(
        "A child inherits what its parent has open: the connection of {name} is open in several children."
    ))
    .expected("a connection is open in the child that serves it, and nowhere else")
    .ask("What was still open in the parent when the next child was made?")
    .misconception("connection-kept")
    .at(|| holders.last()?.origin(play))
}

/// Expects that no process made for a client has the listener open.
pub(super) fn listener_closed(play: &mut Play<'_>, server: &Server) -> Result<(), Failed> {
    let inode = play.listening_end(server.port);
    let holders = holders(play, server, inode)?;
    let new: Vec<_> = holders.iter().filter(|holder| holder.new).collect();
    play.require(
        new.is_empty(),
        "server",
        Looked::at(Evidence::Descriptors, "has the listener open in no child"),
        &list(&holders),
    )
    .or_say(&format!("A fork copies every descriptor: the listener is also open in {}.", words(&new)))
    .expected("a child closes the listener, since it never accepts")
    .ask("Which descriptors does the child have after the fork, and which of them does it need?")
    .misconception("listener-kept")
    .at(|| new.first()?.origin(play))
}

fn holders(play: &mut Play<'_>, server: &Server, inode: Option<u64>) -> Result<Vec<Holder>, Failed> {
    let now = play.at_rest(server.program)?;
    let Some(inode) = inode else { return Ok(Vec::new()) };
    let holders = now.holders(inode).map(|(process, fd)| Holder {
        words: format!("`{}` as fd {fd}", process.name),
        pid: process.pid,
        fd,
        new: !server.had(process.pid),
    });
    Ok(holders.collect())
}

impl Holder {
    /// The line from which it has the socket.
    fn origin(&self, play: &Play<'_>) -> Option<Location> {
        play.origin(self.pid, self.fd)
    }
}

fn words(holders: &[&Holder]) -> String {
    holders.iter().map(|holder| &*holder.words).collect::<Vec<_>>().join(" and ")
}

fn list(holders: &[Holder]) -> String {
    match holders {
        [] => "no process has it open".to_owned(),
        some => format!("it is open in {}", words(&some.iter().collect::<Vec<_>>())),
    }
}
