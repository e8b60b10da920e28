//! What was seen of a call.

use super::call::Call;
use super::rule::Fault;
use super::stack::Stack;
use nix::errno::Errno;

/// One call of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose: its number in the order in which processes came to be.
    pub process: usize,
    /// Which of its threads, in the order in which they came to be.
    pub thread: usize,
    /// What.
    pub call: Call,
    /// On which descriptor, and what that stands for where a call was seen to make it.
    pub fd: Option<i32>,
    /// What the descriptor stands for.
    pub object: Option<usize>,
    /// What came of it.
    pub outcome: Outcome,
    /// When it returned, among all calls; none as long as it has not.
    pub returned: Option<Moment>,
    /// The descriptors that it made.
    pub made: Vec<i32>,
    /// The process that it made, or that it waited for.
    pub other: Option<usize>,
    /// The thread of its own process that it made.
    pub started: Option<usize>,
    /// How the grader made it come out otherwise.
    pub fault: Option<Fault>,
    /// Whether it was made by another program than the one that the grader has started.
    pub foreign: bool,
    /// Where it was made.
    pub stack: Option<Stack>,
    /// What it changed in the tables of descriptors.
    pub cells: Vec<Cell>,
}

/// A moment of a run: after so many steps of the grader, the so-manieth return of a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Steps that the grader had taken.
    pub steps: usize,
    /// Calls that had returned.
    pub calls: usize,
}

/// The descriptors of one process that now stand for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The object.
    pub object: usize,
    /// The process.
    pub process: usize,
    /// The descriptors; empty where the last one was closed.
    pub fds: Vec<i32>,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has not returned.
    Pending,
    /// It has returned this.
    Returned(i64),
    /// It has failed.
    Failed(Errno),
}

impl Outcome {
    /// What the kernel returned: an error negated. One that no program ever sees says that the kernel makes the call
    /// again.
    pub(super) fn of(result: i64) -> Outcome {
        const RESTARTS: std::ops::RangeInclusive<i64> = -516..=-512;
        match result {
            result if RESTARTS.contains(&result) => Outcome::Pending,
            -4095..=-1 => Outcome::Failed(Errno::from_raw(-result as i32)),
            result => Outcome::Returned(result),
        }
    }
}

impl Record {
    /// How many bytes it has moved, if it is a read or a write that has moved any.
    pub(super) fn moved(&self) -> Option<u64> {
        match self.outcome {
            Outcome::Returned(count) if matches!(self.call, Call::Read | Call::Write) => {
                u64::try_from(count).ok().filter(|count| *count > 0)
            }
            _ => None,
        }
    }

    /// The connection that was accepted.
    pub(crate) fn accepted(&self) -> Option<usize> {
        self.cells.first().filter(|_| self.call == Call::Accept).map(|cell| cell.object)
    }

    /// How the grader made it come out otherwise: "`accept` returned EMFILE, made so by the grader".
    pub(crate) fn fault_in_words(&self) -> Option<String> {
        let name = self.call.name();
        match (self.fault?, self.outcome) {
            (Fault::Short(_), Outcome::Returned(count)) => {
                Some(format!("`{name}` returned {count}, cut short by the grader"))
            }
            (fault, _) => Some(format!("`{name}` returned {:?}, made so by the grader", fault.errno()?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_that_the_kernel_makes_again_has_not_returned() {
        assert_eq!(Outcome::of(-512), Outcome::Pending);
        assert_eq!(Outcome::of(-4), Outcome::Failed(Errno::EINTR));
        assert_eq!(Outcome::of(0), Outcome::Returned(0));
    }
}
