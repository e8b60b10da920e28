//! What the labs' drivers share, compiled once and not again with every submission.

mod channel;
mod handler;
mod listener;
mod pause;

pub use channel::{Channel, Deliberate};
pub use handler::handle;
pub use listener::{Options, internet, listener, listening_at, local, peer};
pub use pause::{gate, hold, tolerate_signals};
