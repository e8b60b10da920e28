//! Faults: which call comes out otherwise than the kernel would have it.

use super::call::Call;
use super::descriptors::Kind;
use super::record::Outcome;
use nix::errno::Errno;
use std::fmt::{self, Display};

/// What happens to some of a program's calls. A program that is right survives every fault that the manual page of the
/// call allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Which call.
    pub call: Call,
    /// On what kind of descriptor; any where none.
    pub on: Option<Kind>,
    /// In which processes.
    pub role: Role,
    /// The first such call that is meant, counted from 1 over all processes of that role.
    pub first: u32,
    /// How many of them.
    pub count: u32,
    /// What becomes of them.
    pub fault: Fault,
}

/// Processes by their descent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The program itself and its descendants.
    Any,
    /// The program's own process.
    Program,
    /// Its descendants.
    Child,
}

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not made, and fails with this.
    Fails(Errno),
    /// It is not made, and fails with EINTR, as if SIGUSR1 had come: only where the program has a handler for that signal
    /// and does not block it. All others never see EINTR.
    Interrupted,
    /// It is made, and moves so many bytes at the most.
    Short(u64),
}

impl Fault {
    /// What the call fails with.
    pub(crate) fn errno(self) -> Option<Errno> {
        match self {
            Fault::Fails(errno) => Some(errno),
            Fault::Interrupted => Some(Errno::EINTR),
            Fault::Short(_) => None,
        }
    }

    /// Whether a call came out so because of it: one that moves less than it might does that by itself.
    pub(super) fn has_struck(self, outcome: Outcome) -> bool {
        match (self, outcome) {
            (Fault::Short(most), Outcome::Returned(count)) => count.unsigned_abs() == most,
            (Fault::Short(_), _) => false,
            (Fault::Fails(_) | Fault::Interrupted, _) => true,
        }
    }
}

impl Rule {
    /// The first of these calls, in any process, on any descriptor.
    pub fn new(call: Call, fault: Fault) -> Rule {
        Rule { call, on: None, role: Role::Any, first: 1, count: 1, fault }
    }

    /// On this kind of descriptor only.
    pub fn on(self, kind: Kind) -> Rule {
        Rule { on: Some(kind), ..self }
    }

    /// In processes of this role only.
    pub fn by(self, role: Role) -> Rule {
        Rule { role, ..self }
    }

    /// From the n-th such call on, so many.
    pub fn times(self, first: u32, count: u32) -> Rule {
        Rule { first, count, ..self }
    }

    /// Whether the rule is about this call; where it is, this is the `nth`.
    pub(super) fn strikes(&self, nth: u32) -> bool {
        nth >= self.first && nth - self.first < self.count
    }

    pub(super) fn is_about(&self, call: Call, kind: Option<Kind>, is_child: bool) -> bool {
        let role = match self.role {
            Role::Any => true,
            Role::Program => !is_child,
            Role::Child => is_child,
        };
        self.call == call && role && (self.on.is_none() || self.on == kind)
    }
}

/// As something that the grader does: "lets the first 2 calls of `accept` fail with EMFILE: Too many open files".
impl Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.call.name();
        match (self.first, self.count) {
            (1, 1) => write!(formatter, "lets the first `{name}`")?,
            (first, 1) => write!(formatter, "lets `{name}` number {first}")?,
            (1, count) => write!(formatter, "lets the first {count} calls of `{name}`")?,
            (first, count) => write!(formatter, "lets calls {first} to {} of `{name}`", first + count - 1)?,
        }
        self.on.map_or(Ok(()), |kind| write!(formatter, " on {}", kind.words()))?;
        match self.fault {
            Fault::Fails(errno) => write!(formatter, " fail with {errno:?}: {}", errno.desc()),
            Fault::Interrupted => formatter.write_str(" be interrupted by a signal: EINTR"),
            Fault::Short(1) => formatter.write_str(" move 1 byte at the most"),
            Fault::Short(most) => write!(formatter, " move {most} bytes at the most"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_sentence() {
        let rule = Rule::new(Call::Accept, Fault::Fails(Errno::EMFILE)).times(1, 2);
        assert_eq!(
            rule.to_string(),
            "lets the first 2 calls of `accept` fail with EMFILE: Too many open files"
        );
        let rule = Rule::new(Call::Write, Fault::Short(3)).on(Kind::Accepted).times(2, 5);
        let said = "lets calls 2 to 6 of `write` on an accepted connection move 3 bytes at the most";
        assert_eq!(rule.to_string(), said);
    }

    #[test]
    fn a_rule_strikes_the_calls_it_counts() {
        let rule = Rule::new(Call::Accept, Fault::Fails(Errno::EMFILE)).times(2, 3);
        let struck: Vec<u32> = (1..8).filter(|nth| rule.strikes(*nth)).collect();
        assert_eq!(struck, [2, 3, 4]);
    }

    #[test]
    fn a_rule_is_about_a_call_on_a_kind_of_descriptor_in_a_role() {
        let rule = Rule::new(Call::Read, Fault::Short(3)).on(Kind::Accepted).by(Role::Child);
        assert!(rule.is_about(Call::Read, Some(Kind::Accepted), true));
        assert!(!rule.is_about(Call::Read, Some(Kind::Accepted), false));
        assert!(!rule.is_about(Call::Read, Some(Kind::Pipe), true));
        assert!(!rule.is_about(Call::Write, Some(Kind::Accepted), true));
    }
}
