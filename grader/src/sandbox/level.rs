//! How far programs are kept from the machine.

use serde::{Deserialize, Serialize};

/// How far programs are kept from the machine, the strictest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Namespaces, Landlock and limits.
    Full,
    /// Landlock and limits.
    Landlock,
    /// Limits alone.
    Plain,
}

impl Level {
    /// All of them, the strictest first.
    pub const ALL: [Level; 3] = [Level::Full, Level::Landlock, Level::Plain];

    /// The level of this number, as `level as u8` makes it.
    pub(crate) fn of(number: u8) -> Option<Level> {
        Level::ALL.into_iter().find(|level| *level as u8 == number)
    }

    /// As it is written on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::Full => "full",
            Level::Landlock => "landlock",
            Level::Plain => "plain",
        }
    }
}
