//! Text that students wrote (source lines, names, output) made safe to print: it can neither move the cursor, nor
//! colour what the grader says, nor show letters in another order than they stand in.

/// One line of text: control characters, line ends, and characters that are invisible or reorder become `\u{…}`.
pub(crate) fn line(text: &str) -> String {
    text.chars().map(visible).collect()
}

/// What a program wrote: as [`line`], but line ends stay, and bytes that are not UTF-8 become `\x…`.
pub(crate) fn output(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.extend(chunk.valid().chars().map(|c| if c == '\n' { c.into() } else { visible(c) }));
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
    }
    text
}

/// What the compiler wrote: as [`line`], but line ends and colours stay.
pub(crate) fn coloured(text: &str) -> String {
    let mut safe = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = colour(rest).unwrap_or(c.len_utf8());
        let (part, after) = rest.split_at(length);
        if part == "\n" || length > c.len_utf8() {
            safe.push_str(part)
        } else {
            safe.push_str(&visible(c))
        }
        rest = after;
    }
    safe
}

/// The length of the colour sequence that the text starts with: `ESC [ numbers m`.
fn colour(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|c: char| !c.is_ascii_digit() && c != ';')?;
    numbers[end..].starts_with('m').then_some(2 + end + 1)
}

fn visible(c: char) -> String {
    match c {
        '\t' => "    ".into(),
        '\r' => "\\r".into(),
        c if c.is_control() || is_deceptive(c) => c.escape_unicode().to_string(),
        c => c.into(),
    }
}

/// Whether a character reorders, separates or joins its neighbours without being seen itself.
fn is_deceptive(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
        | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelt_out() {
        assert_eq!(line("a\u{1b}[31mb\u{7}\rc\nd"), "a\\u{1b}[31mb\\u{7}\\rc\\u{a}d");
    }

    #[test]
    fn characters_that_reorder_or_hide_are_spelt_out() {
        assert_eq!(line("x\u{202e}y\u{200b}z\u{feff}"), "x\\u{202e}y\\u{200b}z\\u{feff}");
        assert_eq!(line("Grüße → ≤"), "Grüße → ≤");
    }

    #[test]
    fn output_keeps_its_lines_and_shows_stray_bytes() {
        assert_eq!(output(b"one\ntwo\xff\x00\xc3\xa9\n"), "one\ntwo\\xff\\u{0}é\n");
    }

    #[test]
    fn the_compilers_colours_stay_and_nothing_else() {
        assert_eq!(
            coloured("\u{1b}[1;31merror\u{1b}[0m\n\u{1b}[2J\u{1b}"),
            "\u{1b}[1;31merror\u{1b}[0m\n\\u{1b}[2J\\u{1b}"
        );
    }
}
