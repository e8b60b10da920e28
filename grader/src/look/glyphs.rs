//! The glyphs of a drawing, for terminals that know UTF-8 and for those that do not.

/// The glyphs of a rendering.
#[derive(Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Glyphs {
    pub runs: &'static str,
    pub holds: &'static str,
    pub wants: &'static str,
    pub waits: &'static str,
    pub zombie: &'static str,
    pub wrong: &'static str,
    pub right: &'static str,
    pub missing: &'static str,
    pub stuck: &'static str,
    pub at_rest: &'static str,
    pub not_begun: &'static str,
    pub rule: &'static str,
    pub heavy_rule: &'static str,
    pub cut: char,
    /// Whether texts are rewritten in ASCII too.
    pub ascii: bool,
}

/// For terminals that know UTF-8.
pub static UNICODE: Glyphs = Glyphs {
    runs: "│",
    holds: "┃",
    wants: "░",
    waits: "┊",
    zombie: "Z",
    wrong: "✗",
    right: "✓",
    missing: "✓",
    stuck: "■",
    at_rest: "○",
    not_begun: "·",
    rule: "─",
    heavy_rule: "━",
    cut: '…',
    ascii: false,
};

/// For terminals that do not.
pub static ASCII: Glyphs = Glyphs {
    runs: "|",
    holds: "#",
    wants: "%",
    waits: ":",
    zombie: "Z",
    wrong: "X",
    right: "v",
    missing: "+",
    stuck: "@",
    at_rest: "o",
    not_begun: ".",
    rule: "-",
    heavy_rule: "=",
    cut: '~',
    ascii: true,
};

impl Glyphs {
    /// Those that suit the locale.
    pub(super) fn of_locale() -> &'static Glyphs {
        if locale_is_utf8() { &UNICODE } else { &ASCII }
    }
}

fn locale_is_utf8() -> bool {
    let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set).unwrap_or_default().to_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

/// The same text in ASCII alone.
pub(super) fn ascii(text: &str) -> String {
    text.chars().map(in_ascii).collect()
}

fn in_ascii(c: char) -> String {
    match c {
        '→' => "->".into(),
        '…' => "~".into(),
        '’' | '‘' => "'".into(),
        '“' | '”' => "\"".into(),
        '–' | '—' => "-".into(),
        '×' => "x".into(),
        '≤' => "<=".into(),
        '≥' => ">=".into(),
        '\u{a0}' | '\u{202f}' => " ".into(),
        c if c.is_ascii() => c.into(),
        _ => "?".into(),
    }
}
