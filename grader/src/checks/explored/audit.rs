//! Whether a search that has found nothing was run: the driver has committed to all executions, and shows some that it could
//! not know of. Another process runs them again, and has to see the same steps and the same state: the driver's twin, which was
//! forked off before anything of the student's ran.
//!
//! The search and the student's code are one process, so that its word alone is not enough.

use super::Words;
use super::sample::{Doubt, Sample, differs};
use super::search::{Said, Search, Task, heard};
use crate::scene::{Failed, Program, Scene, Speaker};
use protocol::commitment::Commitment;
use protocol::search::{NOTHING_MORE, Ran, Result as Found, ResultOf};
use serde::Serialize;

impl<L: Words, T: Serialize> Search<L, T> {
    /// Looks into a search that awaits a question. `searched` is what it has told of each scenario.
    pub(super) fn audit(
        &self,
        scene: &mut Scene,
        driver: Program,
        commitment: Commitment,
        searched: &[ResultOf<L>],
    ) -> Result<(), Failed> {
        let sample = Sample::of(commitment, searched).map_err(unbelieved::<L>)?;
        scene.ask(driver, &sample.question());
        let Said::<L>::Result(Found::Shown(shown)) = heard::<L>(scene, driver)? else {
            return Err(unbelieved::<L>(Doubt::Unbound));
        };
        let chosen = sample.choose(&self.plan, shown).map_err(unbelieved::<L>)?;
        self.retrace(scene, driver, chosen)?;
        scene.ask(driver, &NOTHING_MORE);
        match heard::<L>(scene, driver)? {
            Said::<L>::Done => Ok(()),
            _ => Err(unbelieved::<L>(Doubt::Unbound)),
        }
    }

    /// Has the driver's twin run these again, in which nothing of the student's has run so far.
    fn retrace(&self, scene: &mut Scene, driver: Program, executions: Vec<Ran>) -> Result<(), Failed> {
        let (scenarios, twin) = (self.plan.scenarios.clone(), Speaker::Twin(driver));
        let task = Task::<L>::Retrace { scenarios, executions: executions.clone() };
        scene.order_twin(driver, &(self.task)(task));
        let retraced = match heard::<L>(scene, twin)? {
            Said::<L>::Result(Found::Retraced(all)) if all.len() == executions.len() => all,
            _ => return Err(unbelieved::<L>(Doubt::Differs)),
        };
        let seen = executions.iter().zip(&retraced);
        let mut doubts = seen.filter_map(|(ran, seen)| differs(&self.plan, ran, seen));
        doubts.next().map_or(Ok(()), |doubt| Err(unbelieved::<L>(doubt)))?;
        match heard::<L>(scene, twin)? {
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
