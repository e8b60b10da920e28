//! Submissions that try to pass without solving, to see what they must not, or to harm the machine or another's grade:
//! what they earn, what is told of them, and that they have harmed nobody and left nothing.
//!
//! An attack says at which level of the sandbox it is stopped (`needs`). Without any sandbox it is run all the same, and
//! has to succeed: that is how we know that it is one, and that the level is what stops it. Where the machine does not
//! have the level, the attack counts as not run.

mod common;
mod trials;

use common::is_plain_text;
use grader::check::{Finding, Status};
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::look::{Look, UNICODE};
use grader::process::Limits;
use grader::report::{LabReport, Report, json, terminal};
use grader::sandbox::Level;
use grader::stage::Stage;
use grader::supervisor::Job;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;
use trials::targets::{ENVIRONMENT, Targets};
use trials::{Edited, GRADER, alone, level, supervised_at, traces};

/// What attacks are about; each has a list.
const THEMES: [&str; 6] = ["forging", "reading", "harming", "processes", "resources", "showing"];
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
    /// Words that its author is told.
    says: String,
    /// The weakest level at which it is stopped.
    #[serde(default = "plain")]
    needs: Level,
}

fn plain() -> Level {
    Level::Plain
}

struct Named<'a> {
    lab: &'a Lab,
    name: String,
    attack: Attack,
}

#[test]
fn attacks_are_stopped_and_leave_nothing() {
    // SAFETY: the only test of this program, and it has started no thread yet.
    unsafe { std::env::set_var(ENVIRONMENT.0, ENVIRONMENT.1) };
    traces::adopt_orphans();
    let course = Course::of_this_grader();
    let labs = course.labs().unwrap();
    let trees = ["grader", "labs", "solutions"].map(|tree| course.root().join(tree));
    let before = trees.each_ref().map(|tree| traces::contents(tree));
    let mut attacks: Vec<Named> = THEMES.iter().flat_map(|theme| read(theme, &labs)).collect();
    let compiling = read(COMPILING, &labs);
    let mut amiss = fight(&course, level(), &compiling, SHORT);
    amiss.extend(fight(&course, level(), &attacks, PATIENCE));
    attacks.retain(|named| named.attack.needs < Level::Plain);
    amiss.extend(fight(&course, Level::Plain, &attacks, PATIENCE));
    let not_run = attacks.iter().filter(|named| level() > named.attack.needs);
    not_run
        .for_each(|named| eprintln!("not run: {} needs the level {}", named.name, named.attack.needs.name()));
    let left = traces::children();
    assert!(amiss.is_empty() && left.is_empty(), "{}\n\nstill there: {left:?}", amiss.join("\n\n"));
    assert!(
        before == trees.each_ref().map(|tree| traces::contents(tree)),
        "files of the course have changed"
    );
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
    let grader = Grader { course, compiler, run: &|job| confined(level, job), progress: &|_| {} };
    let reports = grader.grade(&stage, made.collect()).unwrap().into_iter().map(|lab| alone(lab, level));
    let fights = attacks.iter().zip(reports).zip(&mut targets);
    fights.filter_map(|((attack, report), targets)| attack.amiss(&report, targets)).collect()
}

/// Limits that an attack reaches soon, and long before the machine suffers.
fn confined(level: Level, job: &Job) -> Finding {
    let limits = Limits {
        patience: Duration::from_secs(2),
        output: 1 << 20,
        memory: 256 << 20,
        tasks: 128,
        check: Duration::from_secs(20),
        ..job.limits
    };
    supervised_at(level, &Job { limits, ..job.clone() })
}

impl Named<'_> {
    fn text(&self) -> String {
        self.attack.submission.edits().into_iter().map(|edit| edit.with).collect()
    }

    /// What is not as it has to be, with all that the attack's author is told.
    fn amiss(&self, report: &Report, targets: &mut Targets) -> Option<String> {
        let told = json::render(report).unwrap();
        let shown = terminal::render(report, &Look { width: 100, glyphs: &UNICODE });
        let (as_said, harm) = (self.is_as_said(&report.labs[0], &told), targets.harm(&told));
        let stopped = as_said && harm.is_empty() && is_plain_text(&shown);
        let expected = report.sandbox <= self.attack.needs;
        (stopped != expected).then(|| {
            let (lab, name, level) = (&self.lab.name, &self.name, report.sandbox.name());
            format!("{lab}: {name}: stopped at level {level}: {stopped}; harm: {harm:?}\n{told}\n{shown:?}")
        })
    }

    fn is_as_said(&self, report: &LabReport, told: &str) -> bool {
        let Attack { points, status, says, .. } = &self.attack;
        let unchecked = report.checks.iter().any(|check| check.status == Status::Unchecked);
        let outcome = status.is_none_or(|status| report.checks[0].status == status);
        report.score == *points && outcome && !unchecked && told.contains(says)
    }
}
