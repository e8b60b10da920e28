//! The items of the labs' buffers.

use std::hash::Hash;

/// A value that can be put into the labs' buffers: it may move to another thread, lives long enough, and can be
/// hashed. There is nothing to implement: every type with these properties is an `Item`.
///
/// The hash is for the grader. It runs your buffer under thousands of schedules and hashes its state on the way. It
/// recognises a state that it has seen before, and need not search it again.
pub trait Item: Hash + Send + 'static {}

impl<T: Hash + Send + 'static> Item for T {}
