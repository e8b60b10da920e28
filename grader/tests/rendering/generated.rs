//! Runs and checks made at random, hostile names among them: whatever is recorded can be drawn.

use crate::{alone, look, plain, view};
use grader::check::{Location, Status};
use grader::look::{ASCII, Look, UNICODE};
use grader::report::terminal::{render, render_lab};
use grader::report::{CheckReport, LabReport, LabStatus, Message, Report, Sandbox};
use grader::steps::{Action, Step};
use grader::timeline::rows::Detail;
use grader::timeline::{
    Delta, Ending, Event, EventKind, How, Lane, LaneKind, LaneState, Link, LinkKind, Mark, Missing, Object,
    ObjectKind, Reading, Side, Timeline, Weight, text,
};
use unicode_width::UnicodeWidthStr;

const RUNS: u64 = 400;

/// A generator of numbers that are the same in every run: xorshift.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound.max(1)
    }

    fn any<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }

    fn sometimes<T>(&mut self, value: T) -> Option<T> {
        (self.below(4) == 0).then_some(value)
    }

    fn words(&mut self) -> String {
        const WORDS: [&str; 12] = [
            "",
            "P1",
            "client 12",
            "wait: sleeps",
            "notify → C1",
            "日本語の名前はとても長いです",
            "\u{1b}[31mred\u{1b}[0m",
            "a\tb\r\nc\0",
            "\u{202e}drawkcab",
            "a word and another and `code that stays together` and more until it is too long for a line",
            "no_space_anywhere_in_this_name_which_goes_on_and_on_until_it_is_longer_than_the_terminal_is_wide_and_further",
            "é̂",
        ];
        self.any(&WORDS).to_owned()
    }

    fn place(&mut self) -> Location {
        Location {
            file: self.any(&["src/buffer.rs", "src/signal.rs"]).into(),
            line: self.below(2_000) as u32 + 1,
        }
    }

    fn state(&mut self) -> LaneState {
        use LaneState::*;
        self.any(&[Absent, Runs, Holds, Wants, Waits, Ended, Zombie])
    }

    fn timeline(&mut self) -> Timeline {
        let (lanes, objects) = (1 + self.below(12), self.below(6));
        let lane = |numbers: &mut Numbers| Lane {
            name: numbers.words(),
            role: String::new(),
            kind: LaneKind::Thread,
            start: numbers.state(),
        };
        let events: Vec<Event> =
            (0..self.below(1_100).min(60 + self.below(1_000))).map(|_| self.event(lanes, objects)).collect();
        let missing = Missing {
            event: self.below(events.len()),
            side: self.any(&[Side::Before, Side::After]),
            lane: self.below(lanes),
            label: self.words(),
            helped: self.words(),
        };
        Timeline {
            lanes: (0..lanes).map(|_| lane(self)).collect(),
            objects: (0..objects.max(1)).map(|_| self.object()).collect(),
            events,
            missing: self.sometimes(missing),
            endings: (0..self.below(lanes)).map(|_| self.ending(lanes)).collect(),
            culprits: self.sometimes(0).into_iter().collect(),
            omitted: self.words(),
        }
    }

    fn object(&mut self) -> Object {
        let kind = self.any(&[ObjectKind::Queue, ObjectKind::Mutex, ObjectKind::Semaphore]);
        Object { name: self.words(), kind, declared: None }
    }

    fn event(&mut self, lanes: usize, objects: usize) -> Event {
        let delta = Delta { object: 0, lane: None, value: Some(self.words()) };
        let link = Link {
            kind: self.any(&[LinkKind::Wakes, LinkKind::Creates, LinkKind::Sends, LinkKind::Ends]),
            to: self.below(lanes),
            lane_after: Some(self.state()),
        };
        let (state, place) = (self.state(), self.place());
        Event {
            lane: self.below(lanes),
            kind: self.any(&[
                EventKind::Lock,
                EventKind::Read,
                EventKind::Wait,
                EventKind::Wake,
                EventKind::Panic,
            ]),
            label: self.words(),
            short: self.words(),
            call: None,
            place: self.sometimes(place),
            source: Some(self.words()),
            lane_after: self.sometimes(state),
            deltas: self.sometimes(delta).into_iter().collect(),
            state: (0..objects).map(|object| Reading { object, value: self.words() }).collect(),
            links: self.sometimes(link).into_iter().collect(),
            weight: self.any(&[Weight::Key, Weight::Detail, Weight::Detail]),
            mark: if self.below(20) == 0 { self.any(&[Mark::Wrong, Mark::Stuck]) } else { Mark::None },
            note: if self.below(8) == 0 { Some(self.words()) } else { None },
        }
    }

    fn ending(&mut self, lanes: usize) -> Ending {
        let how = self.any(&[How::Stuck, How::AtRest, How::Crashed, How::WrongValue]);
        Ending { lane: self.below(lanes), how, sentence: self.words(), kept_by: None }
    }

    fn check(&mut self) -> CheckReport {
        let (words, place) = (self.words(), self.place());
        let status = self.any(&[Status::Fail, Status::Limit, Status::Unchecked, Status::Todo, Status::Pass]);
        let steps = (0..self.below(50)).map(|_| self.step()).collect();
        CheckReport {
            expected: self.sometimes(words.clone()),
            seen: self.sometimes(words.clone()),
            location: self.sometimes(place),
            source: self.sometimes(words.clone()),
            question: self.sometimes(words.clone()),
            handout: self.sometimes(words),
            output: (0..self.below(30)).map(|_| self.words() + "\n").collect(),
            steps,
            ..crate::mocks::check(&self.words(), &self.words(), status, 0, 5, &self.words())
        }
    }

    fn step(&mut self) -> Step {
        let holds = self.below(10) > 0;
        Step {
            actor: self.words().as_str().into(),
            action: Action::Does(self.words()),
            holds,
            details: vec!["   ".to_owned() + &self.words()],
        }
    }
}

/// Nothing is wider than the terminal, and nothing but line ends controls it.
fn fits(text: &str, look: &Look) {
    for line in text.lines() {
        assert!(
            line.width() <= look.width,
            "{} columns instead of {}: {line:?}\n{text}",
            line.width(),
            look.width
        );
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
        assert!(!look.glyphs.ascii || line.is_ascii(), "{line:?}");
    }
}

fn looks(numbers: &mut Numbers) -> [Look; 2] {
    let width = 80 + numbers.below(31);
    [Look { width, ..look(&UNICODE) }, Look { width, ..look(&ASCII) }]
}

#[test]
fn any_run_can_be_drawn_and_shows_its_marked_steps() {
    for seed in 1..=RUNS {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let timeline = numbers.timeline();
        for look in looks(&mut numbers) {
            let drawing = plain(&text::draw(&timeline, Detail::Slice, &look));
            fits(&drawing, &look);
            for (index, event) in
                timeline.events.iter().enumerate().filter(|(_, event)| event.mark != Mark::None)
            {
                let glyph = if event.mark == Mark::Wrong { look.glyphs.wrong } else { look.glyphs.stuck };
                let digits = timeline.events.len().to_string().len().max(3);
                let start = format!("{glyph}{:>digits$}", index + 1);
                assert!(
                    drawing.lines().any(|line| line.starts_with(&start)),
                    "seed {seed}: no row {start:?}\n{drawing}"
                );
            }
        }
    }
}

impl Numbers {
    fn report(&mut self) -> Report {
        let labs = (0..1 + self.below(6)).map(|_| self.lab()).collect();
        Report { version: 1, seed: 1, sandbox: Sandbox::Plain, score: 0, max_score: 0, labs }
    }

    fn lab(&mut self) -> LabReport {
        use LabStatus::{DoesNotCompile, Graded, Todo, Unchecked};
        let (lab, status) = (self.words(), self.any(&[Graded, Todo, DoesNotCompile, Unchecked]));
        let checks = (0..self.below(26)).map(|_| CheckReport { id: self.words(), ..self.check() }).collect();
        let messages = (0..self.below(4)).map(|_| Message::of_compiler((self.words() + "\n").repeat(20)));
        let (messages, not_run) = (messages.collect(), self.below(3));
        let warnings = (0..self.below(9)).map(|_| (self.words() + "\n").repeat(9)).collect();
        LabReport { lab, status, score: 0, max_score: 0, messages, checks, not_run, warnings }
    }
}

/// The lines of the block that follows a thin rule.
fn block(shown: &str) -> usize {
    let after = ["also ", "in full ", "The compiler has ", UNICODE.heavy_rule];
    let lines = shown.lines().skip_while(|line| !line.starts_with(UNICODE.rule)).skip(1);
    let block: Vec<&str> = lines.take_while(|line| !after.iter().any(|end| line.starts_with(end))).collect();
    block.len() - block.iter().rev().take_while(|line| line.is_empty()).count()
}

#[test]
fn no_report_is_longer_than_a_reader_takes_in() {
    for seed in 1..=RUNS / 4 {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let report = numbers.report();
        let look = Look { width: 80 + numbers.below(31), ..look(&UNICODE) };
        let shown = plain(&render(&report, &look, &view()));
        assert!(shown.lines().count() <= 60, "seed {seed}: {} lines\n{shown}", shown.lines().count());
        assert!(block(&shown) <= 30, "seed {seed}: a block of {} lines\n{shown}", block(&shown));
    }
}

#[test]
fn any_block_has_at_most_thirty_lines_and_its_decisive_step() {
    for seed in 1..=RUNS / 4 {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut check = CheckReport { run: numbers.timeline(), status: Status::Fail, ..numbers.check() };
        check.run.events.iter_mut().for_each(|event| event.mark = Mark::None);
        let decisive = numbers.below(check.run.events.len());
        check.run.events.get_mut(decisive).into_iter().for_each(|event| event.mark = Mark::Wrong);
        let shown = plain(&render_lab(&alone("condvar-buffer", check.clone()), &look(&UNICODE), &view()));
        assert!(block(&shown) <= 30, "seed {seed}: a block of {} lines\n{shown}", block(&shown));
        if !check.run.events.is_empty() {
            let digits = check.run.events.len().to_string().len().max(3);
            let start = format!("{}{:>digits$}", UNICODE.wrong, decisive + 1);
            assert!(shown.lines().any(|line| line.starts_with(&start)), "seed {seed}: no {start:?}\n{shown}");
            let rows = shown.lines().filter(|line| is_row(line, digits)).count();
            let all = check.run.events.len();
            let counted = shown.contains(&format!("({rows} of {all} shown"));
            assert!(counted || rows == all, "seed {seed}: {rows} rows of {all}\n{shown}");
        }
    }
}

/// Whether a line of a picture has a step's number.
fn is_row(line: &str, digits: usize) -> bool {
    let number: String = line.chars().skip(1).take(digits + 1).collect();
    number.ends_with(' ') && !number.starts_with("   0") && number.trim().parse::<usize>().is_ok()
}

#[test]
fn any_check_can_be_shown() {
    for seed in 1..=RUNS {
        let mut numbers = Numbers(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let check = numbers.check();
        for look in looks(&mut numbers) {
            fits(&plain(&render_lab(&alone("condvar-buffer", check.clone()), &look, &view())), &look);
        }
    }
}
