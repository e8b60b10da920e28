//! What clients may ask of the handler that drivers give to a server: one byte, at the beginning of what they send.

/// A request. Whatever begins with another byte is echoed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Request {
    /// The handler returns, although the client is still there.
    Return = 1,
    /// It panics.
    Panic = 2,
    /// It ends its process by a signal.
    Abort = 3,
    /// It ends its process by `exit`.
    Exit = 4,
}

impl Request {
    /// The request that a byte stands for, if it does.
    pub fn of(byte: u8) -> Option<Request> {
        [Request::Return, Request::Panic, Request::Abort, Request::Exit]
            .into_iter()
            .find(|request| *request as u8 == byte)
    }
}
