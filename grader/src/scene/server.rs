//! What a program under test is seen to have open: where it listens, which connections it holds.

use super::connection::Connection;
use super::program::Program;
use super::wait::{Pace, Stuck};
use super::{Address, Failed, Scene};
use crate::observe::{Snapshot, own_memory, strays, tcp, unix};
use crate::process::Running;
use crate::steps::{Action, Actor};

impl Scene {
    /// Expects that the program listens at this address, in any way that accepts a connect to it (a dual-stack listener
    /// serves IPv4 too). Looks with sock_diag: the server is not disturbed.
    pub fn expect_listening(&mut self, program: Program, address: Address) -> Result<(), Failed> {
        let action =
            Action::AwaitsListener { program: self.program_name(program), address: address.to_string() };
        let listening = self.wait(Pace::Looks, |scene| {
            let inodes = listening_at(&address);
            let (snapshot, alive) = (scene.snapshot(program), scene.running(program).alive());
            let listens = inodes.into_iter().any(|inode| snapshot.holds_socket(inode));
            (listens || !alive).then_some(listens)
        });
        match listening {
            Ok(true) => {
                self.did(Actor::Grader, action);
                Ok(())
            }
            Ok(false) => Err(self.fail_by_end(action, program)),
            Err(stuck) => Err(self.stuck(Actor::Grader, action, stuck)),
        }
    }

    /// Expects every program of the scene to come to rest: every thread of it and of its descendants blocked. Returns
    /// what was seen of this one: threads with the calls they are blocked in, descriptors, children, zombies. A program
    /// that has ended is at rest, and nothing is seen of it.
    pub fn at_rest(&mut self, program: Program) -> Result<Snapshot, Failed> {
        let action = Action::AwaitsRest(Some(self.program_name(program)));
        let settled = self.settle();
        self.step(Actor::Grader, action, settled)?;
        Ok(self.snapshot(program))
    }

    /// Expects that at rest no process of the program holds the other end of this connection any more.
    pub fn expect_connection_closed(
        &mut self,
        program: Program,
        connection: Connection,
    ) -> Result<(), Failed> {
        self.at_rest(program)?;
        let client = self.name(connection).to_owned();
        let action = Action::ExpectsClosed { program: self.program_name(program), client };
        match self.holder(connection) {
            None => {
                self.did(Actor::Grader, action);
                Ok(())
            }
            Some(holder) => {
                self.awaited = Some(connection);
                Err(self.fail(Actor::Grader, action, format!("it is open in {holder}"), Vec::new()))
            }
        }
    }

    /// Waits for a look at the program that comes out like this, as long as that can still happen. Returns the last look,
    /// which does or does not.
    pub(crate) fn until(
        &mut self,
        program: Program,
        mut comes_out: impl FnMut(&Snapshot) -> bool,
    ) -> Result<Snapshot, Failed> {
        let looked = self.wait(Pace::Looks, |scene| {
            let snapshot = scene.snapshot(program);
            comes_out(&snapshot).then_some(snapshot)
        });
        match looked {
            Ok(snapshot) => Ok(snapshot),
            Err(Stuck::CheckOver) => {
                let action = Action::LooksAt(self.program_name(program));
                Err(self.stuck(Actor::Grader, action, Stuck::CheckOver))
            }
            Err(_) => Ok(self.snapshot(program)),
        }
    }

    /// Who of the programs holds the other end of a connection: "`server` as fd 4".
    pub(super) fn holder(&mut self, connection: Connection) -> Option<String> {
        let inode = self.server_end(connection)?;
        let snapshots = self.living_snapshots();
        let mut holders = snapshots.iter().flat_map(|snapshot| snapshot.holders(inode));
        holders.next().map(|(process, fd)| format!("`{}` as fd {fd}", process.name))
    }

    /// The inode of the other end of a connection, where a process holds it.
    pub(crate) fn server_end(&mut self, connection: Connection) -> Option<u64> {
        self.wire(connection).other_inode()
    }

    /// The inode of the socket that listens at a port.
    pub(crate) fn listening_end(&self, port: u16) -> Option<u64> {
        listening_at(&Address::v4(port)).first().copied()
    }

    /// How much memory the program's own process has touched, in bytes; none where the kernel does not say.
    pub(crate) fn memory(&self, program: Program) -> Option<u64> {
        own_memory(self.programs[program.0].pid.as_raw())
    }

    /// A look at the program now, at rest or not; empty once it has ended.
    pub fn snapshot(&self, program: Program) -> Snapshot {
        let running = &self.programs[program.0];
        if running.alive() { self.look_at(running) } else { Snapshot::default() }
    }

    /// A look at every program that runs.
    pub(super) fn living_snapshots(&self) -> Vec<Snapshot> {
        self.programs.iter().filter(|program| program.alive()).map(|program| self.look_at(program)).collect()
    }

    /// A process that has left its parent and its session can be told to be a program's where there is one program alone.
    fn look_at(&self, program: &Running) -> Snapshot {
        let strays = match self.living().as_slice() {
            [only] => strays(&[*only]),
            _ => Vec::new(),
        };
        let known = |pid| self.log().and_then(|log| log.name_of(pid));
        Snapshot::take(program.pid.as_raw(), &program.name, &strays, known)
    }
}

fn listening_at(address: &Address) -> Vec<u64> {
    match address {
        Address::Unix(path) => unix::listeners(path).unwrap_or_default(),
        Address::Inet(address) => {
            let accepting =
                tcp::listeners().unwrap_or_default().into_iter().filter(|socket| socket.accepts(*address));
            accepting.map(|socket| socket.inode).collect()
        }
    }
}
