//! Submissions that try to pass without solving, to see what they must not, or to harm the machine or another's grade:
//! what they earn, what is told of them, and that they have harmed nobody and left nothing.
//!
//! An attack says at which level of the sandbox it is stopped (`needs`). Below that level it is run all the same, and has
//! to succeed: that is how we know that it is one, and that the level is what stops it. Where the machine does not have
//! the level, the attack counts as not run.

mod trials;

use grader::check::Status;
use grader::compile::{Compiler, PATIENCE};
use grader::course::Course;
use grader::grade::Grader;
use grader::lab::Lab;
use grader::look::{Look, UNICODE};
use grader::process::Limits;
use grader::report::{LabReport, LabStatus, Sandbox, json, terminal};
use grader::stage::Stage;
use grader::supervisor::Job;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::time::Duration;
use trials::targets::{ENVIRONMENT, Targets};
use trials::{Edited, alone, supervised, traces};

/// What attacks are about; each has a list.
const THEMES: [&str; 6] = ["forging", "reading", "harming", "processes", "resources", "showing"];

/// The processor time that the compiler gets for a submission that aims at it. The labs take it a second.
const SHORT: Duration = Duration::from_secs(6);

/// An attack, and what has to come of it.
#[derive(Deserialize)]
struct Attack {
    #[serde(flatten)]
    submission: Edited,
    /// The points it earns: none, or those of its honest parts.
    points: u32,
    /// The outcome of its first check, where that says more than the points.
    status: Option<Status>,
    /// Words that its author is told.
    says: String,
    /// The lowest level at which it is stopped.
    #[serde(default = "plain")]
    needs: Sandbox,
}

fn plain() -> Sandbox {
    Sandbox::Plain
}

/// How far a level keeps programs from the machine.
fn strength(level: Sandbox) -> u8 {
    match level {
        Sandbox::Plain => 0,
        Sandbox::Landlock => 1,
        Sandbox::Full => 2,
    }
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
    let attacks: Vec<Named> = THEMES.iter().flat_map(|theme| read(theme, &labs)).collect();
    let mut amiss = fight(&course, &attacks, Compiler::find(PATIENCE).for_many());
    amiss.extend(fight(&course, &read("compiling", &labs), Compiler::find(SHORT).for_many()));
    let after = trees.each_ref().map(|tree| traces::contents(tree));
    let left = traces::children();
    assert!(amiss.is_empty() && left.is_empty(), "{}\n\nstill there: {left:?}", amiss.join("\n\n"));
    assert!(before == after, "files of the course have changed");
}

fn read<'a>(theme: &str, labs: &'a [Lab]) -> Vec<Named<'a>> {
    let lists: BTreeMap<String, BTreeMap<String, Attack>> = trials::read(&format!("attacks/{theme}.toml"));
    let lab = |name: &str| labs.iter().find(|lab| lab.name == name).unwrap();
    let named = |(of, attacks): (String, BTreeMap<String, Attack>)| {
        attacks.into_iter().map(move |(name, attack)| Named { lab: lab(&of), name, attack })
    };
    lists.into_iter().flat_map(named).collect()
}

/// Grades the attacks together, and says what is not as it has to be.
fn fight(course: &Course, attacks: &[Named], compiler: Compiler) -> Vec<String> {
    let mut targets: Vec<Targets> =
        attacks.iter().map(|attack| Targets::of(&attack.text(), &attack.name, course.root())).collect();
    let made = attacks.iter().zip(&targets).map(|(Named { lab, name, attack }, targets)| {
        attack.submission.candidate(course, lab, name, |text| targets.fill(text))
    });
    let stage = Stage::open(course, || {}).unwrap();
    let grader = Grader { course, compiler, run: &confined, progress: &|_| {} };
    let reports = grader.grade(&stage, made.collect()).unwrap();
    attacks
        .iter()
        .zip(reports)
        .zip(&mut targets)
        .filter_map(|((attack, report), targets)| attack.amiss(report, targets))
        .collect()
}

/// Limits that an attack reaches soon, and long before the machine suffers.
fn confined(job: &Job) -> grader::check::Finding {
    let limits = Limits {
        patience: Duration::from_secs(2),
        processor: Duration::from_secs(1),
        output: 1 << 20,
        memory: 256 << 20,
        tasks: 128,
        check: Duration::from_secs(20),
        ..job.limits
    };
    supervised(&Job { limits, ..job.clone() })
}

impl Named<'_> {
    fn text(&self) -> String {
        self.attack.submission.edits().into_iter().map(|edit| edit.with).collect()
    }

    /// What is not as it has to be, with all that the attack's author is told.
    fn amiss(&self, report: LabReport, targets: &mut Targets) -> Option<String> {
        let Attack { points, status, says, needs, .. } = &self.attack;
        let compiles = report.status != LabStatus::DoesNotCompile;
        let found = report.checks[0].status;
        let report = alone(report);
        let told = json::render(&report).unwrap();
        let harm = targets.harm(&told);
        let judged = report.score == *points
            && status.is_none_or(|status| status == found)
            && told.contains(says)
            && found != Status::Unchecked;
        let shown = terminal::render(&report, &Look { width: 100, glyphs: &UNICODE });
        let stopped = judged && harm.is_empty() && is_plain_text(&shown);
        let sandbox = report.sandbox;
        let expected = strength(sandbox) >= strength(*needs);
        (stopped != expected).then(|| {
            let points = report.score;
            format!(
                "{}: {}: at level {sandbox:?} {points} points, {found:?}, compiles: {compiles}, harm: {harm:?}\n{told}\n{shown:?}",
                self.lab.name, self.name
            )
        })
    }
}

/// Whether a text holds nothing but what is seen, line ends, and colours.
fn is_plain_text(shown: &str) -> bool {
    let mut parts = shown.split('\u{1b}');
    let seen = |part: &str| part.chars().all(|c| c == '\n' || !c.is_control());
    let colour = |part: &str| {
        let rest = part.strip_prefix('[').map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';'));
        rest.is_some_and(|rest| rest.starts_with('m'))
    };
    parts.next().is_some_and(seen) && parts.all(|part| colour(part) && seen(part))
}
