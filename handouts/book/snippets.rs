//! Every snippet of the chapters, as a test that it compiles.

#[doc = include_str!("../src/introduction.md")]
mod introduction {}
#[doc = include_str!("../src/pipes.md")]
mod pipes {}
#[doc = include_str!("../src/condvar-buffer.md")]
mod condvar_buffer {}
#[doc = include_str!("../src/semaphore-buffer.md")]
mod semaphore_buffer {}
#[doc = include_str!("../src/sockets-v1.md")]
mod sockets_v1 {}
#[doc = include_str!("../src/fork-server.md")]
mod fork_server {}
#[doc = include_str!("../src/threaded-server.md")]
mod threaded_server {}
#[doc = include_str!("../src/words.md")]
mod words {}
