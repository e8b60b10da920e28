//! The doctor finds out by doing, and says what to install.

use assert_cmd::Command;
use std::path::PathBuf;

fn sysroot() -> PathBuf {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output().expect("rustc");
    PathBuf::from(String::from_utf8(output.stdout).expect("a path").trim())
}

#[test]
fn a_machine_that_compiles_nothing_is_told_what_to_install() {
    let mut doctor = Command::new(env!("CARGO_BIN_EXE_grader"));
    doctor.arg("doctor").env("PATH", sysroot().join("bin"));
    let said = doctor.assert().code(3).get_output().stdout.clone();
    let said = String::from_utf8_lossy(&said).split_whitespace().collect::<Vec<_>>().join(" ");
    for words in [
        "compiling MISSING no linker: `cc` is not there",
        "`sudo apt-get install gcc libc6-dev` (Debian, Ubuntu)",
        "`sudo dnf install gcc glibc-devel` (Fedora)",
        "`sudo pacman -S gcc` (Arch)",
        "make weak not there",
        "Some checks cannot be run on this machine",
    ] {
        assert!(said.contains(words), "no `{words}` in: {said}");
    }
    let target = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target");
    let left = std::fs::read_dir(target).expect("it is there").flatten().map(|entry| entry.file_name());
    let left: Vec<_> = left.filter(|name| name.to_string_lossy().starts_with("doctor-")).collect();
    assert!(left.is_empty(), "what was compiled is removed again: {left:?}");
}
