//! What the labs' drivers share, compiled once and not again with every submission. A driver knows no test: what it is to
//! do arrives as data.

pub mod buffer;
mod channel;
mod handler;
mod listener;
mod order;
mod pause;
pub mod pool;
pub mod search;
pub mod semaphore;
pub mod stats;

pub use channel::Channel;
pub use explore::Deliberate;
pub use handler::handle;
pub use listener::{Options, deaf, internet, listener, listening_at, local, peer};
pub use pause::{gate, hold, tolerate_signals};
