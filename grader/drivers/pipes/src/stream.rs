//! `write_all`, `read_to_end` and `read_exact`, with a pipe at the other end.

use crate::answer::{bytes, returned};
use driver::Channel;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::signal::{SaFlags, SigSet, Signal};
use nix::unistd::pipe2;
use pipes::io;
use protocol::pipes::{Answer, Pipes};
use protocol::{Content, pattern};
use std::fs::File;
use std::io::{BufRead, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::thread;

/// The kernel rounds it up to what a pipe holds at least: a page.
const SMALLEST: i32 = 1;

pub fn write_all(size: usize, restart: bool, channel: &Channel<Pipes>) {
    let (reader, writer) = pipe2(OFlag::O_CLOEXEC).expect("a pipe can be made");
    fcntl(&writer, FcntlArg::F_SETPIPE_SZ(SMALLEST)).expect("a pipe can be made small");
    // The reader inherits the mask: a signal comes to the writer.
    let signals = SigSet::from(Signal::SIGUSR1);
    signals.thread_block().expect("a signal can be blocked");
    let told = channel.clone();
    let reading = thread::spawn(move || take_as_told(reader, &told));
    signals.thread_unblock().expect("a signal can be let in");
    driver::tolerate_signals(if restart { SaFlags::SA_RESTART } else { SaFlags::empty() });
    let result = io::write_all(writer.as_fd(), &pattern(size));
    drop(writer);
    // What is written may still be in the pipe: all is well only when the reader has done as it was told.
    if result.is_ok() {
        reading.join().expect("the reader does as it is told");
    }
    channel.say(returned(result));
}

/// Takes from the pipe as much as each line of standard input says; then closes it.
fn take_as_told(reader: OwnedFd, channel: &Channel<Pipes>) {
    let reader = File::from(reader);
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let count = line.parse().expect("a line of the input is a number");
        let mut taken = Vec::new();
        (&reader).take(count).read_to_end(&mut taken).expect("a pipe can be read");
        channel.answer(Answer::Taken(Content::of(&taken)));
    }
}

pub fn read_to_end(path: Option<PathBuf>, channel: &Channel<Pipes>) {
    driver::tolerate_signals(SaFlags::empty());
    let file = path.map(|path| File::open(path).expect("the grader has made what it names"));
    let stdin = std::io::stdin();
    let fd = file.as_ref().map_or(stdin.as_fd(), AsFd::as_fd);
    channel.say(bytes(io::read_to_end(fd)));
}

pub fn read_exact(sizes: &[usize], channel: &Channel<Pipes>) {
    driver::tolerate_signals(SaFlags::empty());
    for &size in sizes {
        let mut buffer = vec![0; size];
        let result = io::read_exact(std::io::stdin().as_fd(), &mut buffer);
        channel.say(bytes(result.map(|()| buffer)));
    }
}
