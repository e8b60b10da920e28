//! What the compiler says of a lab's files: what stands before the parts, and its warnings.

use super::{Author, LabReport, Message, View};
use crate::escape;
use crate::look::{DIM, Look, STRONG, paint};

/// The messages above the parts, in at most so many lines.
pub(super) fn messages(lab: &LabReport, most: usize, look: &Look) -> Vec<String> {
    let mut lines: Vec<String> = lab
        .messages
        .iter()
        .flat_map(|message| [shown(message, look), vec![String::new()]].concat())
        .collect();
    lines.pop();
    if lines.len() > most {
        let more = lines.split_off(most).iter().filter(|line| !line.is_empty()).count();
        let all = format!("`make grade LAB={} ALL=1`", lab.lab);
        let said = paint(DIM, &format!("({more} lines of messages are not shown: {all})"));
        lines.push(format!("{}{said}", anstyle::Reset));
    }
    lines
}

fn shown(message: &Message, look: &Look) -> Vec<String> {
    match message.author {
        Author::Grader => look.wrap(&message.text, 0),
        Author::Compiler => coloured(&message.text),
    }
}

fn coloured(text: &str) -> Vec<String> {
    escape::coloured(text.trim_end()).lines().map(str::to_owned).collect()
}

/// The first warnings, and how many there are.
pub(super) fn warnings(lab: &LabReport, most: usize, look: &Look, view: &View) -> Vec<String> {
    let count = lab.warnings.len();
    let kept = lab.warnings.iter().filter(|warning| !warning.is_empty());
    let shown: Vec<Vec<String>> = kept.take(most).map(|warning| coloured(warning)).collect();
    let warnings = if count == 1 { "a warning".to_owned() } else { format!("{count} warnings") };
    let said = match shown.len() {
        _ if count == 0 => return Vec::new(),
        0 => format!("The compiler has {warnings} about these files: {}", see(lab, view)),
        some if some == count => format!("The compiler has {warnings} about these files:"),
        some => format!("The compiler has {warnings} about these files ({}); here: {some}", see(lab, view)),
    };
    let said: Vec<String> = look.wrap(&said, 0).iter().map(|line| paint(STRONG, line)).collect();
    let mut paragraphs = vec![said];
    paragraphs.extend(shown);
    paragraphs.join(&String::new())
}

/// How to see more of them.
fn see(lab: &LabReport, view: &View) -> String {
    match view.all {
        true => format!("`cargo check -p {}`", lab.lab),
        false => format!("`make grade LAB={} ALL=1`", lab.lab),
    }
}
