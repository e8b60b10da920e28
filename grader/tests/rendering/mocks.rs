//! Three runs as values: one searched schedule, one pipeline, one forking server.

use EventKind::*;
use LaneState::*;
use grader::check::{Location, Status};
use grader::class::Class;
use grader::report::CheckReport;
use grader::timeline::{
    Delta, Ending, Event, EventKind, How, Lane, LaneKind, LaneState, Link, LinkKind, Mark, Missing, Object,
    ObjectKind, Reading, Side, Timeline, Weight,
};

/// The wake-up of `notify_one` goes to a consumer that cannot use it.
pub(crate) fn condvar_buffer() -> CheckReport {
    let mut run = Run::new("src/buffer.rs", CONDVAR_SOURCE);
    run.lane("P1", LaneKind::Thread, Runs).lane("C1", LaneKind::Thread, Runs).lane(
        "C2",
        LaneKind::Thread,
        Runs,
    );
    run.object("mutex", ObjectKind::Mutex)
        .object("changed", ObjectKind::Condvar)
        .object("items", ObjectKind::Queue);
    const LOCK: usize = 0;
    const CHANGED: usize = 1;
    const ITEMS: usize = 2;
    for consumer in [1, 2] {
        run.event(consumer, Lock, "lock", 32).after(Holds).cell(LOCK, consumer, "holds");
        run.event(consumer, Read, "queue empty", 33);
        run.event(consumer, Wait, "wait: sleeps", 34)
            .after(Waits)
            .clear(LOCK, consumer)
            .cell(CHANGED, consumer, "asleep");
    }
    run.event(0, Lock, "lock", 22).after(Holds).cell(LOCK, 0, "holds");
    run.event(0, Read, "has room", 23);
    run.event(0, Write, "pushes 10", 26).value(ITEMS, "10, full");
    run.event(0, Notify, "notify → C1", 27).link(LinkKind::Wakes, 1, Wants).clear(CHANGED, 1);
    run.event(0, Unlock, "returns", 28).after(Runs).clear(LOCK, 0);
    run.event(0, Lock, "lock", 22).after(Holds).cell(LOCK, 0, "holds");
    run.event(0, Read, "full", 23);
    run.event(0, Wait, "wait: sleeps", 24).after(Waits).clear(LOCK, 0).cell(CHANGED, 0, "asleep");
    run.event(1, Wake, "wakes", 34).after(Holds).cell(LOCK, 1, "holds");
    run.event(1, Read, "1 item", 33);
    run.event(1, Write, "pops 10", 36).value(ITEMS, "empty, room for 1");
    run.event(1, Notify, "notify → C2", 37).link(LinkKind::Wakes, 2, Wants).clear(CHANGED, 2).mark(Mark::Wrong).note(
        "P1 and C2 both sleep on `changed`, and the pop has just made room. Only P1 can use it; the one wake-up goes to C2.",
    );
    run.event(1, Unlock, "returns 10", 39).after(Ended).clear(LOCK, 1);
    run.event(2, Wake, "wakes", 34).after(Holds).cell(LOCK, 2, "holds");
    run.event(2, Read, "queue empty", 33);
    run.event(2, Wait, "wait: sleeps", 34)
        .after(Waits)
        .clear(LOCK, 2)
        .cell(CHANGED, 2, "asleep")
        .mark(Mark::Stuck);
    run.missing(17, Side::After, 1, "wake P1 too", "P1 would have found room, put 11 and woken C2.");
    run.ending(0, How::Stuck, "in `changed.wait`, line 24: sleeps, although the queue has room.");
    run.ending(2, How::Stuck, "in `changed.wait`, line 34: sleeps; the queue is empty.");
    run.timeline.culprits = vec![ITEMS];
    run.timeline.omitted = "the others only lock, look or unlock".into();
    let (mut items, mut lock) = ("0/1", "free");
    for event in &mut run.timeline.events {
        match event.lane_after {
            Some(Holds) => lock = ["P1", "C1", "C2"][event.lane],
            Some(_) => lock = "free",
            None => {}
        }
        if event.deltas.iter().any(|delta| delta.object == ITEMS) {
            items = if event.lane == 0 { "1/1" } else { "0/1" };
        }
        let reading = |object, value: &str| Reading { object, value: value.into() };
        event.state = vec![reading(ITEMS, items), reading(LOCK, lock)];
    }
    CheckReport {
        class: Some(Class::LostWakeup),
        expected: Some("Every put and take returns: P1 puts twice, C1 and C2 take once".into()),
        seen: Some("P1 and C2 sleep in Condvar::wait, and nobody is left to wake them".into()),
        question: Some("Who sleeps on `changed` at this moment, and who can use the room?".into()),
        handout: Some("condvar-buffer.md#a-wakeup-can-reach-the-wrong-thread".into()),
        ..run.failed(
            "wakes-who-can-go-on",
            "Whoever can go on is woken",
            37,
            "notify_one wakes any one sleeper: C1 made room for P1, but its wake-up went to C2, and P1 sleeps for ever.",
        )
    }
}

const CONDVAR_SOURCE: &[(u32, &str)] = &[
    (24, "queue = self.changed.wait(queue).unwrap();"),
    (26, "queue.push_back(item);"),
    (27, "self.changed.notify_one();"),
    (33, "while queue.is_empty() {"),
    (34, "queue = self.changed.wait(queue).unwrap();"),
    (36, "let item = queue.pop_front().unwrap();"),
    (37, "self.changed.notify_one();"),
];

/// The parent keeps a write end of the last pipe open while it waits.
pub(crate) fn pipes() -> CheckReport {
    let mut run = Run::new("src/pipeline.rs", PIPES_SOURCE);
    run.lane("parent", LaneKind::Process, Runs).lane("find", LaneKind::Process, Absent);
    run.lane("grep", LaneKind::Process, Absent).lane("wc", LaneKind::Process, Absent);
    run.object("pipe A write end", ObjectKind::PipeEnd).object("pipe B write end", ObjectKind::PipeEnd);
    const A: usize = 0;
    const B: usize = 1;
    let (parent, find, grep, wc) = (0, 1, 2, 3);
    run.event(parent, Write, "pipe2 3, 4", 20).cell(A, parent, "4");
    run.event(parent, Spawn, "fork find", 23).link(LinkKind::Creates, find, Runs).cell(A, find, "4");
    run.event(find, Write, "dup2 4→1", 34).cell(A, find, "1, 4");
    run.event(find, Write, "exec find", 0).cell(A, find, "1");
    run.event(parent, Write, "pipe2 5, 6", 20).cell(B, parent, "6");
    run.event(parent, Close, "close 4", 21).clear(A, parent);
    run.event(parent, Spawn, "fork grep", 23).link(LinkKind::Creates, grep, Runs).cell(B, grep, "6");
    run.event(grep, Write, "dup2 3→0", 33);
    run.event(grep, Write, "dup2 6→1", 34).cell(B, grep, "1, 6");
    run.event(grep, Write, "exec grep", 0).cell(B, grep, "1");
    run.event(parent, Close, "close 3", 27);
    run.event(parent, Spawn, "fork wc", 23).link(LinkKind::Creates, wc, Runs).cell(B, wc, "6");
    run.event(wc, Close, "close 6", 25).clear(B, wc);
    run.event(wc, Write, "dup2 5→0", 33);
    run.event(wc, Write, "exec wc", 0);
    run.event(parent, Close, "close 5", 27);
    run.event(parent, Join, "wait find", 28).after(Waits).mark(Mark::Wrong).note(
        "The parent waits while it still holds 6, a write end of pipe B. Its write end of pipe A (4) was closed at step 6.",
    );
    run.event(find, Send, "write 96", 0);
    run.event(find, Exit, "exit 0", 0).after(Ended).clear(A, find);
    run.event(parent, Join, "wait grep", 28);
    run.event(grep, Receive, "read = 96", 0);
    run.event(grep, Send, "write 61", 0).key();
    run.event(grep, Receive, "read = 0", 0);
    run.event(grep, Exit, "exit 0", 0).after(Ended).clear(B, grep);
    run.event(parent, Join, "wait wc", 28).mark(Mark::Stuck);
    run.event(wc, Receive, "read = 61", 0).key();
    run.event(wc, Receive, "read(0) …", 0).after(Waits).mark(Mark::Stuck);
    run.missing(16, Side::Before, parent, "close 6", "wc would have seen end of file at step 27.");
    run.ending(wc, How::Stuck, "in read(0): waits for the end of pipe B, open in the parent as fd 6.");
    run.ending(parent, How::Stuck, "in waitpid, line 28: waits for wc to exit.");
    run.timeline.culprits = vec![B];
    run.timeline.omitted = "the others do not touch pipe B".into();
    CheckReport {
        expected: Some("find, grep and wc end, and `run_pipeline` returns three statuses".into()),
        seen: Some("wc waits for the end of pipe B, which the parent keeps open as fd 6".into()),
        question: Some("Which descriptor is still in `writer` when the waiting begins?".into()),
        handout: Some("pipes.md#when-does-a-reader-see-the-end".into()),
        ..run.failed(
            "pipeline-ends",
            "A pipeline ends when its stages end",
            21,
            "A pipe ends only when every copy of its write end is closed, and the parent still holds one: fd 6.",
        )
    }
}

const PIPES_SOURCE: &[(u32, &str)] = &[
    (20, "let (r, w) = pipe2(OFlag::O_CLOEXEC)?;"),
    (21, "(reader, writer) = (Some(r), Some(w));"),
    (23, "match unsafe { fork() }.unwrap() {"),
    (25, "ForkResult::Child => run(stage),"),
    (28, "children.into_iter().map(status).collect()"),
    (34, "stdout.map(|fd| dup2_stdout(fd).unwrap());"),
];

/// The server keeps its copy of a connection that it gave to a child.
pub(crate) fn fork_server() -> CheckReport {
    let mut run = Run::new("src/server.rs", FORK_SOURCE);
    run.lane("client 1", LaneKind::Peer, Runs).lane("server", LaneKind::Process, Waits);
    run.lane("child 1", LaneKind::Process, Absent);
    run.object("listener", ObjectKind::Listener).object("connection", ObjectKind::Connection);
    const LISTENER: usize = 0;
    const CONNECTION: usize = 1;
    let (client, server, child) = (0, 1, 2);
    run.event(server, Accept, "accept(3) …", 15).after(Waits).cell(LISTENER, server, "3");
    run.event(client, Connect, "connect", 0).cell(CONNECTION, client, "5");
    run.event(server, Accept, "accept = 4", 15).after(Runs).cell(CONNECTION, server, "4");
    run.event(server, Spawn, "fork child 1", 16)
        .link(LinkKind::Creates, child, Runs)
        .cell(CONNECTION, child, "4");
    run.event(child, Close, "close(3)", 18).clear(LISTENER, child).key();
    run.event(server, Accept, "accept(3) …", 15).after(Waits).mark(Mark::Wrong).note(
        "The server is back in accept with its copy of the connection, fd 4, still open: line 24 put it into `open`.",
    );
    run.event(client, Send, "sends 6", 0);
    run.event(child, Receive, "read = 6", 19);
    run.event(child, Send, "write 6", 19).key();
    run.event(client, HalfClose, "half-closes", 0).key();
    run.event(child, Receive, "read = 0", 19).key();
    run.event(child, Close, "close(4)", 19).clear(CONNECTION, child);
    run.event(child, Exit, "exit 0", 20).after(Ended).key();
    run.event(client, Receive, "reads …", 0).after(Waits).mark(Mark::Stuck);
    run.missing(
        5,
        Side::Before,
        server,
        "close 4",
        "The child’s close at step 12 would have been the last one.",
    );
    run.ending(client, How::Stuck, "in read: waits for end of file; open in the server as fd 4.");
    run.ending(server, How::AtRest, "in accept, line 15: waits for the next client, as it should.");
    run.timeline.culprits = vec![CONNECTION];
    run.timeline.omitted = "the others change no descriptor".into();
    CheckReport {
        expected: Some("Client 1 reads end of file once child 1 has answered and exited".into()),
        seen: Some("Child 1 has exited; client 1 waits, and the server keeps it connected".into()),
        question: Some("After fork it is open twice. What does the parent use it for?".into()),
        handout: Some("fork-server.md#which-process-closes-which-descriptor".into()),
        ..run.failed(
            "client-sees-the-end",
            "A served client sees the end",
            24,
            "A connection ends when its last descriptor is closed: child 1 closed its copy, the server still holds fd 4.",
        )
    }
}

const FORK_SOURCE: &[(u32, &str)] = &[
    (15, "let connection = accept(&listener)?;"),
    (16, "match unsafe { fork() }? {"),
    (18, "drop(listener);"),
    (19, "handler(connection);"),
    (20, "std::process::exit(0);"),
    (24, "open.push(connection);"),
];

/// Builds a timeline step by step.
pub(crate) struct Run {
    pub(crate) timeline: Timeline,
    file: &'static str,
    source: &'static [(u32, &'static str)],
}

impl Run {
    pub(crate) fn new(file: &'static str, source: &'static [(u32, &'static str)]) -> Run {
        Run { timeline: Timeline::default(), file, source }
    }

    pub(crate) fn lane(&mut self, name: &str, kind: LaneKind, start: LaneState) -> &mut Run {
        self.timeline.lanes.push(Lane { name: name.into(), role: String::new(), kind, start });
        self
    }

    fn object(&mut self, name: &str, kind: ObjectKind) -> &mut Run {
        self.timeline.objects.push(Object { name: name.into(), kind, declared: None });
        self
    }

    /// An event at a line of the file; 0 for a place that is not known.
    pub(crate) fn event(&mut self, lane: usize, kind: EventKind, short: &str, line: u32) -> &mut Run {
        self.timeline.events.push(Event {
            lane,
            kind,
            label: short.into(),
            short: short.into(),
            call: None,
            place: (line > 0).then(|| Location { file: self.file.into(), line }),
            source: self.line(line),
            lane_after: None,
            deltas: Vec::new(),
            links: Vec::new(),
            state: Vec::new(),
            weight: Weight::Detail,
            mark: Mark::None,
            note: None,
        });
        self
    }

    fn line(&self, line: u32) -> Option<String> {
        self.source.iter().find(|(number, _)| *number == line).map(|(_, text)| (*text).into())
    }

    fn last(&mut self) -> &mut Event {
        self.timeline.events.last_mut().expect("an event")
    }

    pub(crate) fn after(&mut self, state: LaneState) -> &mut Run {
        self.last().lane_after = Some(state);
        self
    }

    fn delta(&mut self, object: usize, lane: Option<usize>, value: Option<&str>) -> &mut Run {
        self.last().deltas.push(Delta { object, lane, value: value.map(str::to_owned) });
        self
    }

    fn cell(&mut self, object: usize, lane: usize, value: &str) -> &mut Run {
        self.delta(object, Some(lane), Some(value))
    }

    fn clear(&mut self, object: usize, lane: usize) -> &mut Run {
        self.delta(object, Some(lane), None)
    }

    fn value(&mut self, object: usize, value: &str) -> &mut Run {
        self.delta(object, None, Some(value))
    }

    pub(crate) fn link(&mut self, kind: LinkKind, to: usize, state: LaneState) -> &mut Run {
        self.last().links.push(Link { kind, to, lane_after: Some(state) });
        self
    }

    fn key(&mut self) -> &mut Run {
        self.last().weight = Weight::Key;
        self
    }

    pub(crate) fn mark(&mut self, mark: Mark) -> &mut Run {
        self.last().mark = mark;
        self
    }

    pub(crate) fn note(&mut self, note: &str) -> &mut Run {
        self.last().note = Some(note.into());
        self
    }

    pub(crate) fn missing(&mut self, event: usize, side: Side, lane: usize, label: &str, helped: &str) {
        self.timeline.missing =
            Some(Missing { event, side, lane, label: label.into(), helped: helped.into() });
    }

    pub(crate) fn ending(&mut self, lane: usize, how: How, sentence: &str) {
        self.timeline.endings.push(Ending { lane, how, sentence: sentence.into(), kept_by: None });
    }

    fn failed(self, id: &str, title: &str, line: u32, summary: &str) -> CheckReport {
        CheckReport {
            location: Some(Location { file: self.file.into(), line }),
            source: self.line(line),
            run: self.timeline,
            ..check(id, title, Status::Fail, 0, 3, summary)
        }
    }
}

/// A check of which nothing but its outcome is known.
pub(crate) fn check(
    id: &str,
    title: &str,
    status: Status,
    score: u32,
    max_score: u32,
    summary: &str,
) -> CheckReport {
    let finding = grader::check::Finding::new(status, summary);
    CheckReport { score, ..CheckReport::new(id, title, max_score, None, finding) }
}
