//! What the box forbids is forbidden: every attempt is made at every level that this machine has. At `plain` it has to
//! succeed, or it would prove nothing.
//!
//! This executable is the grader, the supervisor and the program that attempts, as its first argument says.

#[path = "common/until.rs"]
mod until;

use grader::check::{Finding, Status};
use grader::process::{Ending, Launch, Limits};
use grader::sandbox::{self, Level};
use grader::scene::{Failed, Scene};
use grader::supervisor::{ARGUMENT, Job, Supervisors, supervise};
use nix::sys::signal::kill;
use nix::unistd::{ForkResult, Pid, alarm};
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr as UnixAddress, UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;
use until::until;

const PROGRAM: &str = "__program";
const GRADER: &str = "__grader";
/// How long something may take that is sure to come.
const PATIENCE: Duration = Duration::from_secs(20);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [ARGUMENT, ..] => supervise(play),
        [sandbox::PROBE, ..] => sandbox::probe(),
        [PROGRAM, attempt, target] => attempted(attempt, target),
        [GRADER, level, name] => grade_without_end(level, name),
        wanted => run_all(wanted.first().copied()),
    }
}

/// What is attempted, and at which levels it has to come to nothing.
struct Attempt {
    name: &'static str,
    stopped_at: &'static [Level],
    make: fn(&str) -> bool,
}

/// Stopped at every level: the same attempt has to succeed outside, in the test itself.
const EVERYWHERE: &[Level] = &Level::ALL;
const BOXED: &[Level] = &[Level::Full];
const BOTH: &[Level] = &[Level::Full, Level::Landlock];

const ATTEMPTS: &[Attempt] = &[
    Attempt {
        name: "read-a-solution",
        stopped_at: BOTH,
        make: |course| reads(course, "solutions/pipes/src/io.rs"),
    },
    Attempt {
        name: "read-a-hidden-test",
        stopped_at: BOTH,
        make: |course| reads(course, "grader/labs/pipes.toml"),
    },
    Attempt { name: "list-the-course", stopped_at: BOTH, make: |course| lists(course, "solutions") },
    Attempt { name: "read-another-file", stopped_at: BOTH, make: |room| reads(room, "secret") },
    Attempt { name: "write-another-file", stopped_at: BOTH, make: |room| writes(room, "secret") },
    Attempt { name: "make-a-file", stopped_at: BOTH, make: |room| writes(room, "made") },
    Attempt {
        name: "remove-a-file",
        stopped_at: BOTH,
        make: |room| fs::remove_file(below(room, "victim")).is_ok(),
    },
    // Landlock knows no rule for permissions.
    Attempt { name: "close-a-file", stopped_at: BOXED, make: |room| closes(room, "open") },
    Attempt { name: "close-its-own-program", stopped_at: BOXED, make: |room| closes(room, "program") },
    Attempt {
        name: "signal-another-process",
        stopped_at: BOTH,
        make: |pid| kill(Pid::from_raw(number(pid)), None).is_ok(),
    },
    Attempt {
        name: "see-another-process",
        stopped_at: BOXED,
        make: |pid| Path::new("/proc").join(pid).exists(),
    },
    Attempt {
        name: "read-another-environment",
        stopped_at: BOTH,
        make: |pid| reads("/proc", &format!("{pid}/environ")),
    },
    Attempt { name: "open-the-supervisors-memory", stopped_at: BOTH, make: |_| opens_parents_memory() },
    // Without namespaces there is one network for all.
    Attempt { name: "connect-to-another-server", stopped_at: BOXED, make: |address| connects(address) },
    Attempt {
        name: "connect-to-an-abstract-socket",
        stopped_at: BOTH,
        make: |name| connects_abstractly(name),
    },
    Attempt { name: "open-shared-memory", stopped_at: BOXED, make: |key| shares_memory(number(key)) },
    Attempt { name: "read-memory-by-call", stopped_at: EVERYWHERE, make: |_| reads_memory_by_call() },
    Attempt { name: "make-namespaces", stopped_at: BOXED, make: |_| makes_namespaces() },
    Attempt { name: "offline-connect", stopped_at: EVERYWHERE, make: |address| connects(address) },
    Attempt { name: "offline-datagrams", stopped_at: EVERYWHERE, make: |_| UnixDatagram::pair().is_ok() },
    Attempt { name: "offline-streams", stopped_at: &[], make: |_| UnixStream::pair().is_ok() },
];

/// Attempts of programs that have no use for a network.
const OFFLINE: &str = "offline-";

fn shares_memory(key: i32) -> bool {
    // SAFETY: takes numbers.
    unsafe { libc::shmget(key, 0, 0) >= 0 }
}

fn makes_namespaces() -> bool {
    // SAFETY: takes a number; this program has one thread.
    unsafe { libc::unshare(libc::CLONE_NEWUSER) == 0 }
}

fn reads_memory_by_call() -> bool {
    let (secret, mut copy) = (42_u64, 0_u64);
    let part = |place: *mut u64| libc::iovec { iov_base: place.cast(), iov_len: 8 };
    let (from, to) = (part((&raw const secret).cast_mut()), part(&raw mut copy));
    // SAFETY: both parts are 8 bytes of this function's own.
    let count = unsafe { libc::process_vm_readv(libc::getpid(), &to, 1, &from, 1, 0) };
    count == 8 && copy == 42
}

fn below(directory: &str, name: &str) -> PathBuf {
    Path::new(directory).join(name)
}

fn reads(directory: &str, name: &str) -> bool {
    fs::read(below(directory, name)).is_ok()
}

fn lists(directory: &str, name: &str) -> bool {
    fs::read_dir(directory)
        .is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(|entry| entry.file_name() == name)))
}

fn writes(directory: &str, name: &str) -> bool {
    fs::write(below(directory, name), "changed").is_ok()
}

fn closes(directory: &str, name: &str) -> bool {
    fs::set_permissions(below(directory, name), fs::Permissions::from_mode(0o700)).is_ok()
}

fn number(text: &str) -> i32 {
    text.parse().expect("a number")
}

fn opens_parents_memory() -> bool {
    let parent = std::os::unix::process::parent_id();
    fs::File::open(format!("/proc/{parent}/mem")).is_ok()
}

fn connects(address: &str) -> bool {
    let address: SocketAddr = address.parse().expect("an address");
    TcpStream::connect(address).is_ok()
}

fn connects_abstractly(name: &str) -> bool {
    UnixStream::connect_addr(&UnixAddress::from_abstract_name(name).expect("a name")).is_ok()
}

/// The program: whether the attempt succeeded is its exit code, which nobody but this test believes.
fn attempted(name: &str, target: &str) -> ExitCode {
    if name == "stay" {
        stay();
    }
    let attempt = ATTEMPTS.iter().find(|attempt| attempt.name == name).expect("an attempt of the table");
    ExitCode::from(u8::from(!(attempt.make)(target)))
}

/// With a child that has left the session, as daemons do. They end by themselves after a minute.
fn stay() -> ! {
    // SAFETY: this program has one thread.
    let fork = || unsafe { nix::unistd::fork() };
    let is_child = |forked| matches!(forked, Ok(ForkResult::Child));
    if is_child(fork()) && is_child(fork()) {
        let _ = nix::unistd::setsid();
    }
    alarm::set(60);
    loop {
        nix::unistd::pause();
    }
}

fn play(job: &Job, scene: &mut Scene) -> Finding {
    let (attempt, target) = job.check.split_once(' ').expect("an attempt and its target");
    scene.judge(|scene| {
        let program = scene.start(Launch::driver("program", &()).arguments([PROGRAM, attempt, target]))?;
        match scene.expect_end_of(program)?.ending {
            Ending::Exited(0) => Ok("succeeded".to_owned()),
            Ending::Exited(1) => Ok("stopped".to_owned()),
            other => Err(Failed::wrong(format!("it {}", other.words()))),
        }
    })
}

fn job(driver: &Path, attempt: &str, target: &str) -> Job {
    let limits = Limits { patience: PATIENCE, ..Limits::default() };
    let (lab, check) = ("test".to_owned(), format!("{attempt} {target}"));
    let offline = attempt.starts_with(OFFLINE);
    Job { lab, check, driver: driver.to_owned(), source: PathBuf::new(), limits, offline }
}

fn own() -> PathBuf {
    std::env::current_exe().expect("an executable")
}

// The machine around the box.

const FILES: [&str; 3] = ["secret", "victim", "open"];

/// What the attempts are aimed at.
struct Targets {
    room: tempfile::TempDir,
    process: Child,
    server: TcpListener,
    _abstract: UnixListener,
    memory: i32,
}

impl Targets {
    fn new() -> Targets {
        let room = tempfile::tempdir().expect("a directory");
        for name in FILES.map(|name| room.path().join(name)) {
            fs::write(&name, "as it was").expect("it can be written");
            fs::set_permissions(&name, fs::Permissions::from_mode(0o644)).expect("it is the test's own");
        }
        fs::copy(own(), room.path().join("program")).expect("it can be copied");
        let process = Command::new("sleep").arg("120").spawn().expect("it starts");
        let name = UnixAddress::from_abstract_name(abstract_name()).expect("a name");
        let listener = UnixListener::bind_addr(&name).expect("nobody else has it");
        let server = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
        // SAFETY: takes numbers; the segment is removed when this value is dropped.
        let memory = unsafe { libc::shmget(key(), 4096, libc::IPC_CREAT | 0o666) };
        assert!(memory >= 0);
        Targets { room, process, server, _abstract: listener, memory }
    }

    fn untouched(&self) -> bool {
        let is_as_it_was = |name| {
            let path = self.room.path().join(name);
            let mode = fs::metadata(&path).map(|data| data.permissions().mode() & 0o777);
            fs::read(&path).is_ok_and(|text| text == b"as it was") && mode.is_ok_and(|mode| mode == 0o644)
        };
        FILES.into_iter().all(is_as_it_was) && !self.room.path().join("made").exists()
    }

    fn of(&self, attempt: &str) -> String {
        let course = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the course");
        let address = self.server.local_addr().expect("an address");
        match attempt {
            "read-a-solution" | "read-a-hidden-test" | "list-the-course" => course.display().to_string(),
            "signal-another-process" | "see-another-process" | "read-another-environment" => {
                self.process.id().to_string()
            }
            "connect-to-another-server" | "offline-connect" => address.to_string(),
            "connect-to-an-abstract-socket" => abstract_name(),
            "open-shared-memory" => key().to_string(),
            _ => self.room.path().display().to_string(),
        }
    }
}

impl Drop for Targets {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        // SAFETY: takes numbers and no buffer.
        unsafe { libc::shmctl(self.memory, libc::IPC_RMID, std::ptr::null_mut()) };
    }
}

fn abstract_name() -> String {
    format!("oslab-sandbox-test-{}", std::process::id())
}

fn key() -> i32 {
    0x05_1ab0 ^ std::process::id() as i32
}

fn run_all(wanted: Option<&str>) -> ExitCode {
    let levels = Level::possible(&own());
    println!("levels: {}", levels.iter().map(|level| level.name()).collect::<Vec<_>>().join(", "));
    let is_wanted = |name: &str| wanted.is_none_or(|part| name.contains(part));
    let mut failures = 0;
    let mut tell = |level: Level, name: &str, result: Result<(), String>| {
        failures += usize::from(result.is_err());
        println!("{} {} {name}", if result.is_ok() { "ok    " } else { "FAILED" }, level.name());
        result.err().iter().for_each(|why| println!("       {why}"));
    };
    for level in levels {
        for attempt in ATTEMPTS.iter().filter(|attempt| is_wanted(attempt.name)) {
            tell(level, attempt.name, judge(level, attempt));
        }
        if level == Level::Full && is_wanted("demanded-level-missing") {
            tell(level, "demanded-level-missing", what_cannot_be_is_said());
        }
        if is_wanted("grader-killed") {
            tell(level, "grader-killed", nothing_outlives_the_grader(level));
        }
    }
    println!("\n{failures} failed");
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn judge(level: Level, attempt: &Attempt) -> Result<(), String> {
    let targets = Targets::new();
    if attempt.stopped_at == EVERYWHERE && !(attempt.make)(&targets.of(attempt.name)) {
        return Err("it does not succeed outside either".to_owned());
    }
    let copy = targets.room.path().join("program");
    let program = if attempt.name == "close-its-own-program" { copy } else { own() };
    let job = job(&program, attempt.name, &targets.of(attempt.name));
    let finding = Supervisors::start(&own()).expect("they can be started").run(level, &job);
    let expected = if attempt.stopped_at.contains(&level) { "stopped" } else { "succeeded" };
    if (finding.status, finding.summary.as_str()) != (Status::Pass, expected) {
        return Err(format!("expected: {expected}; {:?}: {}", finding.status, finding.summary));
    }
    match expected {
        "stopped" if !targets.untouched() => Err("stopped, and yet something has changed".to_owned()),
        _ => Ok(()),
    }
}

// A machine without namespaces.

/// Nothing is graded at a lesser level than was demanded, and the doctor knows what to change.
fn what_cannot_be_is_said() -> Result<(), String> {
    let (code, said) = without_namespaces("grade pipes --sandbox full")?;
    if code != Some(3) || !said.contains("cannot run programs at the level `full`") {
        return Err(format!("{code:?}: {said}"));
    }
    let (code, said) = without_namespaces("grade pips --sandbox full")?;
    if code != Some(2) || !said.contains("there is no lab named `pips`") {
        return Err(format!("a mistyped name is not what is told: {code:?}: {said}"));
    }
    let (code, said) = without_namespaces("doctor")?;
    let words = ["Programs run at the level `landlock`.", "sysctl user.max_user_namespaces"];
    let found = words.iter().all(|words| said.contains(words));
    if found && code != Some(0) { Ok(()) } else { Err(format!("{code:?}: {said}")) }
}

/// The grader where no namespace can be made, because it is in one that allows none.
fn without_namespaces(arguments: &str) -> Result<(Option<i32>, String), String> {
    let grader = env!("CARGO_BIN_EXE_grader");
    let script = format!("echo 0 > /proc/sys/user/max_user_namespaces && exec {grader} {arguments} 2>&1");
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "sh", "-c", &script]).stdin(Stdio::null());
    let output = command.output().map_err(|error| format!("unshare: {error}"))?;
    let words = String::from_utf8_lossy(&output.stdout).split_whitespace().collect::<Vec<_>>().join(" ");
    Ok((output.status.code(), words))
}

// The end of the grader.

/// A grader that waits for a program without an end.
fn grade_without_end(level: &str, name: &str) -> ExitCode {
    let level = Level::ALL.into_iter().find(|known| known.name() == level).expect("a level");
    let supervisors = Supervisors::start(&own()).expect("they can be started");
    supervisors.run(level, &job(&own(), "stay", name));
    ExitCode::SUCCESS
}

fn nothing_outlives_the_grader(level: Level) -> Result<(), String> {
    let name = format!("mark-{}-{}", std::process::id(), level.name());
    let room = tempfile::tempdir().expect("a directory");
    let mut grader = Command::new(own())
        .args([GRADER, level.name(), &name])
        .env("TMPDIR", room.path())
        .stdin(Stdio::null())
        .spawn()
        .expect("it starts");
    // Program, child and grandchild.
    let begun = until(PATIENCE, || marked(&name).len() == 3);
    grader.kill().expect("it can be killed");
    grader.wait().expect("it has ended");
    let ended = until(PATIENCE, || marked(&name).is_empty());
    let swept = sweep(room.path());
    match (begun, ended, swept) {
        (false, ..) => Err("the programs did not start".to_owned()),
        (_, false, _) => Err(format!("still running: {:?}", marked(&name))),
        (.., Some(left)) => Err(format!("left after the next start: {left}")),
        _ => Ok(()),
    }
}

/// What the next grader leaves of the last one's files.
fn sweep(room: &Path) -> Option<String> {
    let nothing = tempfile::tempdir().expect("a directory");
    let mut next = Command::new(env!("CARGO_BIN_EXE_grader"));
    next.args(["grade", "pipes", "--sandbox", "plain", "--submission"])
        .arg(nothing.path())
        .env("TMPDIR", room);
    next.stdout(Stdio::null()).stderr(Stdio::null()).status().expect("it starts");
    let left = fs::read_dir(room).expect("it is there").flatten().next();
    left.map(|entry| entry.path().display().to_string())
}

/// The processes, wherever they are, with this word as their last argument, and the program's own as their first.
fn marked(name: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    let is_marked = |pid: &String| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.contains(&PROGRAM.as_bytes()) && words.contains(&name.as_bytes())
    };
    entries.filter_map(|entry| entry.file_name().into_string().ok()).filter(is_marked).collect()
}
