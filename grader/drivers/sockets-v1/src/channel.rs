//! The way to the grader, for every thread of the program.

use protocol::driver::Reporter;
use protocol::sockets::{Said, Sockets};
use std::panic::{self, PanicHookInfo};
use std::sync::{Arc, Mutex, PoisonError};

/// Where results and panics go. The reporter is taken out by the last word.
#[derive(Clone)]
pub struct Channel(Arc<Mutex<Option<Reporter<Sockets>>>>);

impl Channel {
    pub fn new(reporter: Reporter<Sockets>) -> Channel {
        Channel(Arc::new(Mutex::new(Some(reporter))))
    }

    pub fn say(&self, said: Said) {
        if let Some(reporter) = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            reporter.send(said);
        }
    }

    pub fn done(self) {
        if let Some(reporter) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            reporter.done();
        }
    }

    /// Reports every panic before anything is unwound: whatever the panic closes, the grader knows why.
    pub fn report_panics(&self) {
        let channel = self.clone();
        panic::set_hook(Box::new(move |info| {
            channel.say(panicked(info));
            // As the usual hook does, but for the thread's number, which is another one each time.
            let place = info.location().map(|place| format!(" at {place}")).unwrap_or_default();
            eprintln!("panicked{place}:\n{}", info.payload_as_str().unwrap_or("a panic without words"));
        }));
    }
}

fn panicked(info: &PanicHookInfo<'_>) -> Said {
    let place = info.location().map(|place| (place.file().to_owned(), place.line()));
    let (file, line) = place.unwrap_or_default();
    let message = info.payload_as_str().unwrap_or("a panic without words").to_owned();
    Said::Panicked { message, file, line }
}
