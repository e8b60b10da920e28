//! Threads, with the same functions as in [`std::thread`]. While the grader searches schedules (feature `explore`),
//! they are those of the explorer.

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

    /// A thread that was started. If it is dropped, the thread continues without it.
    ///
    /// It can be hashed, so that it can be kept in a [`Mutex`](crate::sync::Mutex).
    #[derive(Debug)]
    pub struct JoinHandle<T>(std::thread::JoinHandle<T>);

    impl<T> JoinHandle<T> {
        /// Blocks until the thread has ended, and returns what its function returned. Then the system has freed
        /// everything that the thread used. See `pthread_join(3)`.
        ///
        /// # Errors
        /// The payload of the panic, if the thread ended by a panic.
        pub fn join(self) -> std::thread::Result<T> {
            self.0.join()
        }
    }

    impl<T> Hash for JoinHandle<T> {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }

    /// Starts a thread that runs `body`, and returns at once. See `pthread_create(3)`.
    ///
    /// A panic in `body` ends only that thread.
    ///
    /// # Panics
    /// If the system cannot start another thread; [`Builder::spawn`] returns an error instead.
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

        /// Starts it, like [`spawn`].
        ///
        /// # Errors
        /// If the system cannot start another thread (`EAGAIN`): a limit is reached, or there is not enough memory.
        /// `body` is then dropped, with all values that it owns.
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
