//! Ports that a check may promise to a program.
//!
//! A program that is told port 0 needs none of this. Where a check must name a port, it must be one that nobody takes
//! between the choice and the program's own bind: the port lies outside the kernel's ephemeral range, so no connection is
//! given it; an abstract Unix socket named after it, held for as long as the [`Port`] lives, keeps every other grader in
//! this network namespace away; and a trial bind of both families, without address reuse, shows that neither a listener
//! nor a lingering connection uses it.

/// A port reserved for this check.
#[derive(Debug)]
pub struct Port {
    number: u16,
}

impl Port {
    /// Reserves a port. It stays this check's as long as the value lives.
    ///
    /// # Errors
    /// Where no port is free, or the kernel's range cannot be read.
    pub fn reserve() -> std::io::Result<Port> {
        todo!()
    }

    /// The port.
    pub fn number(&self) -> u16 {
        self.number
    }
}
