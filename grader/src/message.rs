//! The words of everything that happens before a check runs, and instead of it.

use crate::attempt::Fault;
use crate::build::Limit;
use crate::check::{Finding, Location, Status};
use crate::compile::PATIENCE;
use crate::course::Lack;
use crate::policy::Violation;
use crate::sandbox::{self, Level};
use crate::stage::Holder;
use crate::submission::Refusal;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What stands above the checks for a file that was not read. `shown` is the directory of the lab.
pub(crate) fn refused_file(lab: &str, shown: &str, file: &str, refusal: &Refusal) -> String {
    let told = match refusal {
        Refusal::NoLab => format!("{shown} {refusal}"),
        _ => format!("{shown}/{file} {refusal}"),
    };
    // A restart is of what lies in labs/.
    let restart = remedy(lab, file, refusal).filter(|_| Path::new(shown).ends_with(format!("labs/{lab}")));
    restart.map_or(told.clone(), |restart| format!("{told} {restart}"))
}

/// How a file comes back that is not there.
fn remedy(lab: &str, file: &str, refusal: &Refusal) -> Option<String> {
    let restart = format!("`make restart LAB={lab}");
    match refusal {
        Refusal::NoLab => Some(format!("{restart}` puts the starter there.")),
        Refusal::NoDirectory(_) => Some(format!("{restart}` puts the starter's missing files there.")),
        Refusal::Missing | Refusal::Empty => {
            Some(format!("{restart} FILE={file}` puts the starter's file there."))
        }
        _ => None,
    }
}

/// The starters are not cut anew: this file may hold somebody's work.
pub(crate) fn edited(file: &Path) -> String {
    format!("{} is not as it was last cut: it may hold somebody's work", file.display())
}

/// What to do instead of cutting all starters anew.
pub(crate) fn restarts(lab: &str) -> String {
    format!("`make restart LAB={lab}` puts the starter of {lab} back, and keeps a copy of each old file")
}

/// What follows the names of files that may hold work.
pub(crate) const NOTHING_CUT: &str = "Nothing was written. `cargo run -q -p grader -- starters --force` overwrites these files, and keeps no copy.";

/// There is nothing from which a starter can be cut.
pub(crate) fn no_starter(lab: &str) -> String {
    format!(
        "there is no solutions/{lab} here, from which the starter is cut. Where the course came by git, \
         `git checkout -- labs/{lab}` brings the starter back; it keeps no copy of your files"
    )
}

/// A file is the starter's again; `kept` is where the old one is now.
pub(crate) fn restarted(file: &Path, kept: Option<&Path>) -> String {
    let file = file.display();
    match kept {
        Some(kept) => format!("{file} is the starter's again. Your old file is {}.", kept.display()),
        None => format!("{file} is there again, as the starter has it."),
    }
}

/// The files are the starter's already.
pub(crate) fn nothing_to_restart(lab: &Path, file: Option<&str>) -> String {
    let what = file.map_or_else(|| lab.display().to_string(), str::to_owned);
    format!("{what} is as the starter has it; nothing was written.")
}

/// A check of a file that cannot be graded.
pub(crate) fn faulty_file(file: &str, fault: &Fault) -> Finding {
    let fail = |summary: String| Finding::new(Status::Fail, summary);
    match fault {
        Fault::Refused(refusal) => {
            let mut finding = fail(format!("{file} {refusal}"));
            if let Refusal::Unreadable(_) = refusal {
                finding.status = Status::Unchecked;
            }
            if let Refusal::OffLimits { line, .. } = refusal {
                finding.location =
                    u32::try_from(*line).ok().map(|line| Location { file: file.to_owned(), line });
            }
            finding
        }
        Fault::DoesNotCompile => fail(format!(
            "{file} does not compile, so there is nothing to run; the compiler's messages say why."
        )),
        Fault::NeedsOthers(others) => {
            fail(format!("{file} cannot be tried yet: it needs {others}, to be mended first."))
        }
        Fault::Ours => Finding::new(
            Status::Unchecked,
            "The grader's own program does not compile, though nothing is amiss in the lab's files.",
        ),
        Fault::Limit(limit) => Finding::new(
            Status::Limit,
            format!("The compiler did not get through {file} {}.", compiler_limit(*limit)),
        ),
    }
}

fn compiler_limit(limit: Limit) -> String {
    match limit {
        Limit::Time => format!("with {} seconds of processor time", PATIENCE.as_secs()),
        Limit::Stack => "on its usual stack: something nests too deeply".to_owned(),
        Limit::Memory => format!("with {} GiB of memory", sandbox::RUSTC_MEMORY >> 30),
        Limit::File => "without writing a file that is too large".to_owned(),
    }
}

/// A check of a file that uses what the lab forbids.
pub(crate) fn violation(violation: &Violation) -> Finding {
    let Violation { file, line, item, reason } = violation;
    Finding {
        location: Some(Location { file: file.clone(), line: *line }),
        expected: Some(format!("{file} does without `{item}`")),
        seen: Some(format!("`{item}` in line {line}")),
        ..Finding::new(
            Status::Fail,
            format!("{file} uses `{item}`, which is off limits in this lab: {reason}."),
        )
    }
}

/// What stands above the compiler's messages where a file was not read.
pub(crate) fn compiled_without(files: &str) -> String {
    format!(
        "The compiler was given the starter's version of {files} instead. What it says of the other files may come \
         from that."
    )
}

/// What stands below the compiler's messages where there are too many to be shown.
pub(crate) fn unsaid(count: usize) -> String {
    format!(
        "{count} more messages of the compiler are not shown. The first ones often bring the others about."
    )
}

/// What stands above the messages about files that go together with the student's own, but not with the grader's.
pub(crate) fn with_given(files: &[String]) -> String {
    format!(
        "Some checks have the grader's own {} in place of yours: it has the functions of the starter, and no others. Use \
         only those in your other files.",
        files.join(", ")
    )
}

/// A check that ran into the starter's version of a file, because the student's is not there.
pub(crate) fn needs_others(files: &str) -> Finding {
    Finding::new(Status::Fail, format!("This part calls functions of {files}, which has to be mended first."))
}

/// A check that ran into a function which was left out, because it uses what is off limits.
pub(crate) fn needs_barred(function: &str, violation: &Violation) -> Finding {
    let Violation { file, line, item, reason } = violation;
    Finding {
        location: Some(Location { file: file.clone(), line: *line }),
        ..Finding::new(
            Status::Fail,
            format!(
                "This part calls `{function}`, which uses `{item}` in line {line}. That is off limits in this lab: {reason}."
            ),
        )
    }
}

/// The same where the grader was kept from reading one of these files.
pub(crate) fn needs_unread(files: &str) -> Finding {
    Finding::new(
        Status::Unchecked,
        format!("This part calls functions of {files}, and the grader was not allowed to read all of that."),
    )
}

/// A check that would have passed, had the grader been able to look at what the program uses.
pub(crate) fn policy_unseen(passed: &Finding) -> Finding {
    let why = "Nothing wrong was seen, but clippy is not installed, so forbidden types and functions go unseen: \
               `rustup component add clippy` installs it.";
    Finding { status: Status::Unchecked, summary: why.to_owned(), ..passed.clone() }
}

/// A check without a result, which is the grader's own failure.
pub(crate) fn never_ran() -> Finding {
    Finding::new(Status::Unchecked, "The grader came to its end without running this check.")
}

/// A function that is not declared as the starter declares it: `found` is the line of its own declaration, and the text.
pub(crate) fn changed_declaration(
    file: &str,
    function: &str,
    wanted: &str,
    found: Option<(u32, String)>,
) -> String {
    let name = function.rsplit("::").next().unwrap_or(function);
    let code = |line: &str| format!("`{}`", line.split('{').next().unwrap_or_default().trim_end());
    match found {
        None => format!("{file} has no function `{name}` of the form {}.", code(wanted)),
        Some((line, found)) => {
            format!("{file}, line {line}: {} was {} in the starter.", code(&found), code(wanted))
        }
    }
}

/// What stands above the compiler's messages where they are about the program that calls the lab's functions.
pub(crate) const CHANGED_SIGNATURE: &str = "The program that grades the lab calls its functions with the names and types \
     that the starter declares. They have to stay as they were; what is inside them is free.";

/// A name on the command line that nothing has: `nothing` says what there is not, `others` begins the list of what there is.
pub(crate) fn unknown_name(nothing: &str, name: &str, others: &str, known: &[String]) -> String {
    let nearness = |other: &String| strsim::jaro(&name.to_lowercase(), other);
    let nearest = known.iter().max_by(|one, other| nearness(one).total_cmp(&nearness(other)));
    match nearest.filter(|nearest| nearness(nearest) > 0.75) {
        Some(nearest) => format!("{nothing} `{name}`; did you mean `{nearest}`?"),
        None => format!("{nothing} `{name}`; {others} {}", known.join(", ")),
    }
}

/// Cargo goes on, and nothing comes of it.
pub(crate) fn standstill(patience: Duration) -> String {
    format!("cargo has compiled nothing for {} minutes, and was ended", patience.as_secs() / 60)
}

/// The grader is started outside of every course.
pub(crate) fn no_course_around(here: &Path) -> String {
    format!(
        "there is no course here: neither {} nor a folder above it holds the course's Cargo.toml, Cargo.lock and \
         grader/labs. Change into the course's folder (`cd`), or name it with --root DIR",
        here.display()
    )
}

/// The directory that --root names is not the course's.
pub(crate) fn no_course_at(root: &Path, lack: &Lack) -> String {
    let (path, error) = (root.join(lack.path), &lack.error);
    format!(
        "{} is not the course's folder: cannot find {}: {error}. --root takes the folder that holds labs/ and grader/",
        root.display(),
        path.display()
    )
}

/// Where the grader is started, there is no directory any more.
pub(crate) fn no_current_directory(error: &io::Error) -> String {
    format!("cannot find the current folder: {error}. Change into the course's folder (`cd`)")
}

/// What the doctor does while nothing is seen of it.
pub(crate) const EXAMINING: &str =
    "The doctor tries what a grading does, and compiles a small lab. This takes some seconds.";

/// What a hint waits for.
pub(crate) fn grading_first(lab: &str) -> String {
    format!("{lab} is graded first: the hint is for the first part that does not pass.")
}

/// What takes long, the first time.
pub(crate) const FIRST_BUILD: &str =
    "The packages that the labs depend on are compiled first. This is done once.";

/// Another grader compiles in the same tree.
pub(crate) fn waiting(holder: Option<Holder>) -> String {
    const WHO: &str = "another grader is at work in this tree";
    let Some(Holder { pid, held, stopped }) = holder else {
        return format!("{WHO}; waiting until it has compiled");
    };
    let since = duration(held);
    match stopped {
        false => format!("{WHO}: process {pid}, for {since}; waiting until it has compiled"),
        true => format!(
            "{WHO}: process {pid}, for {since}, but it is stopped. Type `fg` in its terminal to let it go on, or end it with \
             `kill -9 {pid}`"
        ),
    }
}

/// "1 second", "3 minutes"
fn duration(span: Duration) -> String {
    let (count, unit) = match span.as_secs() {
        seconds @ 0..60 => (seconds, "second"),
        seconds @ 60..3600 => (seconds / 60, "minute"),
        seconds => (seconds / 3600, "hour"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// A level of isolation was demanded that this machine does not have.
pub(crate) fn no_sandbox(level: Level, obstacle: &str) -> String {
    format!(
        "this machine cannot run programs at the level `{}`: {obstacle}. `grader doctor` says what can be done about it",
        level.name()
    )
}

/// Checks have no directory to work in.
pub(crate) fn no_directory(error: &std::io::Error) -> String {
    format!(
        "checks need a directory for temporary files, and none can be made: {error}. Set the variable TMPDIR to a directory \
         that exists and that you can write to, such as /tmp"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grader_that_holds_the_lock_is_named() {
        let held = Duration::from_secs(150);
        let told = |stopped| waiting(Some(Holder { pid: 12, held, stopped }));
        assert!(told(false).contains("process 12, for 2 minutes; waiting"), "{}", told(false));
        assert!(told(true).contains("`fg`") && told(true).contains("`kill -9 12`"), "{}", told(true));
    }

    #[test]
    fn spans_are_told_in_their_unit() {
        for (seconds, told) in [(0, "0 seconds"), (1, "1 second"), (119, "1 minute"), (7200, "2 hours")] {
            assert_eq!(duration(Duration::from_secs(seconds)), told);
        }
    }
}
