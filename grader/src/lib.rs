//! The grader: the hidden tests of the labs, and everything that runs, judges and reports.

pub mod check;
pub mod checks;
pub mod observe;
pub mod process;
pub mod report;
pub mod scene;
pub mod steps;
pub mod supervisor;
pub mod timeline;
