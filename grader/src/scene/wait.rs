//! The one loop in which everything waits.
