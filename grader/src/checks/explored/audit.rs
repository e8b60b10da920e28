//! Whether a search that has found nothing was run: the driver has committed to all executions, and shows some that it could
//! not know of. Another process runs them again, and has to see the same steps and the same state.
//!
//! The search and the student's code are one process, so that its word alone is not enough.

use super::Words;
use super::sample::{Doubt, Sample, differs};
use super::search::{Said, Search, Task, heard};
use crate::scene::{Failed, Program, Scene};
use protocol::commitment::Commitment;
use protocol::search::{Ran, Result as Found};
use serde::Serialize;

impl<L: Words, T: Serialize> Search<L, T> {
    /// Looks into a search that awaits a question. `searched` is what it has told of each scenario.
    pub(super) fn audit(
        &self,
        scene: &mut Scene,
        driver: Program,
        commitment: Commitment,
        searched: &[Found<L::Breach>],
    ) -> Result<(), Failed> {
        let sample = Sample::of(commitment, searched).map_err(unbelieved::<L>)?;
        scene.ask(driver, &sample.question());
        let Said::<L>::Result(Found::Shown(shown)) = heard::<L>(scene, driver)? else {
            return Err(unbelieved::<L>(Doubt::Unbound));
        };
        let chosen = sample.choose(&self.plan, shown).map_err(unbelieved::<L>)?;
        match heard::<L>(scene, driver)? {
            Said::<L>::Done => self.retrace(scene, chosen),
            _ => Err(unbelieved::<L>(Doubt::Unbound)),
        }
    }

    fn retrace(&self, scene: &mut Scene, executions: Vec<Ran>) -> Result<(), Failed> {
        let scenarios = self.plan.scenarios.clone();
        let driver = self.start(scene, Task::<L>::Retrace { scenarios, executions: executions.clone() })?;
        let retraced = match heard::<L>(scene, driver)? {
            Said::<L>::Result(Found::Retraced(all)) if all.len() == executions.len() => all,
            _ => return Err(unbelieved::<L>(Doubt::Differs)),
        };
        let seen = executions.iter().zip(&retraced);
        let mut doubts = seen.filter_map(|(ran, (state, trace))| differs(&self.plan, ran, *state, trace));
        doubts.next().map_or(Ok(()), |doubt| Err(unbelieved::<L>(doubt)))?;
        match heard::<L>(scene, driver)? {
            Said::<L>::Done => Ok(()),
            _ => Err(unbelieved::<L>(Doubt::Differs)),
        }
    }
}

/// The words for a search that is not believed.
fn unbelieved<L: Words>(doubt: Doubt) -> Failed {
    let seen = match doubt {
        Doubt::Count => "The search counted other schedules than it says that it has run.",
        Doubt::Unbound => "The search could not show the schedules that it says it has run.",
        Doubt::Order => "The schedules that the search shows do not follow each other as in a search.",
        Doubt::Differs => {
            "The same schedule, run again in another process, showed other steps or another state."
        }
        Doubt::Conduct => "What was shown when a schedule was run again is no run of these threads.",
        Doubt::NoChoice => {
            return Failed::unchecked(
                "The grader could not choose which schedules to run again: no random numbers.",
            );
        }
    };
    Failed {
        expected: Some("a schedule that is run again in another process shows the same steps".to_owned()),
        seen: Some(seen.to_owned()),
        ..Failed::wrong(format!(
            "The search of the schedules cannot be believed: {} depends on something besides the calls, or the search was \
             not run.",
            L::SUBJECT
        ))
    }
}
