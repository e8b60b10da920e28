//! One task: one function of the student's.

use crate::answer::{captured, ended};
use crate::{home, stream, work};
use driver::Channel;
use nix::sys::signal::SaFlags;
use pipes::pipeline;
use protocol::pipes::{Command, Pipes, Task};
use std::ffi::CString;
use std::io::Write;

pub fn carry_out(task: Task, channel: &Channel<Pipes>) {
    match task {
        Task::WriteAll { size, restart } => stream::write_all(size, restart, channel),
        Task::ReadToEnd { path } => stream::read_to_end(path, channel),
        Task::ReadExact { sizes } => stream::read_exact(&sizes, channel),
        Task::Capture { commands, unwritten } => capture(&commands, &unwritten, channel),
        Task::RunPipeline { pipelines } => run_pipelines(&pipelines, channel),
        Task::Work { acts } => work::work(&acts, channel),
    }
}

fn capture(commands: &[Command], unwritten: &str, channel: &Channel<Pipes>) {
    driver::tolerate_signals(SaFlags::empty());
    print!("{unwritten}");
    for command in commands {
        let words = words(command);
        channel.say(captured(home::call(channel, || pipeline::capture(&words))));
    }
    let _ = std::io::stdout().flush();
    driver::hold();
}

fn run_pipelines(pipelines: &[Vec<Command>], channel: &Channel<Pipes>) {
    driver::tolerate_signals(SaFlags::empty());
    for stages in pipelines {
        let stages: Vec<Vec<CString>> = stages.iter().map(|command| words(command)).collect();
        channel.say(ended(home::call(channel, || pipeline::run_pipeline(&stages))));
    }
    driver::hold();
}

fn words(command: &[String]) -> Vec<CString> {
    command.iter().map(|word| CString::new(word.as_str()).expect("no word contains a NUL")).collect()
}
