//! The student's source, looked at for where things are.
//!
//! It is looked at as tokens, and without recursion: a file that nests too deeply for a parser, or for the compiler, must
//! not bring down the grader.

mod cut;
mod imports;

pub(crate) use cut::without_bodies;
pub(crate) use imports::only_imports;

use proc_macro2::{Delimiter, Ident, Spacing, TokenStream, TokenTree};
use std::collections::BTreeMap;

/// The functions of a file, as `fn` or `Type::fn`, and the line of each. None where the file has no tokens.
pub(crate) fn functions(text: &str) -> BTreeMap<String, u32> {
    declarations(text).into_iter().map(|(name, declared)| (name, declared.line)).collect()
}

/// The function that a line is in: the last one that is declared before it.
pub(crate) fn function_at(text: &str, line: u32) -> Option<String> {
    let before = functions(text).into_iter().filter(|(_, declared)| *declared <= line);
    before.max_by_key(|(_, declared)| *declared).map(|(name, _)| name)
}

/// How a function is declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Declaration {
    /// The line of its name, counted from 1.
    pub(crate) line: u32,
    /// Visibility, types of the parameters, type of the result, as tokens: what callers depend on.
    pub(crate) types: String,
}

/// The functions of a file, as `fn` or `Type::fn`, and how they are declared.
pub(crate) fn declarations(text: &str) -> BTreeMap<String, Declaration> {
    let tokens = tokens(text.parse().unwrap_or_default());
    let mut found = named(&tokens, "");
    for (at, _) in tokens.iter().enumerate().filter(|(_, token)| is(token, "impl")) {
        if let Some((owner, block)) = implementation(&tokens[at + 1..]) {
            found.extend(named(&block, &format!("{owner}::")));
        }
    }
    found
}

/// Whether it can be taken apart at all: no bracket is missing.
pub(crate) fn has_tokens(text: &str) -> bool {
    text.parse::<TokenStream>().is_ok()
}

/// A line of the text, trimmed.
pub(crate) fn line(text: &str, number: u32) -> Option<String> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    text.lines().nth(index).map(|line| line.trim().to_owned())
}

/// Every `fn name` among these tokens, not in the groups among them.
fn named(tokens: &[TokenTree], prefix: &str) -> BTreeMap<String, Declaration> {
    let mut found = BTreeMap::new();
    for (at, pair) in tokens.windows(2).enumerate().filter(|(_, pair)| is(&pair[0], "fn")) {
        if let TokenTree::Ident(name) = &pair[1] {
            let declared =
                Declaration { line: line_of(name), types: types(&tokens[..at], &tokens[at + 2..]) };
            found.insert(format!("{prefix}{name}"), declared);
        }
    }
    found
}

/// What stands before and after `fn name`, without the names of the parameters and what belongs to other items.
fn types(before: &[TokenTree], after: &[TokenTree]) -> String {
    let own = |token: &&TokenTree| {
        matches!(token, TokenTree::Ident(_))
            || matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
    };
    let qualifiers: Vec<String> = before.iter().rev().take_while(own).map(TokenTree::to_string).collect();
    let mut all: Vec<String> = qualifiers.into_iter().rev().collect();
    for token in after {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => break,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => {
                all.extend(parameters(group.stream()));
            }
            other => all.push(other.to_string()),
        }
    }
    all.join(" ")
}

/// The types of parameters: of each, what follows its colon.
fn parameters(stream: TokenStream) -> Vec<String> {
    let mut all = vec![String::new()];
    for token in stream {
        let part = all.last_mut().expect("there is always one");
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => all.push(String::new()),
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Alone => {
                // The second half of a `::` stands alone too.
                if part.ends_with(':') { part.push(':') } else { part.clear() }
            }
            other => part.push_str(&other.to_string()),
        }
    }
    all.retain(|part| !part.is_empty());
    all
}

/// The type that an `impl` is for, and what stands in its braces: the last name before them that is no parameter.
fn implementation(tokens: &[TokenTree]) -> Option<(String, Vec<TokenTree>)> {
    let (mut owner, mut depth, mut bounds) = (String::new(), 0, false);
    for token in tokens {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                return Some((owner, self::tokens(group.stream())));
            }
            TokenTree::Punct(punct) if punct.as_char() == '<' => depth += 1,
            TokenTree::Punct(punct) if punct.as_char() == '>' => depth -= 1,
            TokenTree::Ident(name) if name == "where" => bounds = true,
            TokenTree::Ident(name) if depth == 0 && !bounds => owner = name.to_string(),
            _ => {}
        }
    }
    None
}

fn tokens(stream: TokenStream) -> Vec<TokenTree> {
    stream.into_iter().collect()
}

fn is(token: &TokenTree, keyword: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if name == keyword)
}

fn line_of(name: &Ident) -> u32 {
    u32::try_from(name.span().start().line).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{declarations, functions, line};

    const TEXT: &str =
        "/// put\nfn put() {}\nstruct B;\nimpl<T> m::B<T> {\n    fn new() {}\n    pub fn put() {}\n}\n";

    #[test]
    fn functions_and_methods_are_told_apart() {
        let found: Vec<(String, u32)> = functions(TEXT).into_iter().collect();
        assert_eq!(found, [("B::new".to_owned(), 5), ("B::put".to_owned(), 6), ("put".to_owned(), 2)]);
    }

    #[test]
    fn the_type_of_an_implementation_is_its_last_name() {
        let text = "impl<T: Into<u8>> Drop for m::B<Vec<T>> where T: Copy { fn drop(&mut self) {} }";
        assert_eq!(functions(text).into_keys().collect::<Vec<_>>(), ["B::drop"]);
    }

    #[test]
    fn depth_is_no_danger() {
        for (open, close) in [("(", ")"), ("-", ""), ("{ fn f() {", "}}"), ("impl A {", "}")] {
            let text = format!("fn left() {{ {}{} }}", open.repeat(60_000), close.repeat(60_000));
            assert_eq!(functions(&text).len(), 1);
        }
    }

    #[test]
    fn what_does_not_parse_has_no_functions() {
        assert!(functions("fn put() {").is_empty());
    }

    #[test]
    fn a_declaration_is_what_callers_depend_on() {
        let types = |text: &str| declarations(text).remove("put").map(|declared| declared.types);
        let same = |one, other| types(one) == types(other);
        assert!(same(
            "fn a() {} pub fn put(n: u8, m: &std::X) -> T {}",
            "pub fn put(mut k: u8, _: &std::X,) -> T { 1 }"
        ));
        assert!(!same("pub fn put(n: u8) {}", "fn put(n: u8) {}"));
        assert!(!same("pub fn put(n: u8) {}", "pub fn put(n: u16) {}"));
        assert!(!same("pub fn put(n: a::B) {}", "pub fn put(n: c::B) {}"));
        assert!(!same("pub fn put(n: u8) {}", "pub fn put() {}"));
        assert!(!same("fn put(&self) -> T {}", "fn put(&self) -> Option<T> {}"));
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line(TEXT, 6).as_deref(), Some("pub fn put() {}"));
        assert_eq!(line(TEXT, 0), None);
        assert_eq!(line(TEXT, 99), None);
    }
}
