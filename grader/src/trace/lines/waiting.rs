//! Where threads wait, whether they are traced or not.

use super::{Lines, maps};
use crate::check::Location;
use crate::trace::stack::Stack;
use std::path::Path;

/// The programs that were looked at: processes that run the same code share its lines.
#[derive(Debug, Default)]
pub(crate) struct Waiting(Vec<Lines>);

impl Waiting {
    /// The line of the lab whose sources lie in `source` in which a thread waits.
    pub(crate) fn line(&mut self, process: i32, thread: i32, source: &Path) -> Option<Location> {
        let stack = Stack::of_waiting(process, thread)?;
        let maps = maps(process);
        let known = self.0.iter().position(|lines| lines.maps == maps);
        let at = known.unwrap_or_else(|| {
            self.0.push(Lines::new(maps));
            self.0.len() - 1
        });
        self.0[at].of(&stack, source)
    }
}
