//! Why a function does not come back: words for what was found at rest.

use super::Play;
use super::ends::{KeptOpen, kept_open};
use crate::observe::{Snapshot, Syscall};
use crate::scene::{Explain, Failed, Program};

/// Explains why a pipeline of so many stages does not end.
pub(super) fn explain(play: &mut Play<'_>, parent: Program, stages: usize, failed: Failed) -> Failed {
    let found = play.snapshot(parent);
    let waits = waits(&found);
    if waits && stages == 1 && writes(&found) {
        return full(failed);
    }
    let kept = kept_open(&found);
    let reads_on = kept.as_ref().is_some_and(KeptOpen::is_write_end);
    if waits && !reads_on && found.processes.len() <= stages {
        return one_by_one(&found, stages, failed);
    }
    match kept {
        Some(kept) => failed
            .or_say(&kept.headline())
            .expected(kept.expected())
            .ask("Which descriptors of this pipe are open after each `fork`, and who closes each of them?")
            .misconception(kept.misconception())
            .at(|| kept.origin(play)),
        None => failed,
    }
}

fn full(failed: Failed) -> Failed {
    failed
        .or_say("A pipe holds 64 KiB: the command is blocked in write while its parent waits for it to end.")
        .expected("all of the output, however much it is, and the status")
        .ask("Who empties the pipe while the command runs?")
        .misconception("waits-before-reading")
}

fn one_by_one(found: &Snapshot, stages: usize, failed: Failed) -> Failed {
    let running = found.children();
    failed
        .or_say(&format!(
            "Stages run side by side: {running} of {stages} {} there, and the parent already waits for one to end.",
            if running == 1 { "is" } else { "are" }
        ))
        .expected("every stage is started before any is waited for")
        .ask("When does the waiting begin: after each stage, or after all of them?")
        .misconception("one-stage-at-a-time")
}

/// Whether the parent waits for a child.
fn waits(found: &Snapshot) -> bool {
    let parent = found.processes.first();
    parent.is_some_and(|parent| parent.threads.iter().any(|thread| thread.is_in(Syscall::Wait)))
}

fn writes(found: &Snapshot) -> bool {
    found
        .processes
        .iter()
        .skip(1)
        .any(|child| child.threads.iter().any(|thread| thread.is_in(Syscall::Write)))
}
