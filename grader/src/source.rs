//! The student's source, looked at for where things are.

use std::collections::BTreeMap;
use syn::{ImplItem, Item, ItemImpl, Signature, Type};

/// The functions of a file, as `fn` or `Type::fn`, and the line of each. None where the file cannot be parsed.
pub fn functions(text: &str) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    let items = syn::parse_file(text).map(|file| file.items).unwrap_or_default();
    for item in &items {
        match item {
            Item::Fn(function) => found.extend([entry("", &function.sig)]),
            Item::Impl(block) => found.extend(methods(block)),
            _ => {}
        }
    }
    found
}

/// A line of the text, trimmed.
pub fn line(text: &str, number: u32) -> Option<String> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    text.lines().nth(index).map(|line| line.trim().to_owned())
}

fn methods(block: &ItemImpl) -> Vec<(String, u32)> {
    let Type::Path(owner) = &*block.self_ty else {
        return Vec::new();
    };
    let Some(owner) = owner.path.segments.last() else {
        return Vec::new();
    };
    let prefix = format!("{}::", owner.ident);
    let items = block.items.iter();
    items
        .filter_map(|item| {
            if let ImplItem::Fn(function) = item { Some(entry(&prefix, &function.sig)) } else { None }
        })
        .collect()
}

fn entry(prefix: &str, signature: &Signature) -> (String, u32) {
    let line = signature.ident.span().start().line;
    (format!("{prefix}{}", signature.ident), u32::try_from(line).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::{functions, line};

    const TEXT: &str =
        "/// put\nfn put() {}\nstruct B;\nimpl<T> m::B<T> {\n    fn new() {}\n    pub fn put() {}\n}\n";

    #[test]
    fn functions_and_methods_are_told_apart() {
        let found: Vec<(String, u32)> = functions(TEXT).into_iter().collect();
        assert_eq!(found, [("B::new".to_owned(), 5), ("B::put".to_owned(), 6), ("put".to_owned(), 2)]);
    }

    #[test]
    fn what_does_not_parse_has_no_functions() {
        assert!(functions("fn put() {").is_empty());
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line(TEXT, 6).as_deref(), Some("pub fn put() {}"));
        assert_eq!(line(TEXT, 0), None);
        assert_eq!(line(TEXT, 99), None);
    }
}
