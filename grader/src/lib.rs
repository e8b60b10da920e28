//! The grader: the hidden tests of the labs, and everything that runs, judges and reports.

mod attempt;
pub mod candidate;
pub mod check;
pub mod compile;
mod corpus;
pub mod course;
mod diagnostic;
pub mod exit_code;
pub mod grade;
pub mod lab;
mod manifest;
pub mod message;
pub mod policy;
pub mod progress;
pub mod escape;
pub mod look;
pub mod report;
pub mod source;
pub mod stage;
pub mod starter;
pub mod steps;
pub mod submission;
pub mod timeline;
pub mod verify;
