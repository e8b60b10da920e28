//! The grader: the hidden tests of the labs, and everything that runs, judges and reports.

pub mod check;
pub mod checks;
pub mod report;
pub mod steps;
pub mod timeline;
