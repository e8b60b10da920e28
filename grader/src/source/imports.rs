//! The lines of a file on which there is nothing but imports.

use super::{is, tokens};
use proc_macro2::{Delimiter, TokenTree};

/// Whether all that stands on a line belongs to `use` items of the file.
pub(crate) fn only_imports(text: &str, line: u32) -> bool {
    let tokens = tokens(text.parse().unwrap_or_default());
    let (mut imports, mut import) = (false, false);
    for (at, token) in tokens.iter().enumerate() {
        import = import || begins(&tokens[..at], token);
        if lines(token).contains(&(line as usize)) {
            if !import {
                return false;
            }
            imports = true;
        }
        import = import && !matches!(token, TokenTree::Punct(sign) if sign.as_char() == ';');
    }
    imports
}

/// Whether a `use` item begins here: after another item, or after `pub`. In a type, `use<…>` is something else.
fn begins(before: &[TokenTree], token: &TokenTree) -> bool {
    let visible = |before: &TokenTree| match before {
        TokenTree::Ident(name) => name == "pub",
        TokenTree::Punct(sign) => sign.as_char() == ';',
        TokenTree::Group(group) => matches!(group.delimiter(), Delimiter::Brace | Delimiter::Bracket),
        TokenTree::Literal(_) => false,
    };
    is(token, "use") && before.last().is_none_or(visible)
}

fn lines(token: &TokenTree) -> std::ops::RangeInclusive<usize> {
    token.span().start().line..=token.span().end().line
}

#[cfg(test)]
mod tests {
    use super::only_imports;

    #[test]
    fn an_import_may_have_several_lines() {
        let text = "//! Doc.\n\nuse std::{\n    net::TcpListener,\n};\n#[cfg(test)] pub use a::B;\nfn f() { use c::D; }\n";
        let lines: Vec<u32> = (1..=8).filter(|line| only_imports(text, *line)).collect();
        assert_eq!(lines, [3, 4, 5]);
    }

    #[test]
    fn nothing_hides_beside_an_import() {
        for text in [
            "use a::B; static M: B = B::new();",
            "static M: B = B::new(); use a::B;",
            "fn f() -> impl Sized + use<> { spawn() } const X: u8 = 1;",
            "m! { use a::B; }",
        ] {
            assert!(!only_imports(text, 1), "{text}");
        }
    }
}
