//! A grading as JSON, for programs. The names are fixed; timings and absolute paths are not part of it.

use super::Report;

/// The report as JSON, indented, in a stable order, ending in a line end.
pub fn render(report: &Report) -> serde_json::Result<String> {
    let mut report = report.clone();
    for message in report.labs.iter_mut().flat_map(|lab| &mut lab.messages) {
        message.text = anstream::adapter::strip_str(&message.text).to_string();
    }
    Ok(visible(&serde_json::to_string_pretty(&report)?) + "\n")
}

/// JSON may hold some control characters as they are; a terminal that is shown it would obey them.
fn visible(json: &str) -> String {
    let escaped = |c: char| match c {
        c if c == '\n' || !c.is_control() => c.to_string(),
        c => format!("\\u{:04x}", u32::from(c)),
    };
    json.chars().map(escaped).collect()
}
