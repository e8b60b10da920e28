//! `grader doctor`

use crate::cli::{Doctor, Format};
use crate::course::Course;
use crate::doctor::{self, Examination, State};
use crate::exit_code::ExitCode;
use crate::look::Look;
use crate::message;
use anyhow::{Context, Result};

pub(crate) fn run(course: &Course, arguments: &Doctor) -> Result<ExitCode> {
    let grader = std::env::current_exe().context("cannot find the grader's own program")?;
    eprintln!("{}", message::EXAMINING);
    let all = doctor::examine(&grader, course)?;
    match arguments.format {
        Format::Json => anstream::println!("{}", serde_json::to_string_pretty(&all)?),
        Format::Text => tell(&all),
    }
    Ok(doctor::code(&all))
}

fn tell(all: &[Examination]) {
    for Examination { what, state, found, means, change } in all {
        let sign = match state {
            State::Well => "ok",
            State::Weak => "weak",
            State::Missing => "MISSING",
        };
        anstream::println!("{:16}{sign:9}{}", what.name(), crate::escape::line(found));
        [means, change].into_iter().filter(|text| !text.is_empty()).for_each(|text| paragraph(text));
    }
    anstream::println!("\nPrograms run at the level `{}`.", doctor::level(all).name());
    anstream::println!("{}", verdict(all));
}

fn paragraph(text: &str) {
    let indent = " ".repeat(25);
    let options =
        textwrap::Options::new(Look::of_stdout().width).initial_indent(&indent).subsequent_indent(&indent);
    anstream::println!("{}", textwrap::fill(text, options));
}

fn verdict(all: &[Examination]) -> &'static str {
    match doctor::code(all) {
        ExitCode::Full => "Every check can be run on this machine.",
        ExitCode::Lost => "Every check can be run on this machine; what is weak is told above.",
        _ => {
            "Some checks cannot be run on this machine and come out as `unchecked`; what is missing is told above."
        }
    }
}
