//! How text looks: its width, its glyphs and its styles. Everything reads the same without colour.

mod glyphs;

pub use glyphs::{ASCII, Glyphs, UNICODE};

use crate::escape;
use anstyle::{AnsiColor, Style};
use std::io::IsTerminal;
use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Headlines, labels, names of lanes.
pub(crate) const STRONG: Style = Style::new().bold();
/// Numbers, and what is only there for completeness.
pub(crate) const DIM: Style = Style::new().dimmed();
/// The lock, and places in the source.
pub(crate) const PLACE: Style = AnsiColor::BrightBlue.on_default();
/// What went wrong, and what is stuck.
pub const WRONG: Style = AnsiColor::Red.on_default();
/// What holds, and the step that would have helped.
pub(crate) const HELP: Style = AnsiColor::Green.on_default();

/// The width and the glyphs of a rendering.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// In columns, at least 80.
    pub width: usize,
    /// Which glyphs the reader's terminal knows.
    pub glyphs: &'static Glyphs,
}

impl Look {
    /// The look that suits standard output: the terminal's width within reason, ASCII unless the locale is UTF-8.
    pub(crate) fn of_stdout() -> Look {
        let width = if std::io::stdout().is_terminal() { textwrap::termwidth() } else { 80 };
        Look { width: width.clamp(80, 110), glyphs: Glyphs::of_locale() }
    }

    /// A text as it may be printed: escaped, on one line, in the reader's alphabet.
    pub fn text(&self, text: &str) -> String {
        let text = escape::line(text);
        if self.glyphs.ascii { glyphs::ascii(&text) } else { text }
    }

    /// The same, cut to a number of columns.
    pub fn cut(&self, text: &str, columns: usize) -> String {
        let text = self.text(text);
        if text.width() <= columns {
            return text;
        }
        let mut width = 0;
        let fits = |c: &char| {
            width += c.width().unwrap_or(0);
            width < columns
        };
        let mut short: String = text.chars().take_while(fits).collect();
        if columns > 0 {
            short.push(self.glyphs.cut);
        }
        short
    }

    /// The same, wrapped to at most so many lines. What does not fit is cut off, visibly.
    pub(crate) fn wrap_to(&self, text: &str, indent: usize, most: usize) -> Vec<String> {
        let mut lines = self.wrap(text, indent);
        if lines.len() > most {
            let rest = lines.split_off(most.saturating_sub(1)).join(" ");
            lines.push(self.cut(&rest, self.width - indent));
        }
        lines
    }

    /// The same, wrapped: lines of at most the look's width minus an indent. What stands in backticks stays together.
    pub(crate) fn wrap(&self, text: &str, indent: usize) -> Vec<String> {
        let options = Options::new(self.width - indent)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        let text = bound(&self.text(text));
        let lines = textwrap::wrap(&text, options);
        lines.iter().map(|line| line.replace(TIED, " ").trim_end().to_owned()).collect()
    }
}

/// A text in a style; nothing for the empty text.
pub(crate) fn paint(style: Style, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

/// A text followed by spaces up to a number of columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(text.width())))
}

/// Stands for a space at which a text is not to be wrapped.
const TIED: char = '\u{a0}';

/// A text with the spaces between backticks tied.
fn bound(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let tied =
        parts.map(|(number, part)| if number % 2 == 1 { part.replace(' ', "\u{a0}") } else { part.into() });
    tied.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NARROW: Look = Look { width: 80, glyphs: &UNICODE };

    #[test]
    fn a_cut_text_has_exactly_the_columns_it_may_have() {
        assert_eq!(NARROW.cut("abcdef", 6), "abcdef");
        assert_eq!(NARROW.cut("abcdef", 5), "abcd…");
        assert_eq!(NARROW.cut("日本語", 5), "日本…");
        assert_eq!(NARROW.cut("日本語", 4), "日…");
        assert_eq!(NARROW.cut("abc", 0), "");
    }

    #[test]
    fn a_command_is_never_broken() {
        let text = "x ".repeat(36) + "then `make grade LAB=pipes`";
        assert_eq!(NARROW.wrap(&text, 0).last().unwrap(), "`make grade LAB=pipes`");
    }

    #[test]
    fn ascii_leaves_no_other_character() {
        let look = Look { width: 80, glyphs: &ASCII };
        assert_eq!(look.text("dup2 6→1 … “ä”"), "dup2 6->1 ~ \"?\"");
    }
}
