//! Bytes in sentences, and byte strings compared.

const ROW: usize = 16;

/// `5 bytes: "hello"`; of many bytes, the first.
pub(super) fn describe(bytes: &[u8]) -> String {
    protocol::Content::of(bytes).to_string()
}

/// `1 byte`, `5 bytes`.
pub(super) fn count(length: usize) -> String {
    if length == 1 { "1 byte".to_owned() } else { format!("{length} bytes") }
}

/// The first place where what came is not what was expected, as far as both go.
pub(super) fn first_difference(expected: &[u8], came: &[u8]) -> Option<usize> {
    let both = expected.len().min(came.len());
    // Slices are compared a word at a time, and as a rule they are equal.
    if expected[..both] == came[..both] {
        return None;
    }
    expected.iter().zip(came).position(|(expected, came)| expected != came)
}

/// Both around this place, in hexadecimal and as text, the place marked.
pub(super) fn compare(expected: &[u8], came: &[u8], at: usize) -> Vec<String> {
    let start = at.saturating_sub(ROW / 2);
    let label = format!("from byte {start}");
    let blank = " ".repeat("expected ".len() + label.len() + 2 + 3 * (at - start));
    vec![
        row("expected", &label, expected, start),
        row("came    ", &label, came, start),
        format!("{blank}^^ byte {at} differs"),
    ]
}

fn row(what: &str, label: &str, bytes: &[u8], start: usize) -> String {
    let window = &bytes[start.min(bytes.len())..bytes.len().min(start + ROW)];
    let hex: String = window.iter().map(|byte| format!("{byte:02x} ")).collect();
    format!("{what} {label}: {hex:<48} \"{}\"", window.escape_ascii())
}

/// The head and the tail of what is too long to show whole.
pub(super) fn shorten(bytes: &[u8], most: usize) -> Vec<u8> {
    if bytes.len() <= most {
        return bytes.to_vec();
    }
    let (head, tail) = (&bytes[..most / 2], &bytes[bytes.len() - most / 2..]);
    let gap = format!("\n… {} left out …\n", count(bytes.len() - head.len() - tail.len()));
    [head, gap.as_bytes(), tail].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_shows_few_bytes_whole_and_many_by_their_beginning() {
        assert_eq!(describe(b"hi\n"), "3 bytes: \"hi\\n\"");
        assert_eq!(describe(b"\0"), "1 byte: \"\\x00\"");
        assert!(describe(&[b'a'; 70_000]).starts_with("70000 bytes, beginning with \"aaa"));
    }

    #[test]
    fn the_mark_stands_below_the_byte_that_differs() {
        let (expected, came) = (b"the quick brown fox", b"the quick brawn fox");
        let at = first_difference(expected, came).expect("they differ");
        let lines = compare(expected, came, at);
        let column = lines[2].find('^').expect("a mark");
        assert_eq!((&lines[0][column..column + 2], &lines[1][column..column + 2]), ("6f", "61"));
    }

    #[test]
    fn what_is_left_out_is_counted() {
        assert_eq!(shorten(b"0123456789", 4), "01\n… 6 bytes left out …\n89".as_bytes());
    }
}
