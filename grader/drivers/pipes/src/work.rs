//! Workers, and what their servers do.

use crate::answer::{bytes, returned, status};
use crate::home;
use driver::{Channel, Deliberate};
use nix::sys::signal::{SaFlags, Signal, raise};
use pipes::Error;
use pipes::channel::Worker;
use protocol::pattern;
use protocol::pipes::{Act, Handler, Pipes};

pub fn work(acts: &[Act], channel: &Channel<Pipes>) {
    driver::tolerate_signals(SaFlags::empty());
    let mut workers = Vec::new();
    for act in acts {
        match *act {
            Act::Start(handler) => {
                let worker = home::call(channel, || start(handler));
                channel.say(returned(worker.as_ref().map_err(|error| *error)));
                // Without a worker there is nothing to go on with, and the grader has been told why.
                workers.push(Some(worker.unwrap_or_else(|_| driver::hold())));
            }
            Act::Call { worker, size } => {
                let worker = workers[worker].as_mut().expect("the worker has been started, and not stopped");
                channel.say(bytes(home::call(channel, || worker.call(&pattern(size)))));
            }
            Act::Stop { worker } => {
                let worker = workers[worker].take().expect("the worker has been started, and not stopped");
                channel.say(status(home::call(channel, || worker.stop())));
            }
            Act::Wait => drop(std::io::stdin().read_line(&mut String::new())),
        }
    }
    driver::hold();
}

fn start(handler: Handler) -> Result<Worker, Error> {
    let mut requests = 0;
    Worker::start(move |request: &[u8]| {
        requests += 1;
        answer(handler, request, requests)
    })
}

fn answer(handler: Handler, request: &[u8], requests: usize) -> Vec<u8> {
    match handler {
        Handler::Echo => request.to_vec(),
        Handler::Size(size) => pattern(size),
        Handler::Count => requests.to_string().into_bytes(),
        Handler::Process => std::process::id().to_string().into_bytes(),
        Handler::Panic => std::panic::panic_any(Deliberate),
        Handler::Exit(status) => oslab::_exit(status),
        Handler::Signal(number) => {
            let signal = Signal::try_from(number).expect("the grader knows its signals");
            raise(signal).expect("a process may send itself a signal");
            unreachable!("the signal ends the process")
        }
    }
}
