//! Counters that all connections share.
//!
//! `count = count + 1` is three steps: read, add, write. Two threads that take them at the same time may both read 41, and
//! both write 42; one of them has counted in vain, and nobody notices. What it takes to count right is a step that nobody
//! can get into the middle of.

// SOLUTION
use oslab::sync::{AtomicU64, Ordering};
// STARTER
// use oslab::sync::AtomicU64;
// END

/// What the server has done so far. Shared by all threads (in an `Arc`, say): every function takes `&self`, and may be
/// called by any number of threads at the same time.
///
/// Nothing is lost and nothing is counted twice, whatever the load. No function waits for a client.
pub struct Stats {
    // One way among others: three numbers, each of them shared without a lock. `oslab::sync::Mutex` is another.
    /// Connections opened so far.
    opened: AtomicU64,
    /// Connections closed so far: never more than were opened.
    closed: AtomicU64,
    /// Bytes served so far.
    bytes: AtomicU64,
}

/// The counters as they were at some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Snapshot {
    /// Connections opened until then.
    pub opened: u64,
    /// Connections closed until then.
    pub closed: u64,
    /// Bytes served until then.
    pub bytes: u64,
}

impl Snapshot {
    /// The connections that were open.
    ///
    /// # Panics
    /// Where more were closed than opened: no [`Stats`] says so.
    pub fn open(&self) -> u64 {
        self.opened.checked_sub(self.closed).expect("only an open connection can be closed")
    }
}

impl Stats {
    /// Nothing has happened yet.
    pub fn new() -> Stats {
        Stats { opened: AtomicU64::new(0), closed: AtomicU64::new(0), bytes: AtomicU64::new(0) }
    }

    /// Counts a connection that was opened.
    pub fn connection_opened(&self) {
        // SOLUTION
        self.opened.fetch_add(1, Ordering::SeqCst);
        // STARTER
        // // What there is to work with:
        // let Stats { opened, closed, bytes } = self;
        // todo!("add 1 to the connections opened, in one step")
        // END
    }

    /// Counts a connection that was closed. It was counted as opened before.
    pub fn connection_closed(&self) {
        // SOLUTION
        self.closed.fetch_add(1, Ordering::SeqCst);
        // STARTER
        // todo!("add 1 to the connections closed, in one step")
        // END
    }

    /// Counts bytes that were served.
    pub fn bytes(&self, count: u64) {
        // SOLUTION
        self.bytes.fetch_add(count, Ordering::SeqCst);
        // STARTER
        // todo!("add count to the bytes served, in one step")
        // END
    }

    /// The counters as they stand.
    ///
    /// - Each of them contains every call that had returned when `snapshot` was called, and no call that had not yet begun
    ///   when `snapshot` returned. A call that is under way meanwhile may be in it or not.
    /// - The three need not be of the very same moment. But no snapshot has more connections closed than opened.
    pub fn snapshot(&self) -> Snapshot {
        // SOLUTION
        // In this order: a connection that is opened and closed between the two looks is then missing from the first number.
        let closed = self.closed.load(Ordering::SeqCst);
        let opened = self.opened.load(Ordering::SeqCst);
        Snapshot { opened, closed, bytes: self.bytes.load(Ordering::SeqCst) }
        // STARTER
        // todo!("read the three counters; is there an order in which more seem to be closed than opened?")
        // END
    }
}

impl Default for Stats {
    fn default() -> Stats {
        Stats::new()
    }
}
