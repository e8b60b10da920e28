//! What the labs are given.
