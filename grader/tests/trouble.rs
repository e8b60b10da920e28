//! Trouble that is no student's: what the user's machine, settings and directories can get wrong. It changes no verdict, or
//! the grader says what to do and ends with 2, 3 or 4; it never costs points.

mod common;
#[path = "common/until.rs"]
mod until;

use assert_cmd::Command;
use common::{Tiny, check};
use grader::check::Status;
use grader::compile::PATIENCE;
use grader::report::LabStatus;
use grader::sandbox::Level;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{SigHandler, SigSet, Signal, signal};
use predicates::prelude::*;
use predicates::str::{contains, starts_with};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use until::until;

const GRADER: &str = env!("CARGO_BIN_EXE_grader");

/// The grader on the tiny course, as it is after `prepare`, which runs between fork and exec.
fn grader_after(
    tiny: &Tiny,
    prepare: impl FnMut() -> std::io::Result<()> + Send + Sync + 'static,
) -> Command {
    let mut command = std::process::Command::new(GRADER);
    command.current_dir(&tiny.dir).arg("--root").arg(tiny.dir.path());
    // SAFETY: all that is prepared here makes system calls alone.
    unsafe { command.pre_exec(prepare) };
    Command::from_std(command)
}

fn grader(tiny: &Tiny) -> Command {
    grader_after(tiny, || Ok(()))
}

/// Root without its powers over files: what is closed is closed, as for any user.
fn without_powers() -> std::io::Result<()> {
    for power in 0..=4 {
        // SAFETY: takes numbers.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, power, 0, 0, 0) };
    }
    Ok(())
}

/// Closes a path to its own owner for as long as `then` takes.
fn closed(path: &Path, mode: u32, then: impl FnOnce()) {
    let before = fs::metadata(path).unwrap().permissions();
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    then();
    fs::set_permissions(path, before).unwrap();
}

/// The tiny lab has no checks in this grader, so that 3 means: compiled, and nothing lost.
const COMPILED: i32 = 3;

// What cargo says.

/// A dependency of every driver, which does not compile.
fn with_broken_dependency(tiny: &Tiny) {
    let dir = tiny.path("ours/src");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("lib.rs"), "pub fn one() -> u32 {\n    \"one\"\n}\n").unwrap();
    let package = "[package]\nname = \"ours\"\nversion = \"0.1.0\"\nedition = \"2024\"\n";
    fs::write(tiny.path("ours/Cargo.toml"), package).unwrap();
    add_to_manifest(tiny, "ours = { path = \"ours\" }");
}

fn add_to_manifest(tiny: &Tiny, dependency: &str) {
    let manifest = tiny.path("Cargo.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let (head, tail) = text.split_once("[workspace.dependencies]").unwrap();
    let unused = "[profile.dev.package.elsewhere]\nopt-level = 2\n";
    fs::write(manifest, format!("{head}[workspace.dependencies]\n{dependency}\n{tail}\n{unused}")).unwrap();
}

#[test]
fn the_compilers_error_in_a_package_of_the_courses_is_shown_as_it_is() {
    let tiny = Tiny::new();
    with_broken_dependency(&tiny);
    let ended = grader(&tiny).arg("grade").assert().code(4).stdout("");
    ended.stderr(
        starts_with("grader: cargo could not compile tiny-")
            .and(contains("error[E0308]: mismatched types\n"))
            .and(contains("\n2 |     \"one\"\n"))
            .and(contains("error: could not compile `ours`"))
            .and(contains("did not match any packages").not())
            .and(contains("\\u{").not()),
    );
}

#[test]
fn what_cargo_says_stays_in_lines_and_comes_after_the_graders_words() {
    let tiny = Tiny::new();
    add_to_manifest(&tiny, "no-such-package = \"1\"");
    let ended = grader(&tiny).arg("grade").assert().code(4);
    ended.stderr(
        starts_with("grader: cargo could not compile ").and(contains("target/stage and grade again")).and(
            contains("\n\nerror: no matching package named `no-such-package` found\nlocation searched: "),
        ),
    );
}

// What the user has set for cargo.

const SETTINGS: &str = "\
[build]\nrustc-wrapper = \"/bin/false\"\nrustc = \"/bin/false\"\ntarget = \"no-such-target\"\ntarget-dir = \"/nowhere\"\n\
rustflags = [\"--no-such-flag\"]\n[target.'cfg(all())']\nlinker = \"/bin/false\"\nrustflags = [\"-Dwarnings\"]\n\
[target.x86_64-unknown-linux-gnu]\nlinker = \"/bin/false\"\n[target.aarch64-unknown-linux-gnu]\nlinker = \"/bin/false\"\n\
[profile.dev]\npanic = \"abort\"\nopt-level = 3\noverflow-checks = false\n[term]\nverbose = true\nquiet = false\n\
[env]\nLD_PRELOAD = { value = \"/nowhere.so\", force = true }\nRUSTC_BOOTSTRAP = \"1\"\n[unstable]\nno-such = true\n\
[net]\noffline = true\n[alias]\nbuild = \"version\"\n[patch.crates-io]\nlibc = { path = \"/nowhere\" }\n";

/// Right is only right while arithmetic is checked, and panics can be caught.
const SENSITIVE: &str = "\
pub struct Right;\nimpl Right {\n    pub fn value(&self) -> u32 {\n        let most = std::hint::black_box(u32::MAX);\n\
if std::panic::catch_unwind(|| most + 1).is_err() { 2 } else { 3 }\n    }\n}\n";

#[test]
fn no_configuration_of_cargos_changes_what_is_compiled() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    mine.write("right.rs", SENSITIVE);
    assert_eq!(tiny.grade(&mine).score, 100, "without any configuration");
    for place in [".cargo", "target/.cargo", "target/stage/.cargo"] {
        fs::create_dir_all(tiny.path(place)).unwrap();
        fs::write(tiny.path(place).join("config.toml"), SETTINGS).unwrap();
        fs::remove_dir_all(tiny.path("target/stage/target")).unwrap();
        let report = tiny.grade(&mine);
        assert_eq!(report.score, 100, "{place}: {report:#?}");
    }
}

#[test]
fn no_variable_of_the_users_and_no_home_changes_what_is_compiled() {
    let tiny = Tiny::new();
    let home = tiny.path("home");
    fs::create_dir_all(home.join(".cargo")).unwrap();
    fs::write(home.join(".cargo/config.toml"), SETTINGS).unwrap();
    for level in Level::possible(Path::new(GRADER)) {
        let mut grader = grader(&tiny);
        grader.env("HOME", &home).args(["--sandbox", level.name(), "grade", "--submission", "solutions"]);
        for (name, value) in [
            ("RUSTFLAGS", "--no-such-flag"),
            ("CARGO_ENCODED_RUSTFLAGS", "--no-such-flag"),
            ("CARGO_BUILD_RUSTFLAGS", "--no-such-flag"),
            ("CARGO_BUILD_TARGET", "no-such-target"),
            ("CARGO_BUILD_RUSTC_WRAPPER", "/bin/false"),
            ("CARGO_BUILD_TARGET_DIR", "/nowhere"),
            ("CARGO_TARGET_DIR", "/nowhere"),
            ("CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER", "/bin/false"),
            ("CARGO_PROFILE_DEV_PANIC", "abort"),
            ("CARGO_PROFILE_DEV_OPT_LEVEL", "no-such-level"),
            ("RUSTC_WRAPPER", "/bin/false"),
            ("RUSTC_BOOTSTRAP", "1"),
            ("RUST_MIN_STACK", "1"),
            ("CARGO_TERM_VERBOSE", "true"),
            ("MALLOC_ARENA_MAX", "1"),
        ] {
            grader.env(name, value);
        }
        grader.assert().code(COMPILED).stderr("");
        fs::remove_dir_all(tiny.path("target/stage/target")).unwrap();
    }
}

/// A package that only a directory of the user's has, in the place of the registry.
#[test]
fn packages_come_from_where_the_user_has_them_come_from() {
    let tiny = Tiny::new();
    let vendored = tiny.path("elsewhere/given");
    fs::create_dir_all(vendored.join("src")).unwrap();
    fs::write(vendored.join("src/lib.rs"), "").unwrap();
    let package = "[package]\nname = \"only-here\"\nversion = \"1.0.0\"\nedition = \"2024\"\n";
    fs::write(vendored.join("Cargo.toml"), package).unwrap();
    fs::write(vendored.join(".cargo-checksum.json"), "{\"files\":{},\"package\":null}").unwrap();
    add_to_manifest(&tiny, "only-here = \"1\"");
    grader(&tiny).args(["grade", "--submission", "solutions"]).assert().code(4);
    fs::create_dir(tiny.path(".cargo")).unwrap();
    let replaced = "[source.crates-io]\nreplace-with = \"mine\"\n[source.mine]\ndirectory = \"elsewhere\"\n";
    fs::write(tiny.path(".cargo/config.toml"), replaced).unwrap();
    for level in Level::possible(Path::new(GRADER)) {
        let arguments = ["--sandbox", level.name(), "grade", "--submission", "solutions"];
        grader(&tiny).args(arguments).assert().code(COMPILED).stderr(contains("only-here").not());
    }
}

#[test]
fn a_home_that_no_variable_names_and_a_poor_path_do_no_harm() {
    let tiny = Tiny::new();
    let arguments = ["grade", "--submission", "solutions"];
    grader(&tiny).env_remove("HOME").env_remove("CARGO_HOME").args(arguments).assert().code(COMPILED);
    grader(&tiny).env("HOME", "").env("PATH", "/nowhere").args(arguments).assert().code(COMPILED);
    grader(&tiny).env_remove("PATH").args(arguments).assert().code(COMPILED);
}

// Signals and limits of the shell that starts the grader.

#[test]
fn ignored_and_held_back_signals_hold_nothing_up() {
    let tiny = Tiny::new();
    let mut command = std::process::Command::new(GRADER);
    command.arg("--root").arg(tiny.dir.path()).args(["grade", "--submission"]).arg(tiny.path("solutions"));
    let ignore = || {
        for each in Signal::iterator().filter(|each| ![Signal::SIGKILL, Signal::SIGSTOP].contains(each)) {
            // SAFETY: this process is about to be another program.
            unsafe { signal(each, SigHandler::SigIgn) }?;
        }
        let held_back: SigSet = [Signal::SIGCHLD, Signal::SIGTERM, Signal::SIGUSR1].into_iter().collect();
        Ok(held_back.thread_block()?)
    };
    // SAFETY: makes system calls alone.
    unsafe { command.pre_exec(ignore) };
    let mut grader = command.stdout(std::process::Stdio::null()).spawn().unwrap();
    let ended = until(PATIENCE, || matches!(grader.try_wait(), Ok(Some(_))));
    grader.kill().unwrap();
    assert_eq!((ended, grader.wait().unwrap().code()), (true, Some(COMPILED)));
}

#[test]
fn limits_below_the_graders_own_are_told_before_anything_is_run() {
    let tiny = Tiny::new();
    for (resource, most, told) in [
        (Resource::RLIMIT_NOFILE, 512, "at most 512 open files, and checks need 1024. `ulimit -Hn`"),
        (Resource::RLIMIT_FSIZE, 8 << 20, "at most 8 MiB in one file, and checks need 512. `ulimit -Hf`"),
        (
            Resource::RLIMIT_CPU,
            100,
            "at most 100 seconds of processor time, and checks need 120. `ulimit -Ht`",
        ),
        (Resource::RLIMIT_STACK, 4 << 20, "at most 4 MiB of stack, and checks need 8. `ulimit -Hs`"),
        (
            Resource::RLIMIT_AS,
            4 << 30,
            "at most 4096 MiB of address space, and checks need 8192. `ulimit -Hv`",
        ),
        (Resource::RLIMIT_NPROC, 300, "at most 300 processes, and checks need 1024. `ulimit -Hu`"),
    ] {
        let mut grader = grader_after(&tiny, move || Ok(setrlimit(resource, most, most)?));
        grader.arg("grade").assert().code(3).stdout("").stderr(contains(told));
    }
}

/// A server with a thread for each of two hundred clients needs more addresses than this shell gives at first.
#[test]
fn limits_that_the_user_may_lift_are_lifted() {
    let course = grader::course::Course::here().unwrap();
    let mut command = std::process::Command::new(GRADER);
    command.current_dir(course.root()).args(["grade", "--submission", "solutions"]);
    command.args(["--check", "threaded-server/serves-clients-at-once"]);
    let limit = || {
        let (_, most) = getrlimit(Resource::RLIMIT_AS)?;
        Ok(setrlimit(Resource::RLIMIT_AS, 500 << 20, most)?)
    };
    // SAFETY: makes system calls alone.
    unsafe { command.pre_exec(limit) };
    Command::from_std(command).assert().code(0);
}

// Directories.

#[test]
fn a_submission_that_lies_one_level_off_is_found() {
    let tiny = Tiny::new();
    let dir = tiny.solved("mine").dir.canonicalize().unwrap();
    fs::create_dir(tiny.path("handed-in")).unwrap();
    fs::rename(&dir, tiny.path("handed-in/labs")).unwrap();
    let labs = tiny.path("handed-in/labs").canonicalize().unwrap();
    let other = labs.join("my-tiny");
    common::copy(&labs.join("tiny"), &other);
    for (given, told) in [
        ("handed-in", "it is one level down, in handed-in/labs. ".to_owned()),
        ("handed-in", "give --submission handed-in/labs\n".to_owned()),
        (
            "handed-in/labs/tiny",
            format!(
                "it is the lab's own directory. --submission takes the directory that holds \
          the labs' directories: give --submission {}\n",
                labs.display()
            ),
        ),
        ("handed-in/labs/tiny/src", format!("give --submission {}\n", labs.display())),
        ("handed-in/labs/my-tiny", format!("Rename {} to tiny", other.display())),
        ("handed-in/labs/my-tiny/src", format!("Rename {} to tiny", other.display())),
    ] {
        let ended = grader(&tiny).args(["grade", "--submission", given]).assert().code(2).stdout("");
        ended.stderr(contains(told));
    }
}

#[test]
fn a_directory_that_the_grader_may_not_enter_costs_no_points() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    let grade = || grader_after(&tiny, without_powers).args(["grade", "--submission", "mine"]).assert();
    closed(&mine.dir, 0o000, || {
        grade()
            .code(2)
            .stderr(contains("mine cannot be read: Permission denied").and(contains("chmod u+rx")));
    });
    closed(&mine.dir, 0o444, || {
        grade().code(3).stdout(contains("cannot be read: Permission denied"));
    });
    for part in ["tiny", "tiny/src"] {
        closed(&mine.dir.join(part), 0o000, || {
            let told =
                "Permission denied. Look at the permissions of the file and of the directories above it";
            grade().code(3).stdout(contains("0 of 100 points").and(words(told)));
        });
    }
    closed(&tiny.path("grader/labs"), 0o000, || {
        grade().code(4).stderr(contains("cannot list").and(contains("Permission denied")));
    });
}

/// These words, wherever a line is broken.
fn words(text: &'static str) -> impl Predicate<str> {
    predicate::function(move |said: &str| {
        said.split_whitespace().collect::<Vec<_>>().join(" ").contains(text)
    })
}

#[test]
fn a_file_that_the_system_does_not_let_the_grader_read_is_unchecked_and_the_other_is_graded() {
    let tiny = Tiny::new();
    let mine = tiny.solved("mine");
    closed(&mine.file("left.rs"), 0o000, || {
        let grade = grader_after(&tiny, without_powers)
            .args(["grade", "--submission", "mine", "--format", "json"])
            .assert();
        let ended = grade.code(3);
        let report: grader::report::Report = serde_json::from_slice(&ended.get_output().stdout).unwrap();
        let left = check(&report.labs[0], "left-is-one");
        assert_eq!(left.status, Status::Unchecked);
        assert!(left.summary.contains("src/left.rs cannot be read: Permission denied"), "{}", left.summary);
        let right = check(&report.labs[0], "right-is-two");
        assert!(right.summary.contains("has no checks for tiny"), "it was run: {}", right.summary);
    });
}

#[test]
fn a_stage_that_was_left_closed_is_named_with_what_removes_it() {
    let tiny = Tiny::new();
    let grade = || grader_after(&tiny, without_powers).args(["grade", "--submission", "solutions"]).assert();
    grade().code(COMPILED);
    let stage = tiny.course.stage_dir();
    let told = format!("Remove it (`sudo rm -r {}`), and grade again", stage.display());
    for (path, mode) in [
        ("", 0o555),
        ("", 0o000),
        ("lock", 0o000),
        ("labs", 0o000),
        ("drivers", 0o000),
        ("tmp", 0o555),
        ("Cargo.toml", 0o444),
        ("Cargo.lock.origin", 0o000),
        ("cargo", 0o555),
        ("cargo/config.toml", 0o444),
        ("cargo.log", 0o444),
    ] {
        closed(&stage.join(path), mode, || {
            let output = grade().get_output().clone();
            let said = String::from_utf8(output.stderr).unwrap();
            let fine = output.status.code() == Some(COMPILED) && said.is_empty();
            assert!(
                fine || output.status.code() == Some(4) && said.contains(&told),
                "{path} {mode:o}: {said}"
            );
        });
    }
    closed(&stage.join("target/debug"), 0o000, || {
        let told = format!("remove {}", stage.display());
        grade().code(4).stderr(contains(told).and(contains("grade again")).and(contains("ermission denied")));
    });
    grade().code(COMPILED);
}

#[test]
fn a_stage_where_no_program_may_be_started_is_told() {
    let tiny = Tiny::new();
    fs::create_dir_all(tiny.course.stage_dir()).unwrap();
    let path = std::ffi::CString::new(tiny.course.stage_dir().as_os_str().as_encoded_bytes()).unwrap();
    let mut grader = grader_after(&tiny, move || {
        use nix::mount::{MsFlags, mount};
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNS)?;
        mount(None::<&str>, "/", None::<&str>, MsFlags::MS_REC | MsFlags::MS_PRIVATE, None::<&str>)?;
        Ok(mount(Some("tmpfs"), path.as_c_str(), Some("tmpfs"), MsFlags::MS_NOEXEC, None::<&str>)?)
    });
    grader.arg("grade");
    // Only root mounts, and not everywhere.
    let Ok(output) = grader.output() else { return };
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("lies on a file system where no program may be started"), "{said}");
}

#[test]
fn temporary_files_have_a_place_or_the_grader_says_which_variable_names_none() {
    let tiny = Tiny::new();
    let grade = |level: &'static str, place: &str| {
        let arguments = ["--sandbox", level, "grade", "--submission", "solutions"];
        grader(&tiny).env("TMPDIR", place).args(arguments).assert()
    };
    let told = "none can be made: No such file or directory";
    grade("plain", "/nowhere").code(3).stdout("").stderr(contains(told));
    let long = tiny.path(&"x".repeat(100));
    fs::create_dir(&long).unwrap();
    let told = contains("is too long for sockets").and(contains("Set the variable TMPDIR"));
    grade("plain", long.to_str().unwrap()).code(3).stdout("").stderr(told);
    if Level::possible(Path::new(GRADER)).contains(&Level::Full) {
        grade("full", "/nowhere").code(COMPILED).stderr("");
    }
}

#[test]
fn a_machine_without_a_loopback_costs_no_points() {
    let course = grader::course::Course::here().unwrap();
    let mut command = std::process::Command::new(GRADER);
    command.current_dir(course.root()).args(["--sandbox", "plain", "grade", "--format", "json"]);
    command.args(["--submission", "solutions", "--check", "sockets-v1/five-tuple"]);
    // SAFETY: makes a system call.
    unsafe { command.pre_exec(|| Ok(nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET)?)) };
    // Only root makes networks, and not everywhere.
    let Ok(output) = command.output() else { return };
    let report: grader::report::Report = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), report.labs[0].status), (Some(3), LabStatus::Unchecked), "{report:#?}");
    assert!(report.labs[0].checks[0].summary.contains("ip link set lo up"), "{report:#?}");
}
