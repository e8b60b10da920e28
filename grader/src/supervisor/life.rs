//! The life of a supervisor: takes the order, makes the scene, plays the check, and answers.

use super::{Job, Order};
use crate::check::{Finding, Status};
use crate::sandbox::{self, Confinement, Level, Root, View};
use crate::scene::Scene;
use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;

/// In the process that the origin has forked, which becomes the keeper of the one that plays. What does not depend on the
/// order is done before it comes.
pub(super) fn live(socket: &UnixStream, body: fn(&Job, &mut Scene) -> Finding) -> io::Result<()> {
    let level = level(socket)?;
    let perform = |place: Place| {
        tell(socket, place.stands())?;
        let order = order(socket)?;
        let finding = if matches!(place, Place::Machine) && !order.job.offline && !sandbox::has_loopback() {
            no_loopback()
        } else {
            match prepare(&order, level, place) {
                Ok(scene) => play_in(scene, &order.job, body),
                Err(error) => no_box(&error),
            }
        };
        Ok(u8::from(answer(socket, &finding).is_err()))
    };
    let lived = match level {
        Level::Full => sandbox::in_namespaces(|user| {
            perform(Place::Boxed { root: Root::make(&View::of_system()), user })
        }),
        Level::Landlock | Level::Plain => sandbox::kept(|| perform(Place::Machine)),
    };
    match lived {
        Ok(0) => Ok(()),
        Ok(_) => Err(io::Error::other("it ended early")),
        Err(error) => {
            tell(socket, false)?;
            order(socket)?;
            answer(socket, &no_box(&error))
        }
    }
}

/// Where a check is played.
enum Place {
    Machine,
    Boxed { root: anyhow::Result<Root>, user: Option<u32> },
}

impl Place {
    fn stands(&self) -> bool {
        !matches!(self, Place::Boxed { root: Err(_), .. })
    }
}

fn level(mut socket: &UnixStream) -> io::Result<Level> {
    let mut byte = [0];
    socket.read_exact(&mut byte)?;
    Level::of(byte[0]).ok_or(io::ErrorKind::InvalidData.into())
}

/// Says whether there is a place for the check.
fn tell(mut socket: &UnixStream, stands: bool) -> io::Result<()> {
    socket.write_all(&[stands.into()])
}

fn order(mut socket: &UnixStream) -> io::Result<Order> {
    let mut order = Vec::new();
    socket.read_to_end(&mut order)?;
    Ok(serde_json::from_slice(&order)?)
}

fn answer(mut socket: &UnixStream, finding: &Finding) -> io::Result<()> {
    let mut line = serde_json::to_vec(finding)?;
    line.push(b'\n');
    socket.write_all(&line)
}

fn no_loopback() -> Finding {
    let what = "The programs of this check talk over this machine's loopback, and it is down. `sudo ip link set lo up` \
                switches it on.";
    Finding::new(Status::Unchecked, what)
}

fn no_box(error: &anyhow::Error) -> Finding {
    let what = format!("The programs of this check could not be shut in: {error:#}.");
    Finding::new(Status::Unchecked, what)
}

/// The scene of the check, in its box if it has one.
fn prepare(order: &Order, level: Level, place: Place) -> anyhow::Result<Scene> {
    let Order { job, directory } = order;
    prctl::set_child_subreaper(true)?;
    let user = match place {
        Place::Machine => None,
        Place::Boxed { root, user } => {
            let mut root = root?;
            if !job.offline {
                sandbox::own_network()?;
            }
            root.show(&View::default().reading(&job.driver).reading(&job.source))?;
            root.close()?;
            // The programs may be another user: they write here, and connect to what the check's body listens at.
            umask(Mode::empty());
            fs::create_dir(directory)?;
            user
        }
    };
    std::env::set_current_dir(directory)?;
    let confinement = Confinement::new(level, &job.driver, directory, user)?.offline(job.offline);
    Ok(Scene::new(job.driver.clone(), job.source.clone(), directory.clone(), job.limits, confinement))
}

fn play_in(mut scene: Scene, job: &Job, body: fn(&Job, &mut Scene) -> Finding) -> Finding {
    let (sender, message) = mpsc::channel();
    panic::set_hook(Box::new(move |info| drop(sender.send(info.to_string()))));
    let played = panic::catch_unwind(AssertUnwindSafe(|| body(job, &mut scene)));
    let left = scene.clear();
    with_leftovers(played.unwrap_or_else(|_| broken(&message)), &left)
}

fn broken(message: &mpsc::Receiver<String>) -> Finding {
    let message = message.try_recv().unwrap_or_default();
    Finding::new(Status::Unchecked, format!("The check itself failed: {}.", message.replace('\n', " ")))
}

/// Says what a program left running behind it.
fn with_leftovers(mut finding: Finding, left: &[String]) -> Finding {
    if let (false, Some(last)) = (left.is_empty(), finding.steps.last_mut()) {
        last.details.push(leftovers(left));
    }
    finding
}

/// How many names are told, at most.
const NAMED: usize = 5;

fn leftovers(left: &[String]) -> String {
    let names: BTreeSet<String> = left.iter().map(|name| format!("`{name}`")).collect();
    let mut told: Vec<&str> = names.iter().map(String::as_str).take(NAMED).collect();
    if names.len() > NAMED {
        told.push("and others");
    }
    let told = told.join(", ");
    match left.len() {
        1 => format!("A process was left running and has been ended: {told}."),
        count => format!("{count} processes were left running and have been ended: {told}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_is_told_by_name_as_far_as_a_sentence_goes() {
        let left =
            |names: &[&str]| leftovers(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(left(&["sh"]), "A process was left running and has been ended: `sh`.");
        let many = ["f", "e", "d", "c", "b", "a", "a"];
        let told = "7 processes were left running and have been ended: `a`, `b`, `c`, `d`, `e`, and others.";
        assert_eq!(left(&many), told);
    }
}
