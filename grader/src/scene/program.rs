//! The programs under test: start, records, input, output, rest, end.

use super::bytes::{compare, describe, first_difference};
use super::wait::{Pace, Stuck};
use super::{Address, Connection, Failed, Scene};
use crate::observe::sockets::{listeners, unix_listeners};
use crate::observe::{Snapshot, Target};
use crate::process::{Ending, Launch, Outcome, Running, spawn};
use nix::sys::signal::Signal;
use protocol::{Body, Record};
use serde::de::DeserializeOwned;

/// A program that was started, running or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program(pub(super) usize);

/// What comes next from a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<R> {
    /// A result.
    Result(R),
    /// The final record.
    Done,
    /// The program has ended (or was ended at a limit) without a final record.
    Ended(Ending),
    /// A record that is none of this lab's: driver and grader do not fit together.
    Garbled,
}

impl Scene {
    /// Starts a program.
    ///
    /// # Errors
    /// `unchecked` where it cannot be started, or not be contained.
    pub fn start(&mut self, launch: Launch) -> Result<Program, Failed> {
        let limits = launch.limits.unwrap_or(self.limits);
        let started = spawn(&launch, &self.driver, limits);
        let running = started.map_err(|error| {
            Failed::unchecked(format!("`{}` could not be started: {error}.", launch.name))
        })?;
        self.programs.push(running);
        self.did("grader", format!("starts `{}`", launch.name));
        Ok(Program(self.programs.len() - 1))
    }

    /// Waits for whatever the driver says next: a record, its last word, or the end of the program. Every record counts
    /// as progress: time and processor limits start anew. Fails only where the program is stuck.
    pub fn next<R: DeserializeOwned>(&mut self, program: Program) -> Result<Said<R>, Failed> {
        self.said(program, "speaks")
    }

    fn said<R: DeserializeOwned>(&mut self, program: Program, action: &str) -> Result<Said<R>, Failed> {
        let name = self.program_name(program);
        let said = self.wait(Pace::Events, |scene| scene.try_next(program));
        said.map_err(|stuck| self.stuck("grader", format!("waits until {name} {action}"), stuck))
    }

    /// The next record if it is there already; never waits, and never fails.
    pub fn try_next<R: DeserializeOwned>(&mut self, program: Program) -> Option<Said<R>> {
        let running = self.running(program);
        let Some(line) = running
            .channel
            .as_mut()
            .and_then(|channel| channel.records.pop_front())
        else {
            return (!running.alive()).then_some(Said::Ended(running.ending));
        };
        Some(
            match serde_json::from_slice::<Record<R>>(&line).map(|record| record.body) {
                Ok(Body::Result(result)) => Said::Result(result),
                Ok(Body::Done) => Said::Done,
                Err(_) => Said::Garbled,
            },
        )
    }

    /// Expects a result. That the driver is done, or has ended, fails with how it ended.
    pub fn record<R: DeserializeOwned>(&mut self, program: Program) -> Result<R, Failed> {
        let (name, action) = (self.program_name(program), "reports a result");
        match self.said(program, action)? {
            Said::Result(result) => Ok(result),
            other => Err(self.unexpected(&name, action, &other)),
        }
    }

    /// Expects the driver's final record.
    pub fn expect_done(&mut self, program: Program) -> Result<(), Failed> {
        let (name, action) = (self.program_name(program), "is done");
        match self.said::<serde_json::Value>(program, action)? {
            Said::Done => Ok(()),
            other => Err(self.unexpected(&name, action, &other)),
        }
    }

    fn unexpected<R>(&mut self, name: &str, action: &str, said: &Said<R>) -> Failed {
        let seen = match said {
            Said::Garbled => {
                return Failed::unchecked("The driver said what the grader does not understand.");
            }
            Said::Ended(ending) => format!("it {}", ending.words()),
            Said::Done => "it had nothing more to report".to_owned(),
            Said::Result(_) => "it reported more".to_owned(),
        };
        self.fail("grader", format!("waits until {name} {action}"), seen, Vec::new())
    }

    /// Expects that the program listens at this address, in any way that accepts a connect to it (a dual-stack listener
    /// serves IPv4 too). Looks with sock_diag: the server is not disturbed.
    pub fn expect_listening(&mut self, program: Program, address: Address) -> Result<(), Failed> {
        let name = self.program_name(program);
        let action = format!("waits until {name} listens at {address}");
        let listening = self.wait(Pace::Looks, |scene| {
            let inodes = listening_at(&address);
            let (snapshot, alive) = (scene.snapshot(program), scene.running(program).alive());
            let listens = inodes.into_iter().any(|inode| snapshot.holds_socket(inode));
            (listens || !alive).then_some(listens)
        });
        match listening {
            Ok(true) => {
                self.did("grader", action);
                Ok(())
            }
            Ok(false) => {
                let seen = format!("it {}", self.running(program).ending.words());
                Err(self.fail("grader", action, seen, Vec::new()))
            }
            Err(stuck) => Err(self.stuck("grader", action, stuck)),
        }
    }

    /// Feeds a program started with [`Input::Fed`](crate::process::Input::Fed); waits until the pipe has taken all.
    pub fn feed(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let action = format!("feeds {} {}", self.program_name(program), describe(bytes));
        self.running(program)
            .input
            .iter_mut()
            .for_each(|input| input.push(bytes));
        let fed = self.wait(Pace::Events, |scene| {
            scene
                .running(program)
                .input
                .as_ref()
                .is_none_or(|input| input.pending() == 0)
                .then_some(())
        });
        self.step("grader", action, fed)
    }

    /// Ends that input: the program reads end of file.
    pub fn end_input(&mut self, program: Program) {
        self.running(program)
            .input
            .iter_mut()
            .for_each(|input| input.end());
        let action = format!("ends the input of {}", self.program_name(program));
        self.did("grader", action);
    }

    /// Expects exactly these bytes next on standard output. What follows is left for the next expectation.
    pub fn expect_output(&mut self, program: Program, bytes: &[u8]) -> Result<(), Failed> {
        let action = format!(
            "expects {} to write {}",
            self.program_name(program),
            describe(bytes)
        );
        let from = self.running(program).stdout.expected;
        let written = self.wait(Pace::Events, |scene| {
            let running = scene.running(program);
            let came = &running.stdout.bytes[from..];
            let differs = first_difference(bytes, came).map(Err);
            differs
                .or_else(|| (came.len() >= bytes.len()).then_some(Ok(true)))
                .or((!running.alive()).then_some(Ok(false)))
        });
        let came = self.running(program).stdout.bytes[from..].to_vec();
        match written {
            Ok(Ok(true)) => {
                self.running(program).stdout.expected += bytes.len();
                self.did("grader", action);
                Ok(())
            }
            Ok(Ok(false)) => {
                let seen = format!(
                    "it {} after {}",
                    self.running(program).ending.words(),
                    describe(&came)
                );
                Err(self.fail("grader", action, seen, Vec::new()))
            }
            Ok(Err(at)) => {
                let seen = format!("byte {at} is not the one expected");
                Err(self.fail("grader", action, seen, compare(bytes, &came, at)))
            }
            Err(stuck) => Err(self.stuck_after(
                "grader",
                action,
                stuck,
                vec![format!("So far came {}.", describe(&came))],
            )),
        }
    }

    /// Expects every program of the scene to come to rest: every thread of it and of its descendants blocked. Returns
    /// what was seen of this one: threads with the calls they are blocked in, descriptors, children, zombies. A program
    /// that has ended is at rest, and nothing is seen of it.
    pub fn at_rest(&mut self, program: Program) -> Result<Snapshot, Failed> {
        let action = format!("waits until {} is at rest", self.program_name(program));
        let settled = self.settle();
        self.step("grader", action, settled)?;
        Ok(self.snapshot(program))
    }

    /// Expects that at rest no process of the program holds the other end of this connection any more.
    pub fn expect_connection_closed(
        &mut self,
        program: Program,
        connection: Connection,
    ) -> Result<(), Failed> {
        let snapshot = self.at_rest(program)?;
        let (server, client) = (self.program_name(program), self.name(connection).to_owned());
        let action = format!("expects that {server} has closed the connection of {client}");
        let Some(inode) = self.wire(connection).other_inode() else {
            self.did("grader", action);
            return Ok(());
        };
        let held = Target::Socket { inode };
        let holds = |process: &crate::observe::Process| {
            let descriptor = process
                .descriptors
                .iter()
                .find(|descriptor| descriptor.target == held)?;
            Some(format!(
                "it is open in `{}` as fd {}",
                process.name, descriptor.fd
            ))
        };
        match snapshot.processes.iter().find_map(holds) {
            None => {
                self.did("grader", action);
                Ok(())
            }
            Some(seen) => Err(self.fail("grader", action, seen, Vec::new())),
        }
    }

    /// Expects the program to end by itself, and says how it did.
    pub fn expect_end_of(&mut self, program: Program) -> Result<Outcome, Failed> {
        let action = format!("waits until {} ends", self.program_name(program));
        let ended = self.wait(Pace::Events, |scene| {
            (!scene.running(program).alive()).then_some(())
        });
        self.step("grader", action, ended)?;
        Ok(self.outcome(program))
    }

    /// Expects that the program still runs.
    pub fn expect_running(&mut self, program: Program) -> Result<(), Failed> {
        self.pump();
        let (name, running) = (self.program_name(program), self.running(program));
        if running.alive() {
            return Ok(());
        }
        let seen = format!("it {}", running.ending.words());
        Err(self.fail(
            "grader",
            format!("expects that {name} still runs"),
            seen,
            Vec::new(),
        ))
    }

    /// Sends a signal to the program (not to its descendants).
    pub fn signal(&mut self, program: Program, signal: Signal) -> Result<(), Failed> {
        self.expect_running(program)?;
        let action = format!("sends {signal} to {}", self.program_name(program));
        self.running(program).signal(signal);
        self.did("grader", action);
        Ok(())
    }

    /// Ends the program and its descendants with KILL, and waits until it is gone.
    pub fn kill(&mut self, program: Program) {
        let action = format!("kills {}", self.program_name(program));
        self.running(program).end(Ending::Ended);
        let _ = self.wait(Pace::Events, |scene| {
            (!scene.running(program).alive()).then_some(())
        });
        self.did("grader", action);
    }

    /// How the program has ended so far, and what it wrote.
    pub fn outcome(&self, program: Program) -> Outcome {
        self.programs[program.0].outcome()
    }

    /// A look at the program now, at rest or not; empty once it has ended.
    pub fn snapshot(&self, program: Program) -> Snapshot {
        let running = &self.programs[program.0];
        if running.alive() {
            Snapshot::take(running.pid.as_raw(), &running.name)
        } else {
            Snapshot::default()
        }
    }

    fn step(&mut self, actor: &str, action: String, outcome: Result<(), Stuck>) -> Result<(), Failed> {
        outcome.map_err(|stuck| self.stuck(actor, action.clone(), stuck))?;
        self.did(actor, action);
        Ok(())
    }

    fn program_name(&self, program: Program) -> String {
        format!("`{}`", self.programs[program.0].name)
    }

    fn running(&mut self, program: Program) -> &mut Running {
        &mut self.programs[program.0]
    }
}

fn listening_at(address: &Address) -> Vec<u64> {
    match address {
        Address::Unix(path) => unix_listeners(path).unwrap_or_default(),
        Address::Inet(address) => {
            let accepting = listeners()
                .unwrap_or_default()
                .into_iter()
                .filter(|socket| socket.accepts(*address));
            accepting.map(|socket| socket.inode).collect()
        }
    }
}
