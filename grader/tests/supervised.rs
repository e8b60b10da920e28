//! Programs of every kind, good and hostile, each under a supervisor of its own, as in grading, at every level of isolation
//! that this machine has.
//!
//! This executable is the supervisor as well: it plays the case that the job names, in a process tree of its own, and what
//! the case found is judged out here. A copy of it is the program.

#[allow(clippy::undocumented_unsafe_blocks, reason = "what it does is meant to be wrong")]
#[path = "hostile/program.rs"]
mod program;

use grader::check::{Finding, Status};
use grader::observe::Syscall;
use grader::observe::{Snapshot, Target};
use grader::process::{Ending, Input, Launch, Limits};
use grader::sandbox::{self, Level};
use grader::scene::{Address, ConnectOptions, Explain, Failed, Port, Program, Said, Scene};
use grader::supervisor::{ARGUMENT, Job, Supervisors, supervise};
use nix::sys::signal::{SigHandler, SigSet, Signal};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// What is played under the supervisor, and what has to come out of it.
struct Case {
    name: &'static str,
    play: fn(&mut Scene) -> Result<String, Failed>,
    judge: fn(&Finding),
}

/// The name of the copy.
const PROGRAM: &str = "program";

fn main() -> ExitCode {
    let own = std::env::current_exe().expect("an executable");
    if own.file_name().is_some_and(|name| name == PROGRAM) {
        program::main();
        return ExitCode::SUCCESS;
    }
    let argument = std::env::args().nth(1);
    match argument.as_deref() {
        Some(ARGUMENT) => return supervise(play),
        Some(sandbox::PROBE) => return sandbox::probe(),
        _ => {}
    }
    // What a shell may have left. The end of children is not among it: nobody but the grader's own program can mend that.
    for signal in Signal::iterator()
        .filter(|signal| ![Signal::SIGCHLD, Signal::SIGKILL, Signal::SIGSTOP].contains(signal))
    {
        // SAFETY: no handler of this process's own is lost that it needs.
        unsafe { nix::sys::signal::signal(signal, SigHandler::SigIgn) }.expect("it can be ignored");
    }
    let held_back: SigSet = [Signal::SIGUSR1, Signal::SIGTERM, Signal::SIGCHLD].into_iter().collect();
    held_back.thread_block().expect("they can be held back");
    let directory = tempfile::tempdir().expect("a directory");
    let program = directory.path().join(PROGRAM);
    std::fs::copy(&own, &program).expect("there is room for a copy");
    let wanted = |case: &&Case| argument.as_ref().is_none_or(|part| case.name.contains(part));
    let levels = Level::possible(&own);
    let cases: Vec<(Level, &Case)> =
        levels.iter().flat_map(|level| all().filter(wanted).map(|case| (*level, case))).collect();
    let supervisors = Supervisors::start(&own).expect("they can be started");
    let make_ready = |count| levels.iter().for_each(|level| supervisors.make_ready(*level, count));
    // Those that come first were there before they were needed.
    make_ready(all().filter(wanted).count() / 2);
    let mut failures = run_all(&supervisors, &cases, &program);
    make_ready(2);
    drop(supervisors);
    failures += usize::from(!nothing_is_left(&program)) + usize::from(!nothing_is_left(&own));
    println!("\n{} cases, {failures} failed", cases.len());
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn all() -> impl Iterator<Item = &'static Case> {
    CASES.iter().chain([&HANGING])
}

fn play(job: &Job, scene: &mut Scene) -> Finding {
    let case = all().find(|case| case.name == job.check).expect("a case of this table");
    scene.judge(case.play)
}

/// Whether no other process runs this program. What a killed supervisor had started dies of its death, a moment later.
fn nothing_is_left(program: &Path) -> bool {
    let until = Instant::now() + Duration::from_secs(2);
    let own = std::process::id().to_string();
    let runs = |entry: std::fs::DirEntry| {
        let other = !["self", "thread-self", &own].iter().any(|name| entry.file_name() == **name);
        other && std::fs::read_link(entry.path().join("exe")).is_ok_and(|exe| exe == program)
    };
    while std::fs::read_dir("/proc").expect("/proc").flatten().any(runs) {
        if Instant::now() >= until {
            println!("FAILED a process is left running");
            return false;
        }
        std::thread::yield_now();
    }
    true
}

fn run_all(supervisors: &Supervisors, cases: &[(Level, &Case)], program: &Path) -> usize {
    let (next, failures) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((level, case)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let passed = run_one(supervisors, *level, case, program);
                    failures.fetch_add(usize::from(!passed), Ordering::Relaxed);
                }
            });
        }
    });
    failures.into_inner()
}

fn run_one(supervisors: &Supervisors, level: Level, case: &Case, program: &Path) -> bool {
    let check = if case.name == HANGING.name { Duration::from_millis(200) } else { Limits::default().check };
    let limits = Limits {
        processor: Duration::from_millis(300),
        patience: Duration::from_millis(500),
        check,
        ..Limits::default()
    };
    let begun = Instant::now();
    let finding = supervisors.run(level, &job(case.name, program, limits));
    let took = begun.elapsed();
    let passed = std::panic::catch_unwind(|| (case.judge)(&finding)).is_ok();
    let verdict = if passed { "ok    " } else { "FAILED" };
    println!("{verdict} {} {} ({took:.0?})", level.name(), case.name);
    if !passed {
        println!("{finding:#?}");
    }
    passed
}

fn job(check: &str, program: &Path, limits: Limits) -> Job {
    let (lab, check, source) = ("test".to_owned(), check.to_owned(), PathBuf::new());
    Job { lab, check, driver: program.to_owned(), source, limits, offline: false }
}

// What the cases are made of.

fn start(scene: &mut Scene, behaviour: &str) -> Result<Program, Failed> {
    scene.start(Launch::driver("server", &()).arguments([behaviour]))
}

fn ending(scene: &mut Scene, behaviour: &str) -> Result<Ending, Failed> {
    let program = start(scene, behaviour)?;
    Ok(scene.expect_end_of(program)?.ending)
}

fn ends_with(scene: &mut Scene, behaviour: &str, wanted: Ending) -> Result<String, Failed> {
    let ending = ending(scene, behaviour)?;
    scene.require(ending == wanted, "grader", "expects that ending", &format!("{ending:?}"))?;
    Ok(ending.words())
}

/// A server under test and its port.
fn server(scene: &mut Scene, behaviour: &str) -> Result<(Program, Address), Failed> {
    let server = start(scene, behaviour)?;
    let port = scene.record(server)?;
    Ok((server, Address::v4(port)))
}

/// Waits for what cannot come, so that the diagnosis is told.
fn hang(scene: &mut Scene, behaviour: &str) -> Result<String, Failed> {
    let program = scene.start(Launch::driver("server", &()).arguments([behaviour]).input(Input::Fed))?;
    scene.expect_end_of(program).map(|outcome| outcome.ending.words())
}

fn pass(finding: &Finding) {
    assert_eq!(finding.status, Status::Pass, "{}", finding.summary);
}

fn details(finding: &Finding) -> String {
    let last = finding.steps.last().expect("a step");
    assert!(!last.holds);
    last.details.join("\n")
}

fn says(finding: &Finding, status: Status, words: &str) {
    assert_eq!(finding.status, status);
    let all = format!("{}\n{}", finding.summary, details(finding));
    assert!(all.contains(words), "{words:?} is not in\n{all}");
}

/// A check that never comes back, with its programs.
const HANGING: Case = Case {
    name: "a_supervisor_that_does_not_answer_is_ended_with_all_below_it",
    play: |scene| {
        start(scene, "daemon")?;
        start(scene, "stubborn")?;
        loop {
            std::hint::spin_loop();
        }
    },
    judge: |finding| {
        assert_eq!(finding.status, Status::Unchecked);
        assert!(finding.summary.contains("its supervisor did not answer in time"), "{}", finding.summary);
    },
};

const CASES: &[Case] = &[
    Case {
        name: "no_signal_is_ignored_or_held_back_that_was_so_for_whoever_started_the_grader",
        play: |scene| {
            let program = start(scene, "signals")?;
            let said = String::from_utf8_lossy(&scene.expect_end_of(program)?.stdout).into_owned();
            let wanted = "SigBlk:\t0000000000000000\nSigIgn:\t0000000000001000\n";
            scene.require(said == wanted, "grader", "expects SIGPIPE alone, by Rust's runtime", &said)?;
            Ok("All signals are heeded.".to_owned())
        },
        judge: pass,
    },
    // Endings.
    Case {
        name: "a_program_that_exits_without_its_final_record_has_ended_not_finished",
        play: |scene| {
            let program = start(scene, "exit")?;
            let said = scene.next::<u16>(program)?;
            scene.require(
                said == Said::Ended(Ending::Exited(0)),
                "grader",
                "expects the end",
                &format!("{said:?}"),
            )?;
            scene.expect_done(program).map(|()| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "ended with exit code 0"),
    },
    Case {
        name: "a_program_that_takes_its_job_and_says_nothing_is_not_done",
        play: |scene| {
            let program = start(scene, "silent-driver")?;
            scene.expect_done(program).map(|()| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "ended with exit code 0"),
    },
    Case {
        name: "a_panic_is_an_exit_code",
        play: |scene| ends_with(scene, "panic", Ending::Exited(101)),
        judge: pass,
    },
    Case {
        name: "an_abort_is_a_signal",
        play: |scene| ends_with(scene, "abort", Ending::Signaled(Signal::SIGABRT)),
        judge: pass,
    },
    Case {
        name: "a_wild_write_is_a_signal",
        play: |scene| ends_with(scene, "null", Ending::Signaled(Signal::SIGSEGV)),
        judge: pass,
    },
    Case {
        name: "a_stack_overflow_is_called_that",
        play: |scene| ends_with(scene, "overflow", Ending::StackOverflow),
        judge: pass,
    },
    Case {
        name: "an_endless_loop_is_ended_by_its_processor_time",
        play: |scene| ends_with(scene, "spin", Ending::ProcessorLimit(300)),
        judge: pass,
    },
    Case {
        name: "an_endless_loop_of_calls_is_ended_too",
        play: |scene| ends_with(scene, "spin-in-calls", Ending::ProcessorLimit(300)),
        judge: pass,
    },
    Case {
        name: "output_without_end_is_drained_and_ended",
        play: |scene| ends_with(scene, "flood", Ending::OutputLimit(64 << 20)),
        judge: pass,
    },
    Case {
        name: "memory_without_end_is_ended",
        play: |scene| {
            let limits = Limits { memory: 64 << 20, ..Limits::default() };
            let program = scene.start(Launch::driver("server", &()).arguments(["memory"]).limits(limits))?;
            let ending = scene.expect_end_of(program)?.ending;
            scene.require(
                ending == Ending::MemoryLimit(64 << 20),
                "grader",
                "expects it",
                &format!("{ending:?}"),
            )?;
            Ok(ending.words())
        },
        judge: pass,
    },
    Case {
        name: "threads_without_end_are_ended",
        play: |scene| {
            let limits = Limits { tasks: 64, ..Limits::default() };
            let program = scene.start(Launch::driver("server", &()).arguments(["threads"]).limits(limits))?;
            let ending = scene.expect_end_of(program)?.ending;
            scene.require(ending == Ending::TaskLimit(64), "grader", "expects it", &format!("{ending:?}"))?;
            Ok(ending.words())
        },
        judge: pass,
    },
    Case {
        name: "who_aims_at_the_supervisor_is_ended_before_it_is_hit",
        play: |scene| ends_with(scene, "kill-parent", Ending::ForbiddenSignal),
        judge: pass,
    },
    Case {
        name: "who_aims_at_everybody_is_ended_before_anybody_is_hit",
        play: |scene| {
            // Nothing is risked where the filter does not work: the case before this one is played first.
            let spared = ending(scene, "kill-parent")?;
            scene.require(
                spared == Ending::ForbiddenSignal,
                "grader",
                "expects the filter",
                &format!("{spared:?}"),
            )?;
            ends_with(scene, "kill-everybody", Ending::ForbiddenSignal)
        },
        judge: pass,
    },
    Case {
        name: "a_program_that_writes_a_huge_file_is_ended",
        play: |scene| ends_with(scene, "huge-file", Ending::FileLimit),
        judge: pass,
    },
    Case {
        name: "a_program_that_stops_itself_is_ended",
        play: |scene| ends_with(scene, "stop", Ending::StoppedItself),
        judge: pass,
    },
    Case {
        name: "a_program_that_ignores_term_is_killed",
        play: |scene| {
            let program = start(scene, "stubborn")?;
            scene.at_rest(program)?;
            Ok("at rest".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_finished_program_is_judged_with_predicates",
        play: |scene| {
            let program = scene.start(Launch::driver("server", &()).arguments(["print"]))?;
            let outcome = scene.expect_end_of(program)?;
            let failed = |error: assert_cmd::assert::AssertError| Failed::wrong(error.to_string());
            let assert = assert_cmd::assert::Assert::new(outcome.output());
            let assert = assert.try_success().map_err(failed)?;
            assert
                .try_stdout(
                    "hello from the program
",
                )
                .map_err(failed)?;
            Ok("as expected".to_owned())
        },
        judge: |finding| {
            pass(finding);
            assert_eq!(finding.output, b"hello from the program\n");
        },
    },
    // What is left behind.
    Case {
        name: "a_daemon_is_found_ended_and_reported",
        play: |scene| {
            let program = start(scene, "daemon")?;
            scene.expect_end_of(program)?;
            scene.at_rest(program)?;
            Ok("ended".to_owned())
        },
        judge: |finding| {
            pass(finding);
            let left = &finding.steps.last().expect("a step").details;
            assert_eq!(left, &["A process was left running and has been ended: `program`."]);
        },
    },
    Case {
        name: "a_zombie_is_seen",
        play: |scene| {
            let program = start(scene, "zombie")?;
            let snapshot = scene.at_rest(program)?;
            let seen = format!("{} zombies, {} children", snapshot.zombies(), snapshot.children());
            scene.require(seen == "1 zombies, 0 children", "grader", "expects a zombie", &seen)?;
            Ok(scene.diagnosis().join("\n"))
        },
        judge: |finding| {
            pass(finding);
            assert!(finding.summary.contains("`child 1` has ended, and its parent has not waited for it."));
            assert!(finding.summary.contains("`server` is blocked in pause: it waits for a signal."));
        },
    },
    Case {
        name: "a_program_inherits_its_channel_and_nothing_else",
        play: |scene| {
            let inheritable = nix::fcntl::fcntl(std::io::stdin(), nix::fcntl::FcntlArg::F_DUPFD(50));
            scene.require(inheritable == Ok(50), "grader", "makes a descriptor", "it has none")?;
            let program = start(scene, "descriptors")?;
            let outcome = scene.expect_end_of(program)?;
            // 4 is the directory that it lists.
            let listed = String::from_utf8_lossy(&outcome.stdout).replace('\n', " ");
            scene.require(listed == "0 1 2 3 4 ", "grader", "expects five descriptors", &listed)?;
            Ok("only its own".to_owned())
        },
        judge: pass,
    },
    // Records.
    Case {
        name: "records_come_in_order",
        play: |scene| {
            let program = start(scene, "driver")?;
            for number in 0..3 {
                let said = scene.record::<u16>(program)?;
                scene.require(said == number, "grader", "expects the next number", &said.to_string())?;
            }
            scene.expect_done(program)?;
            Ok("three results".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "what_a_driver_says_does_not_count_with_a_line_that_is_not_its_own",
        play: |scene| {
            let program = start(scene, "intruder")?;
            scene.expect_end_of(program)?;
            scene.record::<u16>(program).map(|number| number.to_string())
        },
        judge: |finding| says(finding, Status::Fail, "used a descriptor of the grader's"),
    },
    Case {
        name: "nor_does_a_check_pass_that_has_heard_all_it_wanted_before",
        play: |scene| {
            let program = start(scene, "driver")?;
            let late = start(scene, "intruder")?;
            let number = scene.record::<u16>(program)?;
            scene.expect_end_of(late)?;
            Ok(number.to_string())
        },
        judge: |finding| says(finding, Status::Fail, "used a descriptor of the grader's"),
    },
    Case {
        name: "the_drivers_descriptor_can_be_closed_copied_replaced_and_read_by_nothing_else",
        play: |scene| {
            let program = start(scene, "meddler")?;
            let refused = format!("{:?}", [-libc::EBADF; 8]);
            let outcome = scene.expect_end_of(program)?;
            let said = String::from_utf8_lossy(&outcome.stdout);
            scene.require(said.contains(&refused), "grader", "has EBADF be the answer to all", &said)?;
            scene.require(said.contains("901"), "grader", "has the number stay taken", &said)?;
            scene.expect_done(program)?;
            Ok("nothing was done".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_record_of_another_kind_is_not_the_students_loss",
        play: |scene| {
            let program = start(scene, "driver")?;
            scene.record::<String>(program)
        },
        judge: |finding| assert_eq!(finding.status, Status::Unchecked),
    },
    // Hangs, explained.
    Case {
        name: "a_read_from_a_pipe_names_who_could_write",
        play: |scene| hang(scene, "read-input"),
        judge: |finding| {
            let words = "`server` is blocked in read(0): it waits for bytes or the end of a pipe; \
                         the write end is open in the grader.";
            says(finding, Status::Fail, words);
        },
    },
    Case {
        name: "a_read_from_ones_own_pipe_names_the_descriptor",
        play: |scene| hang(scene, "own-pipe"),
        judge: |finding| says(finding, Status::Fail, "the write end is open in `server` as fd 5."),
    },
    Case {
        name: "a_lock_taken_twice_is_a_futex",
        play: |scene| hang(scene, "lock"),
        judge: |finding| says(finding, Status::Fail, "`server` is blocked in futex: it waits for a lock"),
    },
    Case {
        name: "a_parent_and_its_child_are_both_explained",
        play: |scene| hang(scene, "wait-for-child"),
        judge: |finding| {
            // The child is known by the program that it runs.
            says(finding, Status::Fail, "`server` is blocked in wait: it waits for `exe` to end.");
            says(finding, Status::Fail, "`exe` is blocked in read(0)");
        },
    },
    Case {
        name: "a_sleeping_loop_is_neither_at_rest_nor_blocked",
        play: |scene| {
            let program = start(scene, "sleep")?;
            scene.at_rest(program).map(|_| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "it did not come within 0.5 s"),
    },
    Case {
        name: "a_loop_of_polls_with_a_time_limit_is_at_rest",
        play: |scene| {
            let program = start(scene, "poll-loop")?;
            let snapshot = scene.at_rest(program)?;
            scene.require(
                snapshot.blocked_in(Syscall::Poll),
                "grader",
                "expects poll",
                &format!("{snapshot:?}"),
            )?;
            Ok("at rest".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_signal_of_the_check_reaches_the_program",
        play: |scene| {
            let program = start(scene, "own-pipe")?;
            scene.signal(program, Signal::SIGSTOP)?;
            scene.signal(program, Signal::SIGCONT)?;
            scene.signal(program, Signal::SIGTERM)?;
            let ending = scene.expect_end_of(program)?.ending;
            let by_term = ending == Ending::Signaled(Signal::SIGTERM);
            scene.require(by_term, "grader", "expects the end", &ending.words())?;
            Ok(ending.words())
        },
        judge: pass,
    },
    Case {
        name: "a_running_loop_does_not_come_to_rest",
        play: |scene| {
            let program = start(scene, "spin")?;
            scene.at_rest(program)?;
            scene.expect_running(program).map(|()| String::new())
        },
        judge: |finding| says(finding, Status::Limit, "0.3 s of processor time without any progress"),
    },
    // Clients.
    Case {
        name: "an_echo_server_comes_through_a_whole_conversation",
        play: |scene| {
            let (server, address) = server(scene, "echo")?;
            scene.expect_listening(server, address.clone())?;
            let first = scene.connect(address.clone())?;
            scene.send(first, b"hello\0")?;
            scene.expect(first, b"hello\0")?;
            scene.expect_nothing(first)?;
            scene.send_in_chunks(first, &[b"a", b"bc"])?;
            scene.expect(first, b"abc")?;
            let second = scene.connect(Address::v6(address.port().expect("a port")))?;
            scene.send(second, b"waiting")?;
            scene.expect_nothing(second)?;
            scene.half_close(first)?;
            scene.expect_end(first)?;
            scene.expect(second, b"waiting")?;
            scene.expect_connection_closed(server, first)?;
            let big: Vec<u8> = (0..3_000_000u32).map(|number| number as u8).collect();
            scene.exchange(second, &big, &big)?;
            scene.reset(second);
            let rest = scene.at_rest(server)?;
            scene.require(
                rest.blocked_in(Syscall::Accept),
                "grader",
                "expects accept",
                &format!("{rest:?}"),
            )?;
            Ok(format!("{} sockets", sockets(&rest)))
        },
        judge: |finding| {
            pass(finding);
            assert_eq!(finding.summary, "1 sockets");
            assert!(finding.steps.iter().all(|step| step.holds));
        },
    },
    Case {
        name: "a_connection_that_stays_open_is_found_with_its_descriptor",
        play: |scene| {
            let (server, address) = server(scene, "echo-once")?;
            let client = scene.connect(address)?;
            scene.send(client, b"hello")?;
            scene.expect(client, b"hello")?;
            scene.expect_connection_closed(server, client).map(|()| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "It is open in `server` as fd 4."),
    },
    Case {
        name: "an_end_of_file_that_cannot_come_is_explained_at_once",
        play: |scene| {
            let (_, address) = server(scene, "echo-once")?;
            let client = scene.connect(address)?;
            scene.send(client, b"hello")?;
            scene.half_close(client)?;
            scene.expect(client, b"hello")?;
            scene.expect_end(client).or_say("The connection is never closed.").map(|()| String::new())
        },
        judge: |finding| {
            says(finding, Status::Fail, "`server` is blocked in accept(3): it waits for the next client.");
            assert_eq!(finding.summary, "The connection is never closed.");
            let seen = "Client 1 expects end of file, but it cannot come any more: everybody waits.";
            assert_eq!(finding.seen.as_deref(), Some(seen));
        },
    },
    Case {
        name: "a_server_blocked_in_read_waits_for_a_client_by_name",
        play: |scene| {
            let (_, address) = server(scene, "echo")?;
            let client = scene.connect(address)?;
            scene.send(client, b"hello")?;
            scene.expect(client, b"hello, world").map(|()| String::new())
        },
        judge: |finding| {
            says(finding, Status::Fail, "it waits for bytes or the end of file from client 1.");
            says(finding, Status::Fail, "So far came 5 bytes: \"hello\".");
        },
    },
    Case {
        name: "bytes_that_differ_are_compared",
        play: |scene| {
            let (_, address) = server(scene, "shout")?;
            let client = scene.connect(address)?;
            scene.send(client, b"1, 2, three")?;
            scene.half_close(client)?;
            scene.expect(client, b"1, 2, three").map(|()| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "^^ byte 6 differs"),
    },
    Case {
        name: "a_client_that_does_not_read_blocks_the_server_in_write",
        play: |scene| {
            let (server, address) = server(scene, "echo")?;
            let options = ConnectOptions { receive_buffer: Some(64 << 10), send_buffer: None };
            let client = scene.connect_with(address, options)?;
            let bytes = vec![b'x'; 32 << 20];
            let sent = scene.send_until_blocked(client, &bytes)?;
            let snapshot = scene.snapshot(server);
            let blocked = snapshot.blocked_in(Syscall::Write) || snapshot.blocked_in(Syscall::Send);
            scene.require(blocked, "grader", "expects write", &format!("{snapshot:?}"))?;
            let diagnosis = scene.diagnosis().join("\n");
            scene.half_close(client)?;
            scene.expect(client, &bytes[..sent])?;
            scene.expect_end(client)?;
            Ok(diagnosis)
        },
        judge: |finding| {
            pass(finding);
            assert!(
                finding.summary.contains("the connection is full until client 1 reads"),
                "{}",
                finding.summary
            );
        },
    },
    Case {
        name: "a_crash_is_the_headline_not_the_lost_connection",
        play: |scene| {
            let (_, address) = server(scene, "crash-on-client")?;
            let client = scene.connect(address)?;
            scene.send(client, b"hello")?;
            scene.expect(client, b"hello").or_say("not said").map(|()| String::new())
        },
        judge: |finding| {
            assert_eq!(finding.status, Status::Limit);
            assert!(finding.summary.starts_with("`server` was ended by SIGABRT"), "{}", finding.summary);
        },
    },
    Case {
        name: "a_client_that_finds_the_queue_full_is_patient",
        play: |scene| {
            let address = Address::Unix(scene.directory().join("socket"));
            let narrow = std::os::unix::net::UnixListener::bind(scene.directory().join("socket"));
            let narrow = narrow.map_err(|error| Failed::unchecked(error.to_string()))?;
            let backlog = nix::sys::socket::Backlog::new(0).expect("a backlog");
            nix::sys::socket::listen(&narrow, backlog).map_err(|_| Failed::unchecked("no queue"))?;
            scene.connect(address.clone())?;
            scene.connect(address).map(|_| String::new())
        },
        judge: |finding| says(finding, Status::Fail, "it did not come within 0.5 s"),
    },
    Case {
        name: "a_server_restarts_on_its_port",
        play: |scene| {
            let (first, address) = server(scene, "echo")?;
            let client = scene.connect(address.clone())?;
            scene.kill(first);
            scene.expect_over(client)?;
            scene.expect_refused(address)?;
            let again = start(scene, "echo")?;
            let port = scene.record(again)?;
            let client = scene.connect(Address::v4(port))?;
            scene.send(client, b"again")?;
            scene.expect(client, b"again")?;
            Ok("restarted".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_client_under_test_talks_to_a_scripted_listener",
        play: |scene| {
            let listener = scene.listen(Address::v4(0))?;
            let port = scene.address(listener).port().expect("a port").to_string();
            scene.expect_no_connection(listener)?;
            let launch = Launch::driver("client", &()).arguments(["client", &port]);
            let client = scene.start(launch.input(Input::Fed))?;
            let peer = scene.expect_connection(listener)?;
            scene.feed(client, b"question")?;
            scene.expect(peer, b"question")?;
            scene.end_input(client);
            scene.expect_end(peer)?;
            scene.send(peer, b"first line\nand more")?;
            scene.expect_output(client, b"first line\n")?;
            scene.close(peer);
            scene.expect_output(client, b"and more")?;
            let ending = scene.expect_end_of(client)?.ending;
            scene.require(ending == Ending::Exited(0), "grader", "expects code 0", &ending.words())?;
            Ok("talked".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_unix_client_and_listener_of_the_grader_meet",
        play: |scene| {
            let path = Address::Unix(scene.directory().join("socket"));
            scene.expect_refused(path.clone())?;
            let listener = scene.listen(path.clone())?;
            let client = scene.connect(path)?;
            let peer = scene.expect_connection(listener)?;
            scene.send(client, b"hello")?;
            scene.expect(peer, b"hello")?;
            scene.half_close(client)?;
            scene.expect_end(peer)?;
            Ok("met".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "a_reserved_port_is_free_for_the_program",
        play: |scene| {
            let port = Port::reserve().map_err(|error| Failed::unchecked(error.to_string()))?;
            scene.expect_refused(Address::v4(port.number()))?;
            Ok("free".to_owned())
        },
        judge: pass,
    },
    Case {
        name: "input_given_whole_is_read_to_its_end",
        play: |scene| {
            let bytes = vec![b'y'; 1 << 20];
            let launch = Launch::driver("cat", &()).arguments(["cat"]);
            let cat = scene.start(launch.input(Input::Bytes(bytes.clone())))?;
            scene.expect_output(cat, &bytes)?;
            scene.expect_end_of(cat)?;
            Ok("all of it".to_owned())
        },
        judge: |finding| {
            pass(finding);
            assert!(finding.output.len() < 20_000, "shown are head and tail");
        },
    },
    // The supervisor itself.
    Case {
        name: "a_check_that_fails_itself_is_unchecked",
        play: |_| panic!("a mistake of the check"),
        judge: |finding| {
            assert_eq!(finding.status, Status::Unchecked);
            let summary = &finding.summary;
            assert!(
                summary.contains("supervised.rs") && summary.contains("a mistake of the check"),
                "{summary}"
            );
        },
    },
    Case {
        name: "a_supervisor_that_dies_makes_the_check_unchecked",
        play: |scene| {
            start(scene, "stubborn")?;
            std::process::exit(0)
        },
        judge: |finding| {
            assert_eq!(finding.status, Status::Unchecked);
            assert!(finding.summary.contains("its supervisor ended early"), "{}", finding.summary);
        },
    },
];

fn sockets(snapshot: &Snapshot) -> usize {
    snapshot.sockets().iter().filter(|held| matches!(held.target, Target::Socket { .. })).count()
}
