//! Gradings as values: one with everything in it, one not begun, one that is all right, one that does not compile.

use crate::mocks::{check, condvar_buffer};
use grader::check::{Location, Status};
use grader::report::{CheckReport, LabReport, LabStatus, Message, Report, Sandbox};
use grader::steps::{Action, Step};

/// Every outcome a check can have, timelines and steps, output that means no good.
pub(crate) fn mixed() -> Report {
    let buffer = vec![
        check(
            "first-in-first-out",
            "Items come out in the order they went in",
            Status::Pass,
            4,
            4,
            "4 schedules of 2 scenarios",
        ),
        condvar_buffer(),
        CheckReport { run: Default::default(), id: "nobody-sleeps-for-ever".into(), ..condvar_buffer() },
        CheckReport {
            expected: Some("A consumer without an item waits asleep".into()),
            seen: Some("C1 looked at the queue 10 000 times without sleeping".into()),
            location: Some(Location { file: "src/buffer.rs".into(), line: 33 }),
            source: Some("while queue.is_empty() {".into()),
            question: Some("What does C1 do between two looks?".into()),
            ..check(
                "waits-asleep",
                "Whoever has to wait sleeps",
                Status::Limit,
                0,
                6,
                "C1 looked at the empty queue 10 000 times in a row: waiting without sleeping keeps a processor busy.",
            )
        },
        check(
            "close-wakes-everyone",
            "Closing wakes all sleepers",
            Status::Todo,
            0,
            7,
            "not started: `SignalBuffer::close`",
        ),
    ];
    let sockets = vec![
        bytes_differ(),
        check(
            "restarts-at-once",
            "A restarted server listens at once",
            Status::Unchecked,
            0,
            6,
            "The kernel gave no free port for the server to listen on.",
        ),
    ];
    report(vec![
        lab("condvar-buffer", LabStatus::Graded, buffer),
        lab("sockets-v1", LabStatus::Graded, sockets),
    ])
}

fn bytes_differ() -> CheckReport {
    let step = |actor: &str, sentence: &str| Step {
        actor: actor.into(),
        action: Action::Does(sentence.into()),
        holds: true,
        details: Vec::new(),
    };
    let mut steps = vec![step("client 1", "connects to the port the server listens on")];
    for round in 1..=30 {
        steps.push(step("client 1", &format!("sends message {round}")));
    }
    steps.push(Step {
        holds: false,
        details: vec![
            "4 of 11 bytes came back, then end of file".into(),
            "  the first 4 are the same".into(),
            "expected  68 65 6c 6c 00 77 6f 72 6c 64 0a  hell.world.".into(),
            "came      68 65 6c 6c                       hell".into(),
        ],
        ..step("client 1", "expects 11 bytes back, the same as sent: \"hell\\0world\\n\"")
    });
    CheckReport {
        expected: Some("All 11 bytes come back, the zero byte among them".into()),
        seen: Some("4 bytes, up to the zero byte, then end of file".into()),
        location: Some(Location { file: "src/server.rs".into(), line: 41 }),
        source: Some("let text = CStr::from_bytes_until_nul(&buffer)?; // \u{202e}evil".into()),
        question: Some("Where does this line say how many bytes there are?".into()),
        handout: Some("sockets-v1.md#bytes-are-not-text".into()),
        steps,
        output: "listening on 40123\n\\u{1b}[2Jcleared?\n".into(),
        ..check(
            "echoes-any-bytes",
            "Every byte comes back",
            Status::Fail,
            0,
            5,
            "A zero byte is data like any other: 4 of 11 bytes came back, those before the zero.",
        )
    }
}

/// The starters as they are handed out.
pub(crate) fn not_begun() -> Report {
    let part = |id: &str, title: &str, points| {
        let summary = "not started: add the item once there is room, and wake whoever waits for one";
        let handout = Some("condvar-buffer.md".into());
        CheckReport { handout, ..check(id, title, Status::Todo, 0, points, summary) }
    };
    let parts = vec![
        part("first-in-first-out", "Items come out in the order they went in", 4),
        part("holds-exactly-capacity", "The buffer holds as many items as its capacity, and no more", 96),
    ];
    report(vec![lab("condvar-buffer", LabStatus::Todo, parts)])
}

/// Nothing is wrong.
pub(crate) fn full_marks() -> Report {
    let searched = "Holds under every schedule of 14 scenarios (12345 tried).";
    let passed = |id, title, points| CheckReport {
        schedules: 12_345,
        ..check(id, title, Status::Pass, points, points, searched)
    };
    let parts = vec![
        passed("first-in-first-out", "Items come out in the order they went in", 4),
        passed("waits-asleep", "Whoever has to wait sleeps", 96),
    ];
    report(vec![lab("condvar-buffer", LabStatus::Graded, parts)])
}

/// The compiler refused one file, and the other could be graded.
pub(crate) fn half_compiles() -> Report {
    let mut report = does_not_compile();
    let lab = &mut report.labs[0];
    lab.checks.push(check(
        "close-refuses-puts",
        "A closed buffer refuses items",
        Status::Pass,
        5,
        5,
        "2 schedules",
    ));
    lab.checks.push(check(
        "close-wakes-everyone",
        "Closing wakes all",
        Status::Unchecked,
        0,
        7,
        "The disk is full.",
    ));
    lab.checks.extend([20, 30].map(|line| CheckReport {
        location: Some(Location { file: "src/signal.rs".into(), line }),
        output: (1..=20).map(|number| format!("line {number}\n")).collect(),
        ..check("panics", "Nothing panics", Status::Limit, 0, 1, "The program panicked.")
    }));
    report
}

/// Every check of a lab met the same obstacle.
pub(crate) fn nothing_checked() -> Report {
    let obstacle =
        "Nothing wrong was seen, but clippy is not installed, so forbidden types and functions go unseen.";
    let part = |id: &str, title: &str| check(id, title, Status::Unchecked, 0, 50, obstacle);
    let parts = vec![
        part("connects", "The client connects"),
        part("restarts-at-once", "A restarted server listens at once"),
    ];
    report(vec![lab("sockets-v1", LabStatus::Unchecked, parts)])
}

/// The grader could not grade a lab.
pub(crate) fn could_not_be_graded() -> Report {
    let mut report = report(vec![lab("sockets-v1", LabStatus::Unchecked, Vec::new())]);
    report.labs[0].messages =
        vec![Message::of_grader("The staging directory could not be written: no space left on device.")];
    (report.max_score, report.labs[0].max_score) = (100, 100);
    report
}

/// The compiler refused one file.
pub(crate) fn does_not_compile() -> Report {
    let needs = "not graded: src/buffer.rs does not compile";
    let part = |id: &str, title: &str, points| {
        let waits = check(id, title, Status::Fail, 0, points, needs);
        CheckReport { in_messages: true, ..waits }
    };
    let parts = vec![
        part("first-in-first-out", "Items come out in the order they went in", 4),
        part("waits-asleep", "Whoever has to wait sleeps", 96),
    ];
    let message = "\u{1b}[1m\u{1b}[91merror[E0425]\u{1b}[0m: cannot find value `quue` in this scope\n  --> src/buffer.rs:26:9\n   |\n26 |         quue.push_back(item);\n   |         ^^^^ help: a local variable with a similar name exists: `queue`\n\u{1b}[2J";
    let broken = LabReport {
        messages: vec![Message::of_compiler(message)],
        ..lab("condvar-buffer", LabStatus::DoesNotCompile, parts)
    };
    report(vec![broken])
}

fn lab(name: &str, status: LabStatus, checks: Vec<CheckReport>) -> LabReport {
    let score = checks.iter().map(|check| check.score).sum();
    let max_score = checks.iter().map(|check| check.max_score).sum();
    let (messages, warnings) = (Vec::new(), Vec::new());
    LabReport { lab: name.into(), status, score, max_score, messages, checks, not_run: 0, warnings }
}

fn report(labs: Vec<LabReport>) -> Report {
    let score = labs.iter().map(|lab| lab.score).sum();
    let max_score = labs.iter().map(|lab| lab.max_score).sum();
    Report { version: 1, seed: 1, sandbox: Sandbox::Plain, score, max_score, labs }
}
