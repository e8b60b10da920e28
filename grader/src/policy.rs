//! What a lab forbids: as lints for clippy, which sees resolved paths, and as a look at the source for the few things
//! that no lint sees.

use crate::lab::{Forbidden, Lab};
use crate::submission::Refusal;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use std::fmt::Write;

/// The lints that do clippy's part.
pub(crate) const LINTS: [&str; 2] = ["clippy::disallowed_types", "clippy::disallowed_methods"];

/// A forbidden item, used in a file of the student's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// `src/server.rs`
    pub file: String,
    /// Counted from 1.
    pub line: u32,
    /// `std::net::TcpStream`
    pub item: String,
    /// Why it is off limits, as a clause.
    pub reason: String,
}

impl Violation {
    /// A file that is not the lab's was read while this one was compiled; where it is named, macros may hide.
    pub(crate) fn other_file(file: String) -> Violation {
        Violation { file, line: 1, item: "include!".to_owned(), reason: OTHER_FILES.to_owned() }
    }

    /// What clippy's message means, given what the lab forbids; nothing where the file may use it.
    pub(crate) fn new(lab: &Lab, message: &str, file: String, line: u32) -> Option<Violation> {
        let item = message.split('`').nth(1)?;
        let rule = lab.forbid.iter().find(|rule| rule.path() == item);
        if rule.is_some_and(|rule| !rule.holds_in(&file)) {
            return None;
        }
        let reason = rule.map(Forbidden::reason);
        Some(Violation {
            file,
            line,
            item: item.to_owned(),
            reason: reason.unwrap_or("the lab is done without it").to_owned(),
        })
    }
}

/// The lab's policy in clippy's own words.
pub(crate) fn clippy_toml(lab: &Lab) -> String {
    let (mut types, mut methods) = (String::new(), String::new());
    for rule in &lab.forbid {
        let list = match rule {
            Forbidden::Type { .. } => &mut types,
            Forbidden::Method { .. } => &mut methods,
        };
        write!(list, "{:?}, ", rule.path()).expect("a string takes everything");
    }
    format!("disallowed-types = [{types}]\ndisallowed-methods = [{methods}]\n")
}

/// Looks for what reads other files than the listed ones, or leaves the language. `no_unsafe` is how the lab's given
/// files have it.
///
/// It looks at tokens, so that macros hide nothing. A file without tokens is the compiler's to complain about.
pub(crate) fn look(text: &str, no_unsafe: bool) -> Result<(), Refusal> {
    let Ok(tokens) = text.parse::<TokenStream>() else { return Ok(()) };
    let streams = streams(tokens);
    // Where a macro makes attributes out of what it is given, a name anywhere can become one.
    let made = streams.iter().any(|(tokens, in_attribute)| *in_attribute && tokens.iter().any(is_given));
    for (tokens, in_attribute) in &streams {
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(name) if other_file(tokens, at) => {
                    let (line, what) = (name.span().start().line, format!("mod {};", tokens[at + 1]));
                    return Err(Refusal::OffLimits { line, what, reason: OTHER_FILES.to_owned() });
                }
                TokenTree::Punct(sign) if no_unsafe && two_lives(&tokens[at..]) => {
                    let (line, what) = (sign.span().start().line, "&'a &'b".to_owned());
                    return Err(Refusal::OffLimits { line, what, reason: HOLE.to_owned() });
                }
                TokenTree::Ident(name) if made && is_path(name) => {
                    let (line, what) = (name.span().start().line, "#[path]".to_owned());
                    return Err(Refusal::OffLimits { line, what, reason: OTHER_FILES.to_owned() });
                }
                TokenTree::Ident(name) if !in_attribute && is_path(name) => {}
                TokenTree::Ident(name) => look_at(name, tokens.get(at + 1), no_unsafe)?,
                _ => {}
            }
        }
    }
    Ok(())
}

/// The tokens of a file, and of each of its groups by itself, with whether they are in an attribute.
fn streams(tokens: TokenStream) -> Vec<(Vec<TokenTree>, bool)> {
    let mut streams = Vec::new();
    // Not by recursion: a file may nest deeper than the stack allows.
    let mut open = vec![(tokens, false)];
    while let Some((stream, in_attribute)) = open.pop() {
        let tokens: Vec<TokenTree> = stream.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            if let TokenTree::Group(group) = token {
                open.push((group.stream(), in_attribute || is_attribute(&tokens[..at], group)));
            }
        }
        streams.push((tokens, in_attribute));
    }
    streams
}

/// Whether a macro puts here what it is given.
fn is_given(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(sign) if sign.as_char() == '$')
}

fn is_path(name: &Ident) -> bool {
    name.to_string().trim_start_matches("r#") == "path"
}

/// Whether brackets are an attribute's: `#[…]`, `#![…]`. Elsewhere, `path = …` gives a variable its value.
fn is_attribute(before: &[TokenTree], group: &Group) -> bool {
    let is =
        |token: &TokenTree, sign: char| matches!(token, TokenTree::Punct(punct) if punct.as_char() == sign);
    let hash = match before {
        [.., hash, inner] if is(inner, '!') => hash,
        [.., hash] => hash,
        [] => return false,
    };
    group.delimiter() == Delimiter::Bracket && is(hash, '#')
}

/// Whether `mod name;` begins here. One with an attribute may be meant for the student's tests alone.
fn other_file(tokens: &[TokenTree], at: usize) -> bool {
    let is = |at: usize, text: &str| tokens.get(at).is_some_and(|token| token.to_string() == text);
    let named = matches!(tokens.get(at + 1), Some(TokenTree::Ident(_)));
    let before = tokens[..at].iter().rfind(|token| token.to_string() != "pub");
    let bare = !matches!(before, Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket);
    is(at, "mod") && named && is(at + 2, ";") && bare
}

/// Whether a reference to a reference begins here, with a lifetime each: what a signature has by which the compiler is made
/// to forget the shorter one (rust-lang/rust#25860).
fn two_lives(tokens: &[TokenTree]) -> bool {
    let is = |at: usize, sign: char| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == sign);
    let named = |at: usize| is(at, '&') && is(at + 1, '\'') && tokens.get(at + 2).is_some();
    named(0) && named(3)
}

const OTHER_FILES: &str = "only the lab's own files are graded, and each is complete in itself";
const LANGUAGE: &str = "the lab is about Rust's own means";
const CRATES: &str = "a lab uses std, nix and oslab, and names them by `use`";
const HOLE: &str = "by such a type the compiler can be made to forget how long a value lives";
const UNSAFE: &str = "everything in this lab can be done in safe Rust";

fn look_at(name: &Ident, next: Option<&TokenTree>, no_unsafe: bool) -> Result<(), Refusal> {
    let next = match next {
        Some(TokenTree::Group(_)) | None => String::new(),
        Some(token) => token.to_string(),
    };
    // `r#include_bytes` is the same name.
    match off_limits(name.to_string().trim_start_matches("r#"), &next, no_unsafe) {
        Some((what, reason)) => {
            Err(Refusal::OffLimits { line: name.span().start().line, what, reason: reason.to_owned() })
        }
        None => Ok(()),
    }
}

/// Names that are rare enough count wherever they stand, because a macro can be renamed by `use`.
fn off_limits(name: &str, next: &str, no_unsafe: bool) -> Option<(String, &'static str)> {
    match (name, next) {
        ("include_str" | "include_bytes", _) | ("include", "!" | "as") => {
            Some((format!("{name}!"), OTHER_FILES))
        }
        ("path", "=") => Some(("#[path]".to_owned(), OTHER_FILES)),
        ("global_asm" | "naked_asm", _) | ("asm", "!") => Some((format!("{name}!"), LANGUAGE)),
        ("extern", "crate") => Some(("extern crate".to_owned(), CRATES)),
        ("unsafe", _) if no_unsafe => Some(("unsafe".to_owned(), UNSAFE)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::look;

    #[test]
    fn a_variable_may_be_called_like_an_attribute() {
        for sound in [
            "fn f() { let path = 1; let mut path = path; path = 2; }",
            "fn f(path: &Path) -> bool { path == Path::new(\"/\") }",
            "fn f(x: X) { match x { X { path, .. } if path == 1 => {} path => {} } }",
            "fn f() { println!(\"{path}\", path = \"/\"); }",
            "fn f(all: [u8; 2]) -> [bool; 1] { let path = 1; [path == all[0]] }",
            "#[derive(Debug)] struct S { path: P } fn f(s: &mut S, path: P) { s.path = path; }",
        ] {
            assert!(look(sound, true).is_ok(), "{sound}");
        }
        for wrong in [
            "#[path = \"/etc/passwd\"] mod other;",
            "#![path = \"/etc\"]",
            "#[cfg_attr(all(), path = \"/etc/passwd\")] mod other;",
            "m!(#[path = \"/etc/passwd\"] mod other;);",
            "macro_rules! m { ($file:literal) => { #[path = $file] mod other; }; }",
            "macro_rules! m { ($($how:tt)*) => { #[$($how)*] mod other; }; } m!(path = \"/etc/passwd\");",
            "macro_rules! m { ($a:ident, $b:literal) => { #[$a = $b] mod other; }; } m!(path, \"/etc/passwd\");",
            "fn f() { let path = &mut include_str!(\"/etc/passwd\"); }",
            "const B: &[u8] = r#include_bytes!(\"/etc/passwd\");",
        ] {
            assert!(look(wrong, true).is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_lifetime_within_another_is_refused_where_unsafe_is() {
        let holed = "fn longer<'a, 'b, T>(_: &'a &'b (), short: &'b T) -> &'a T { short }";
        assert!(look(holed, true).is_err() && look(holed, false).is_ok());
        assert!(
            look("fn f<'a>(a: &'a str, b: &&'a str) -> bool { 'out: loop { break 'out a == *b } }", true)
                .is_ok()
        );
    }
}
