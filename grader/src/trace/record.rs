//! What was seen of a call.

use super::call::Call;
use super::rule::Fault;
use nix::errno::Errno;

/// One call of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Whose: its number in the order in which processes came to be; 0 is the program itself.
    pub process: usize,
    /// What.
    pub call: Call,
    /// On which descriptor.
    pub fd: Option<i32>,
    /// What came of it.
    pub outcome: Outcome,
    /// The descriptors that it made.
    pub made: Vec<i32>,
    /// The process that it made, or that it waited for.
    pub other: Option<usize>,
    /// How the grader made it come out otherwise.
    pub fault: Option<Fault>,
}

impl Record {
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
