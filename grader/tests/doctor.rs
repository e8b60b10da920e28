//! The doctor finds out by doing, and says what to install.

use assert_cmd::Command;
use predicates::str::contains;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

fn sysroot() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

#[test]
fn what_is_missing_is_said_with_how_to_install_it() {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_grader"));
    doctor.arg("doctor").env("PATH", sysroot().join("bin"));
    let said = doctor.assert().code(1).get_output().stdout.clone();
    let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        // The linker is looked for where it usually is as well: a machine without one is in `make test-machines`.
        "compiling ok yes",
        "make weak not there",
        "`sudo apt-get install make` (Debian, Ubuntu)",
        "`sudo dnf install make` (Fedora)",
        "`sudo pacman -S make` (Arch)",
    ] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target");
    let left = std::fs::read_dir(target).expect("it is there").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("doctor-")).collect();
    assert!(left.is_empty(), "what was compiled is removed again: {left:?}");
}

/// What `make` says before the grader is compiled, with only the programs of these directories.
fn needs(path: &[PathBuf]) -> String {
    let mut script = Command::new("/bin/sh");
    script.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/needs.sh"));
    script.env("PATH", std::env::join_paths(path).expect("plain paths"));
    String::from_utf8_lossy(&script.assert().code(1).get_output().stderr).into_owned()
}

#[test]
fn what_the_grader_is_compiled_with_is_asked_for_before() {
    let dir = tempfile::tempdir().expect("a directory");
    let (broken, toolchain) = (dir.path().to_owned(), sysroot().join("bin"));
    assert!(needs(std::slice::from_ref(&broken)).contains("https://rustup.rs"));
    assert!(needs(std::slice::from_ref(&toolchain)).contains("sudo apt-get install gcc libc6-dev"));
    std::fs::write(broken.join("cc"), "#!/bin/sh\nexit 1\n").expect("it can be written");
    std::fs::set_permissions(broken.join("cc"), Permissions::from_mode(0o755)).expect("it is the test's own");
    let without_library = needs(&[broken, toolchain, "/usr/bin".into(), "/bin".into()]);
    assert!(without_library.contains("the files of the C library"), "{without_library}");
}

/// A file that can be run.
fn script(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("it lies in a directory")).expect("it can be made");
    std::fs::write(path, text).expect("it can be written");
    std::fs::set_permissions(path, Permissions::from_mode(0o755)).expect("it is the test's own");
}

#[test]
fn what_cargo_waits_for_is_told() {
    let dir = tempfile::tempdir().expect("a directory");
    script(&dir.path().join("target/debug/grader"), "#!/bin/sh\n");
    let ready = |cargo_says: &str| {
        let text = format!("#!/bin/sh\nprintf '{cargo_says}' >&2\n");
        script(&dir.path().join("bin/cargo"), &text);
        let mut ready = Command::new("/bin/sh");
        ready.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/ready.sh"));
        let path = [dir.path().join("bin"), "/usr/bin".into(), "/bin".into()];
        ready.env("PATH", std::env::join_paths(path).expect("plain paths"));
        ready.env("CARGO_TARGET_DIR", dir.path().join("target")).assert()
    };
    ready("    Finished dev\\n").code(0).stderr("");
    let waits = "    Blocking waiting for file lock on build directory\\n    Finished dev\\n";
    ready(waits).code(0).stderr(contains("Another cargo is at work in this folder"));
    let compiles = "   Compiling grader v0.1.0\\n   Compiling grader v0.1.0\\n    Finished dev\\n";
    ready(compiles).code(0).stderr("The program `grader` has changed, and is compiled anew.\n");
    ready("error: could not compile\\n").code(4).stderr(contains("error: could not compile"));
}
