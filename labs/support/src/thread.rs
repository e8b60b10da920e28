//! Threads, with the shape of [`std::thread`]. While the grader searches schedules (feature `explore`) they are the
//! explorer's.

#[cfg(feature = "explore")]
pub use explore::thread::{Builder, JoinHandle, sleep, spawn, yield_now};
#[cfg(not(feature = "explore"))]
pub use plain::{Builder, JoinHandle, spawn};
#[cfg(not(feature = "explore"))]
pub use std::thread::{sleep, yield_now};

#[cfg(not(feature = "explore"))]
mod plain {
    use std::hash::{Hash, Hasher};
    use std::io;

    /// A thread that was started. Dropping it lets the thread run on by itself.
    ///
    /// It can be hashed, so that it can be kept in a [`Mutex`](crate::sync::Mutex).
    #[derive(Debug)]
    pub struct JoinHandle<T>(std::thread::JoinHandle<T>);

    impl<T> JoinHandle<T> {
        /// Blocks until the thread has ended, and returns what its function returned. Only then the system has given
        /// back all that the thread used. See `pthread_join(3)`.
        ///
        /// # Errors
        /// The payload of the panic, where the thread ended in one.
        pub fn join(self) -> std::thread::Result<T> {
            self.0.join()
        }
    }

    impl<T> Hash for JoinHandle<T> {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }

    /// Starts a thread that runs `body`, and returns at once. See `pthread_create(3)`.
    ///
    /// A panic in `body` ends that thread, and no other.
    ///
    /// # Panics
    /// Where the system cannot start another thread; [`Builder::spawn`] returns an error instead.
    pub fn spawn<T: Send + 'static>(body: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
        JoinHandle(std::thread::spawn(body))
    }

    /// A thread about to be started.
    #[derive(Debug, Default)]
    pub struct Builder {
        name: Option<String>,
    }

    impl Builder {
        /// One without a name.
        pub fn new() -> Builder {
            Builder::default()
        }

        /// Gives it a name, which panics and tools such as `top -H` show.
        pub fn name(self, name: String) -> Builder {
            Builder { name: Some(name) }
        }

        /// Starts it, as [`spawn`] does.
        ///
        /// # Errors
        /// Where the system cannot start another thread (`EAGAIN`): a limit is reached, or memory is short. `body` is
        /// dropped then, with all it owns.
        pub fn spawn<T: Send + 'static>(
            self,
            body: impl FnOnce() -> T + Send + 'static,
        ) -> io::Result<JoinHandle<T>> {
            let builder = std::thread::Builder::new();
            let builder = match self.name {
                Some(name) => builder.name(name),
                None => builder,
            };
            builder.spawn(body).map(JoinHandle)
        }
    }
}
