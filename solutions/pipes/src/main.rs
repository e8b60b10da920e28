//! Runs a pipeline, like a shell: `cargo run -p pipes -- find . -name '*.rs' '|' wc -l`.
//!
//! The bar stands in quotes, or the shell that you type this into makes a pipeline of its own. The exit code is the status
//! of the last stage.

use pipes::pipeline::run_pipeline;
use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<CString> = std::env::args_os().skip(1).map(word).collect();
    let stages: Vec<Vec<CString>> = words.split(|word| word.as_bytes() == b"|").map(<[_]>::to_vec).collect();
    if stages.iter().any(Vec::is_empty) {
        eprintln!("usage: pipes PROGRAM [ARGUMENT]... ['|' PROGRAM [ARGUMENT]...]...");
        return ExitCode::from(2);
    }
    match run_pipeline(&stages) {
        Ok(statuses) => ExitCode::from(statuses.last().map_or(0, |&status| status as u8)),
        Err(error) => {
            eprintln!("pipes: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The system passes arguments that end with a NUL, so there can be none in them.
fn word(argument: std::ffi::OsString) -> CString {
    CString::new(argument.into_vec()).expect("arguments contain no NUL")
}
