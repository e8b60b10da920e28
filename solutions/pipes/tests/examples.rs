//! Examples to extend: `cargo test -p pipes`. They are never graded.
//!
//! Add a function, and its name to the list in `main`. The tests run one after the other in a program with one thread,
//! because `fork` wants it so; a test that fails ends the program.

use pipes::channel::Worker;
use pipes::pipeline::{capture, run_pipeline};
use pipes::{Error, io};
use std::ffi::CString;
use std::os::fd::AsFd;

fn main() {
    let tests: &[(&str, fn())] = &[
        ("what_is_written_is_read", what_is_written_is_read),
        ("an_early_end_is_told", an_early_end_is_told),
        ("the_output_of_a_program_is_captured", the_output_of_a_program_is_captured),
        ("every_stage_has_a_status", every_stage_has_a_status),
        ("a_worker_keeps_its_own_memory", a_worker_keeps_its_own_memory),
    ];
    for (name, test) in tests {
        println!("{name}");
        test();
    }
}

fn command(line: &str) -> Vec<CString> {
    line.split(' ').map(|word| CString::new(word).unwrap()).collect()
}

fn what_is_written_is_read() {
    let (reader, writer) = nix::unistd::pipe().unwrap();
    io::write_all(writer.as_fd(), b"hello").unwrap();
    let mut first = [0; 2];
    io::read_exact(reader.as_fd(), &mut first).unwrap();
    assert_eq!(&first, b"he");
    // Without this line nobody could say that nothing more will come.
    drop(writer);
    assert_eq!(io::read_to_end(reader.as_fd()).unwrap(), b"llo");
}

fn an_early_end_is_told() {
    let (reader, writer) = nix::unistd::pipe().unwrap();
    io::write_all(writer.as_fd(), b"abc").unwrap();
    drop(writer);
    assert_eq!(io::read_exact(reader.as_fd(), &mut [0; 8]), Err(Error::Ended { came: 3 }));
}

fn the_output_of_a_program_is_captured() {
    assert_eq!(capture(&command("echo hello")).unwrap(), (b"hello\n".to_vec(), 0));
}

fn every_stage_has_a_status() {
    // None of them writes: a stage whose reader has already ended would be ended by SIGPIPE.
    let stages = [command("true"), command("false"), command("true")];
    assert_eq!(run_pipeline(&stages).unwrap(), [0, 1, 0]);
}

fn a_worker_keeps_its_own_memory() {
    let mut total = 0;
    let mut worker = Worker::start(|request| {
        total += request.len();
        total.to_string().into_bytes()
    })
    .unwrap();
    assert_eq!(worker.call(b"four").unwrap(), b"4");
    assert_eq!(worker.call(b"seven").unwrap(), b"9");
    assert_eq!(worker.stop().unwrap(), 0);
    assert_eq!(total, 0, "the server has counted in its own memory");
}
