//! A file without the functions that do not compile: their declarations stay, and what else is in the file.

use proc_macro2::{Delimiter, Group, LineColumn, TokenStream, TokenTree};
use std::collections::BTreeSet;

/// The text without the bodies of the functions in which these lines are; what follows stays in its line. None where one of
/// the lines is in no body: then the file cannot be mended in this way.
pub(crate) fn without_bodies(text: &str, lines: &BTreeSet<u32>) -> Option<String> {
    let bodies = bodies(text.parse().ok()?);
    let holds = |body: &Group, line: u32| {
        let (first, last) = (body.span_open().start().line, body.span_close().end().line);
        (first..=last).contains(&(line as usize))
    };
    // The outermost one: a function may be declared in another.
    let of = |line: &u32| bodies.iter().position(|body| holds(body, *line));
    let cut: BTreeSet<usize> = lines.iter().map(of).collect::<Option<_>>()?;
    let mut rest = text.to_owned();
    for body in cut.into_iter().rev().map(|number| &bodies[number]) {
        let ends = [body.span_open().start(), body.span_close().end()].map(|at| offset(text, at));
        let range = ends[0]?..ends[1]?;
        let gone = gone(&text[range.clone()]);
        rest.replace_range(range, &gone);
    }
    Some(rest)
}

/// What stands in the place of a body: as many lines.
fn gone(body: &str) -> String {
    format!("{{ todo!(){} }}", "\n".repeat(body.matches('\n').count()))
}

/// The bodies of functions and methods, in order.
fn bodies(file: TokenStream) -> Vec<Group> {
    let mut found = Vec::new();
    let mut open = vec![file];
    while let Some(stream) = open.pop() {
        // From `fn` to the next braces.
        let mut declared = false;
        for token in stream {
            match token {
                TokenTree::Ident(name) if name == "fn" => declared = true,
                TokenTree::Punct(sign) if sign.as_char() == ';' => declared = false,
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                    if std::mem::take(&mut declared) {
                        found.push(group);
                    } else {
                        open.push(group.stream());
                    }
                }
                _ => {}
            }
        }
    }
    found.sort_by_key(|body| (body.span_open().start().line, body.span_open().start().column));
    found
}

/// Where a place is in the text, in bytes: the library counts characters of a line, from 0.
fn offset(text: &str, at: LineColumn) -> Option<usize> {
    let line = text.split_inclusive('\n').take(at.line - 1).map(str::len).sum::<usize>();
    let column = text[line..].chars().take(at.column).map(char::len_utf8).sum::<usize>();
    (line + column <= text.len()).then_some(line + column)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "use std::fmt;\n\nfn ä(é: u8) -> u8 { é + \"ü\" }\n\nimpl A {\n    fn b(&self) {\n                                let c = || {\n            wrong\n        };\n    }\n\n    fn d() {}\n}\n";

    fn cut(lines: &[u32]) -> Option<String> {
        without_bodies(TEXT, &lines.iter().copied().collect())
    }

    #[test]
    fn a_body_with_an_error_goes_and_all_else_stays() {
        assert_eq!(cut(&[3]).unwrap(), TEXT.replace("{ é + \"ü\" }", "{ todo!() }"));
        let rest = cut(&[8, 3]).unwrap();
        assert!(rest.contains("fn b(&self) { todo!()\n\n\n\n }\n\n    fn d() {}"), "{rest}");
        assert!(rest.contains("fn ä(é: u8) -> u8 { todo!() }") && !rest.contains("wrong"), "{rest}");
        assert_eq!(cut(&[]).unwrap(), TEXT);
    }

    #[test]
    fn an_error_elsewhere_cannot_be_cut() {
        assert_eq!(cut(&[1]), None);
        assert_eq!(cut(&[3, 5]), None);
        assert_eq!(without_bodies("fn a() {", &BTreeSet::from([1])), None);
    }

    #[test]
    fn depth_is_no_danger() {
        let text = format!("fn a() {{ {}{} }}", "{".repeat(60_000), "}".repeat(60_000));
        assert_eq!(without_bodies(&text, &BTreeSet::from([1])).unwrap(), "fn a() { todo!() }");
    }
}
