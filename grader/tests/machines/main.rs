//! `make test-machines`
mod calls;
mod entry;
mod root;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["__enter", file, program, rest @ ..] => {
            let text = std::fs::read_to_string(file).unwrap();
            let entry: entry::Entry = toml::from_str(&text).unwrap();
            let error = entry.exec(None, Command::new(program).args(rest));
            eprintln!("{error}");
            ExitCode::FAILURE
        }
        _ => ExitCode::SUCCESS,
    }
}
