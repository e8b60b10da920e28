//! The steps of a scripted run: every action and expectation of the grader's clients, as data. Sentences are how they are shown.

use serde::{Deserialize, Serialize};
use std::fmt;

/// One numbered step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Step {
    /// What acts.
    pub actor: Actor,
    /// What was done, or what was expected.
    pub action: Action,
    /// Whether the step came out as it had to.
    pub holds: bool,
    /// Lines below the sentence: what came instead, a comparison of bytes, what is blocked where.
    pub details: Vec<String>,
}

/// A step in a file: with its sentence.
#[derive(Serialize, Deserialize)]
struct Written {
    actor: String,
    sentence: String,
    by: Actor,
    action: Action,
    holds: bool,
    details: Vec<String>,
}

impl From<Step> for Written {
    fn from(Step { actor, action, holds, details }: Step) -> Written {
        Written { actor: actor.to_string(), sentence: action.to_string(), by: actor, action, holds, details }
    }
}

impl From<Written> for Step {
    fn from(Written { by, action, holds, details, .. }: Written) -> Step {
        Step { actor: by, action, holds, details }
    }
}

/// What acts in a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The grader itself.
    Grader,
    /// A program under test, by its name.
    Program(String),
    /// A client of the grader's, by its number.
    Client(usize),
    /// So many of them.
    Clients(usize),
    /// A connection that the grader has accepted.
    Peer(usize),
    /// A listener of the grader's.
    Listener(usize),
}

impl Actor {
    /// What it is among its kind: `client` of `client 1`.
    pub fn role(&self) -> &str {
        match self {
            Actor::Grader => "grader",
            Actor::Program(name) => name,
            Actor::Client(_) => "client",
            Actor::Clients(_) => "clients",
            Actor::Peer(_) => "peer",
            Actor::Listener(_) => "listener",
        }
    }
}

impl From<&str> for Actor {
    fn from(program: &str) -> Actor {
        Actor::Program(program.to_owned())
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Actor::Grader | Actor::Program(_) => f.write_str(self.role()),
            Actor::Clients(number) => write!(f, "{number} clients"),
            Actor::Client(number) | Actor::Peer(number) | Actor::Listener(number) => {
                write!(f, "{} {number}", self.role())
            }
        }
    }
}

/// What is done or expected in a step. Programs go by their names; bytes are described: `5 bytes: "hello"`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Starts a program.
    Starts(String),
    /// Ends it.
    Kills(String),
    /// Sends it a signal.
    Signals {
        /// The signal's name.
        signal: String,
        /// The program.
        program: String,
    },
    /// Makes calls of a program come out otherwise.
    Arranges {
        /// Which, and how.
        rule: String,
        /// The program.
        program: String,
    },
    /// Writes to a program's input.
    Feeds {
        /// The program.
        program: String,
        /// The bytes.
        bytes: String,
    },
    /// Ends a program's input.
    EndsInput(String),
    /// Waits until a program, or every one, is at rest.
    AwaitsRest(Option<String>),
    /// Waits until a program listens.
    AwaitsListener {
        /// The program.
        program: String,
        /// Where.
        address: String,
    },
    /// Waits until a program ends.
    AwaitsEnd(String),
    /// Waits for what a driver reports.
    AwaitsReport {
        /// The driver.
        program: String,
        /// What is due.
        due: Due,
    },
    /// Waits until all clients of a crowd have left.
    AwaitsCrowd,
    /// Looks at a program.
    LooksAt(String),
    /// Learns what has come of it all.
    Learns,
    /// Expects that the driver alone uses the descriptor on which it reports.
    ExpectsOwnChannel,
    /// Expects output of a program.
    ExpectsOutput {
        /// The program.
        program: String,
        /// The bytes.
        bytes: String,
    },
    /// Expects that a program still runs.
    ExpectsRunning(String),
    /// Expects that a program has closed its end of a connection.
    ExpectsClosed {
        /// The program.
        program: String,
        /// The connection.
        client: String,
    },
    /// Connects.
    Connects(String),
    /// Connects, and expects to be refused.
    ExpectsRefusal(String),
    /// Sends bytes.
    Sends(String),
    /// Sends until nothing more is taken.
    SendsUntilBlocked,
    /// Sends bytes and expects others at the same time.
    Exchanges {
        /// What is sent.
        bytes: String,
        /// What is expected.
        expected: String,
    },
    /// Ends its sending direction.
    EndsSending,
    /// Resets its connection.
    Resets,
    /// Closes its connection.
    Closes,
    /// Expects bytes.
    Expects(String),
    /// Reads to the end of file: these bytes.
    ReadsToEnd(Option<String>),
    /// Expects end of file.
    ExpectsEnd,
    /// Expects that the connection is over.
    ExpectsOver,
    /// Expects that nothing comes.
    ExpectsNothing,
    /// Listens at an address.
    Listens(String),
    /// Expects a connection, which gets this name.
    ExpectsConnection(Option<String>),
    /// Expects no connection.
    ExpectsNoConnection,
    /// Many clients connect.
    CrowdConnects,
    /// Many clients send bytes.
    CrowdSends(String),
    /// Many clients get back what they have sent, and leave.
    CrowdLeaves,
    /// Many clients come and go.
    CrowdComesAndGoes {
        /// How many of all.
        clients: usize,
        /// How many at once.
        at_once: usize,
        /// What each sends.
        bytes: String,
    },
    /// Something that no other method of the scene does.
    Does(String),
    /// Something that a check looks for in a program, in its own words.
    LooksFor(Looked),
}

/// What a driver is to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// Anything.
    Word,
    /// A result.
    Result,
    /// The last word.
    Done,
}

/// What a check looks for in a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// In what it shows.
    pub at: Evidence,
    /// In words: `expects three stages`, `holds no connection any more`.
    pub words: String,
}

/// In what something shows that a check looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// In what came back or came out.
    Answer,
    /// In the descriptors that are open.
    Descriptors,
    /// In the memory that is used.
    Memory,
    /// In the numbers that the program has counted.
    Counters,
    /// In what its threads and processes wait for.
    Waits,
}

impl Looked {
    /// Looks at this for that.
    pub fn at(at: Evidence, words: impl Into<String>) -> Looked {
        Looked { at, words: words.into() }
    }
}

impl<S: Into<String>> From<S> for Looked {
    fn from(words: S) -> Looked {
        Looked::at(Evidence::Answer, words)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Action::Starts(program) => write!(f, "starts `{program}`"),
            Action::Kills(program) => write!(f, "kills `{program}`"),
            Action::Signals { signal, program } => write!(f, "sends {signal} to `{program}`"),
            Action::Arranges { rule, program } => write!(f, "{rule}, in `{program}`"),
            Action::Feeds { program, bytes } => write!(f, "feeds `{program}` {bytes}"),
            Action::EndsInput(program) => write!(f, "ends the input of `{program}`"),
            Action::AwaitsRest(None) => f.write_str("waits until the programs are at rest"),
            Action::AwaitsRest(Some(program)) => write!(f, "waits until `{program}` is at rest"),
            Action::AwaitsListener { program, address } => {
                write!(f, "waits until `{program}` listens at {address}")
            }
            Action::AwaitsEnd(program) => write!(f, "waits until `{program}` ends"),
            Action::AwaitsReport { program, due } => {
                let what = match due {
                    Due::Word => "speaks",
                    Due::Result => "reports a result",
                    Due::Done => "is done",
                };
                write!(f, "waits until `{program}` {what}")
            }
            Action::AwaitsCrowd => f.write_str("waits until all have left"),
            Action::LooksAt(program) => write!(f, "looks at `{program}`"),
            Action::Learns => f.write_str("hears what came of it"),
            Action::ExpectsOwnChannel => {
                f.write_str("expects that the driver alone uses the descriptor on which it reports")
            }
            Action::ExpectsOutput { program, bytes } => write!(f, "expects `{program}` to write {bytes}"),
            Action::ExpectsRunning(program) => write!(f, "expects that `{program}` still runs"),
            Action::ExpectsClosed { program, client } => {
                write!(f, "expects that `{program}` has closed the connection of {client}")
            }
            Action::Connects(address) => write!(f, "connects to {address}"),
            Action::ExpectsRefusal(address) => write!(f, "connects to {address} and expects to be refused"),
            Action::Sends(bytes) => write!(f, "sends {bytes}"),
            Action::SendsUntilBlocked => f.write_str("sends without reading until nothing more is taken"),
            Action::Exchanges { bytes, expected } => {
                write!(f, "sends {bytes} and at the same time expects {expected}")
            }
            Action::EndsSending => f.write_str("ends its sending direction"),
            Action::Resets => f.write_str("resets its connection"),
            Action::Closes => f.write_str("closes its connection"),
            Action::Expects(bytes) => write!(f, "expects {bytes}"),
            Action::ReadsToEnd(None) => f.write_str("reads to the end of file"),
            Action::ReadsToEnd(Some(bytes)) => write!(f, "reads to the end of file: {bytes}"),
            Action::ExpectsEnd => f.write_str("expects end of file"),
            Action::ExpectsOver => f.write_str("expects that the connection is over"),
            Action::ExpectsNothing => f.write_str("expects nothing yet"),
            Action::Listens(address) => write!(f, "listens at {address}"),
            Action::ExpectsConnection(None) => f.write_str("expects a connection"),
            Action::ExpectsConnection(Some(peer)) => write!(f, "expects a connection, and calls it {peer}"),
            Action::ExpectsNoConnection => f.write_str("expects no connection"),
            Action::CrowdConnects => f.write_str("connect"),
            Action::CrowdSends(bytes) => write!(f, "send {bytes}"),
            Action::CrowdLeaves => f.write_str("get it back, and leave"),
            Action::CrowdComesAndGoes { clients, at_once, bytes } => {
                f.write_str("connect")?;
                match clients == at_once {
                    true => f.write_str(" all at once")?,
                    false => write!(f, ", {at_once} at once")?,
                }
                write!(f, ", send {bytes}, get it back, and leave")
            }
            Action::Does(words) => f.write_str(words),
            Action::LooksFor(looked) => f.write_str(&looked.words),
        }
    }
}
