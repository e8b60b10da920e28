//! The life of a supervisor: takes the order, makes the scene, plays the check, and answers.

use super::{Job, Order};
use crate::check::{Finding, Status};
use crate::sandbox::{self, Confinement, Level, View};
use crate::scene::Scene;
use nix::sys::prctl;
use nix::sys::stat::{Mode, umask};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::panic::{self, AssertUnwindSafe};
use std::sync::mpsc;

/// In the process that the origin has forked, which becomes the keeper of the one that plays.
pub(super) fn live(mut socket: &UnixStream, body: fn(&Job, &mut Scene) -> Finding) -> io::Result<()> {
    let mut order = Vec::new();
    socket.read_to_end(&mut order)?;
    let order: Order = serde_json::from_slice(&order)?;
    let life = |user| Ok(u8::from(answer(socket, &perform(&order, user, body)).is_err()));
    let lived = match order.level {
        Level::Full => sandbox::in_namespaces(life),
        Level::Landlock | Level::Plain => sandbox::kept(|| life(None)),
    };
    match lived {
        Ok(0) => Ok(()),
        Ok(_) => Err(io::Error::other("it ended early")),
        Err(error) => answer(socket, &no_box(&error)),
    }
}

fn answer(mut socket: &UnixStream, finding: &Finding) -> io::Result<()> {
    let mut line = serde_json::to_vec(finding)?;
    line.push(b'\n');
    socket.write_all(&line)
}

fn no_box(error: &anyhow::Error) -> Finding {
    let what = format!("The programs of this check could not be shut in: {error:#}.");
    Finding::new(Status::Unchecked, what)
}

fn perform(order: &Order, user: Option<u32>, body: fn(&Job, &mut Scene) -> Finding) -> Finding {
    match prepare(order, user) {
        Ok(scene) => play_in(scene, &order.job, body),
        Err(error) => no_box(&error),
    }
}

/// The scene of the check, in its box if it has one.
fn prepare(order: &Order, user: Option<u32>) -> anyhow::Result<Scene> {
    let Order { job, level, directory } = order;
    prctl::set_child_subreaper(true)?;
    if *level == Level::Full {
        sandbox::enter_root(&View::of_system().reading(&job.driver).reading(&job.source))?;
        // The programs may be another user: they write here, and connect to what the check's body listens at.
        umask(Mode::empty());
        fs::create_dir(directory)?;
    }
    std::env::set_current_dir(directory)?;
    let confinement = Confinement::new(*level, &job.driver, directory, user)?;
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
