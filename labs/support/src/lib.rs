//! What the labs are given: thin, safe names for what the standard library lacks or hides.

mod item;
pub mod sync;
pub mod thread;

#[cfg(feature = "explore")]
mod explorer;

#[cfg(feature = "explore")]
pub use explorer::explore;
pub use item::Item;
