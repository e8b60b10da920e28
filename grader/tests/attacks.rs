//! Submissions that try to pass without solving, to see what they must not, or to harm the machine or another's grade:
//! what they earn, what is told of them, and that they have harmed nobody and left nothing.
//!
//! All are run at every level that the machine has. An attack says at which of them it is stopped (`needs`): at the weaker
//! ones it has to succeed, which is how we know that it is one, and that the level is what stops it. One that is always
//! stopped has no such proof. So every attack also names words that its author is told only if it was really tried (`says`).
//! Where the machine does not have the level that it needs, that is said.
//!
//! To work on some of them alone: `OSLAB_ATTACKS=forges cargo test -p grader --test attacks` takes those with that in their name.

mod common;
mod trials;
#[path = "common/until.rs"]
mod until;

use common::is_plain_text;
use grader::check::Status;
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::look::{Look, UNICODE};
use grader::process::Limits;
use grader::report::{LabReport, Report, View, json, terminal};
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::{Job, Supervisors};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use trials::targets::{ENVIRONMENT, Targets};
use trials::{Edited, GRADER, alone, level, traces};
use until::until;

/// What attacks are about; each has a list.
const THEMES: [&str; 8] =
    ["forging", "stealing", "seizing", "reading", "harming", "processes", "resources", "showing"];
/// Those that aim at the compiler.
const COMPILING: &str = "compiling";
/// The processor time that it gets for them. The labs take it a second.
const SHORT: Duration = Duration::from_secs(6);

/// An attack, and what has to come of it.
#[derive(Deserialize)]
struct Attack {
    #[serde(flatten)]
    submission: Edited,
    /// The points it earns: none, or those of its honest parts.
    points: u32,
    /// The outcome of its check, where that says more than the points.
    status: Option<Status>,
    /// Words in what its author is told that are there only because it was tried; any of these, where levels differ.
    says: Words,
    /// The weakest level at which it is stopped.
    #[serde(default = "plain")]
    needs: Level,
    /// The same where root grades, if that is another one: it takes powers from its programs, and who has none cannot.
    needs_as_root: Option<Level>,
    /// Whether nothing stops it at any level, and SECURITY.md says so.
    #[serde(default)]
    open: bool,
    /// Words that are told where it succeeds, if that is neither harm to a target nor points.
    gains: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Words {
    These(String),
    Any(Vec<String>),
}

impl Words {
    fn are_in(&self, told: &str) -> bool {
        match self {
            Words::These(words) => told.contains(words),
            Words::Any(all) => all.iter().any(|words| told.contains(words)),
        }
    }
}

fn plain() -> Level {
    Level::Plain
}

impl Attack {
    fn needed(&self) -> Level {
        let root = nix::unistd::geteuid().is_root();
        self.needs_as_root.filter(|_| root).unwrap_or(self.needs)
    }
}

struct Named<'a> {
    lab: &'a Lab,
    name: String,
    attack: Attack,
}

#[test]
fn attacks_are_stopped_and_leave_nothing() {
    // SAFETY: this test has started no thread yet, and the other one of this program reads no variable.
    unsafe { std::env::set_var(ENVIRONMENT.0, ENVIRONMENT.1) };
    traces::adopt_orphans();
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    let trees = ["grader", "labs", "solutions"].map(|tree| course.root().join(tree));
    let before = trees.each_ref().map(|tree| traces::contents(tree));
    let mut attacks: Vec<Named> = THEMES.iter().flat_map(|theme| read(theme, &labs)).collect();
    let mut compiling = read(COMPILING, &labs);
    let part = std::env::var("OSLAB_ATTACKS").unwrap_or_default();
    compiling.retain(|named| named.name.contains(&part));
    attacks.retain(|named| named.name.contains(&part));
    let mut amiss = Vec::new();
    for level in Level::possible(Path::new(GRADER)) {
        amiss.extend(fight(&course, level, &attacks, PATIENCE));
    }
    let mut left = traces::children();
    // By now what all submissions are linked with has been compiled, which takes longer than they get.
    amiss.extend(fight(&course, level(), &compiling, SHORT));
    let not_run = attacks.iter().filter(|named| level() > named.attack.needed());
    not_run.for_each(|named| {
        eprintln!("not run: {} needs the level {}", named.name, named.attack.needed().name())
    });
    // The box of a compiler that was ended takes its time to go.
    if !until(SHORT, || traces::children().is_empty()) {
        left.extend(traces::children());
    }
    assert!(amiss.is_empty() && left.is_empty(), "{}\n\nstill there: {left:?}", amiss.join("\n\n"));
    assert!(
        before == trees.each_ref().map(|tree| traces::contents(tree)),
        "files of the course have changed"
    );
}

/// What SECURITY.md says of how much was tried.
#[test]
fn as_many_are_played_as_is_said() {
    let course = Course::here().unwrap();
    let labs = course.labs().unwrap();
    let page = std::fs::read_to_string(course.root().join("grader/SECURITY.md")).unwrap();
    for theme in THEMES.into_iter().chain([COMPILING]) {
        let row = format!("| `{theme}` | {} |", read(theme, &labs).len());
        assert!(page.contains(&row), "SECURITY.md does not say {row}");
    }
}

fn read<'a>(theme: &str, labs: &'a [Lab]) -> Vec<Named<'a>> {
    let lists: BTreeMap<String, BTreeMap<String, Attack>> = trials::read(&format!("attacks/{theme}.toml"));
    let lab = |name: &str| labs.iter().find(|lab| lab.name == name).unwrap();
    let named = |(of, attacks): (String, BTreeMap<String, Attack>)| {
        attacks.into_iter().map(move |(name, attack)| Named { lab: lab(&of), name, attack })
    };
    lists.into_iter().flat_map(named).collect()
}

/// Grades attacks together at a level, and says what is not as it has to be.
fn fight(course: &Course, level: Level, attacks: &[Named], patience: Duration) -> Vec<String> {
    let mut targets: Vec<Targets> =
        attacks.iter().map(|attack| Targets::of(&attack.text(), &attack.name, course.root())).collect();
    let made = attacks.iter().zip(&targets).map(|(Named { lab, name, attack }, targets)| {
        attack.submission.candidate(course, lab, name, |text| targets.fill(text))
    });
    let stage = Stage::open(course, || {}).unwrap();
    let compiler = Compiler::find(patience).for_many().enclosed(Path::new(GRADER), level);
    // Gone with this fight: who is left then is an attack's.
    let supervisors = Supervisors::start(Path::new(GRADER)).unwrap();
    let run = |job: &Job| supervisors.run(level, &confined(job));
    let grader = Grader { course, compiler, run: &run, progress: &|_| {} };
    let reports = grader.grade(&stage, made.collect()).unwrap().into_iter().map(|lab| alone(lab, level));
    let fights = attacks.iter().zip(reports).zip(&mut targets);
    fights.filter_map(|((attack, report), targets)| attack.amiss(&report, targets)).collect()
}

/// Limits that an attack reaches soon, and long before the machine suffers.
fn confined(job: &Job) -> Job {
    let limits = Limits {
        patience: Duration::from_secs(2),
        output: 1 << 20,
        memory: 256 << 20,
        tasks: 128,
        check: Duration::from_secs(20),
        ..job.limits
    };
    Job { limits, ..job.clone() }
}

impl Named<'_> {
    fn text(&self) -> String {
        self.attack.submission.edits().into_iter().map(|edit| edit.with).collect()
    }

    /// What is not as it has to be, with all that the attack's author is told.
    fn amiss(&self, report: &Report, targets: &mut Targets) -> Option<String> {
        let told = json::render(report).unwrap();
        let shown = terminal::render(report, &Look { width: 100, glyphs: &UNICODE }, &View::default());
        let (as_said, harm) = (self.is_as_said(&report.labs[0], &told), targets.harm(&told));
        let holds = !self.attack.open && report.sandbox <= self.attack.needed();
        let as_expected = match holds {
            true => as_said && harm.is_empty() && is_plain_text(&shown),
            false => !harm.is_empty() || self.gains(report, &told),
        };
        (!as_expected).then(|| {
            let (lab, name, level) = (&self.lab.name, &self.name, report.sandbox.name());
            let wrong = if holds { "is not stopped, or not as it has to be" } else { "does not succeed" };
            format!("{lab}: {name} {wrong} at level {level}; harm: {harm:?}\n{told}\n{shown:?}")
        })
    }

    /// Whether it has got where no harm is to be seen: to points, or as far as it says.
    fn gains(&self, report: &Report, told: &str) -> bool {
        let Attack { points, gains, .. } = &self.attack;
        report.score > *points || gains.as_ref().is_some_and(|words| told.contains(words))
    }

    fn is_as_said(&self, report: &LabReport, told: &str) -> bool {
        let Attack { points, status, says, .. } = &self.attack;
        let unchecked = report.checks.iter().any(|check| check.status == Status::Unchecked);
        let outcome = status.is_none_or(|status| report.checks[0].status == status);
        report.score == *points && outcome && !unchecked && says.are_in(told)
    }
}
