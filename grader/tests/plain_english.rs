//! What students read is plain English, as far as a test can tell: titles, hints, reasons, headings and chapters.

use grader::course::Course;
use grader::lab::Lab;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static COURSE: LazyLock<Course> = LazyLock::new(|| Course::here().unwrap());
static LABS: LazyLock<Vec<Lab>> = LazyLock::new(|| COURSE.labs().unwrap());

/// The most words of a sentence.
const LONGEST: usize = 25;

/// What no text says: a pronoun for a person where a thread or process is meant, and what a dictionary does not help with.
const REFUSED: [&str; 37] = [
    "anybody",
    "anyone",
    "at rest",
    "behind the back",
    "beforehand",
    "everybody",
    "everyone",
    "for ever",
    "heed",
    "in vain",
    "is spent",
    "let go",
    "let the lock go",
    "lets go",
    "lets the lock go",
    "letting go",
    "mend",
    "mended",
    "mends",
    "nobody",
    "of its own",
    "of their own",
    "of your own",
    "on the strength of",
    "so many",
    "somebody",
    "someone",
    "that is none",
    "told apart",
    "wake-up",
    "wake-ups",
    "whatever",
    "wherever",
    "who",
    "whoever",
    "whom",
    "whomever",
];

/// How no sentence begins: the verb would come before its subject.
const INVERTED: [&str; 6] = ["Neither", "Nor", "Not until", "Only if", "Only then", "Only when"];

/// The technical terms that have to be in the word list if a title or a hint uses them.
const TERMS: [&str; 43] = [
    "5-tuple",
    "atomic",
    "back-pressure",
    "backlog",
    "block",
    "bounded buffer",
    "busy waiting",
    "condition variable",
    "critical section",
    "deadlock",
    "descriptor",
    "EINTR",
    "end of file",
    "FIFO",
    "fork",
    "guard",
    "half-close",
    "job",
    "listening socket",
    "lock-order deadlock",
    "lost update",
    "lost wakeup",
    "mutex",
    "mutual exclusion",
    "panic",
    "permit",
    "pipe",
    "pool",
    "preemption",
    "reap",
    "reset",
    "schedule",
    "self-deadlock",
    "semaphore",
    "short read",
    "short write",
    "SIGCHLD",
    "SIGPIPE",
    "spurious wakeup",
    "stolen wakeup",
    "wildcard address",
    "worker",
    "zombie",
];

/// A text, and where it stands.
struct Text {
    place: String,
    text: String,
}

#[test]
fn every_sentence_is_short() {
    let long = sentences().filter(|sentence| words(&sentence.text) > LONGEST);
    none_of(long, "has more than 25 words");
}

#[test]
fn no_sentence_has_a_refused_construction() {
    for refused in REFUSED {
        none_of(
            sentences().filter(|sentence| contains(&sentence.text, refused)),
            &format!("says \"{refused}\""),
        );
    }
}

#[test]
fn no_sentence_begins_with_an_inversion() {
    let inverted = |text: &str| {
        INVERTED.iter().any(|begin| text.strip_prefix(begin).is_some_and(|rest| rest.starts_with(' ')))
    };
    none_of(sentences().filter(|sentence| inverted(&sentence.text)), "is inverted");
}

#[test]
fn no_sentence_is_cleft() {
    none_of(sentences().filter(|sentence| is_cleft(&sentence.text)), "says \"it is … that\"");
}

#[test]
fn the_three_hints_ask_name_the_place_and_give_the_shape() {
    for (place, hints) in hints() {
        let [question, where_, shape] = hints else { panic!("{place} has {} hints", hints.len()) };
        assert!(question.ends_with('?'), "{place}: the first hint asks no question: {question}");
        assert!(where_.contains('`'), "{place}: the second hint names no place: {where_}");
        assert!(words(question).max(words(where_)) <= 45, "{place}: the first two hints are too long");
        assert!((60..=160).contains(&words(shape)), "{place}: the third hint has {} words", words(shape));
    }
}

#[test]
fn the_word_list_has_every_term_of_titles_and_hints() {
    let list = words_of_the_list();
    assert!(list.len() <= 40, "{} terms", list.len());
    assert!(list.is_sorted_by_key(|term| term.to_lowercase()), "{list:?}");
    for term in TERMS {
        let used = of_the_labs().find(|text| text.text.to_lowercase().contains(&term.to_lowercase()));
        let listed = list.iter().any(|entry| entry.to_lowercase().contains(&term.to_lowercase()));
        assert!(listed || used.is_none(), "{} uses {term}, which is not in words.md", used.unwrap().place);
    }
}

#[test]
fn every_word_of_the_list_is_explained_in_one_or_two_sentences() {
    let words = chapter(&COURSE.root().join("handouts/src/words.md"));
    for term in words_of_the_list() {
        let explained =
            words.iter().skip_while(|text| text.text != term).nth(1).map(|text| split(&text.text).count());
        assert!(explained.is_some_and(|count| count <= 2), "{term}: {explained:?} sentences");
    }
}

/// A report shows "read on" and the link on one line; an editor opens only a link that is whole.
#[test]
fn every_link_of_a_report_fits_on_a_line() {
    for lab in LABS.iter() {
        for misconception in lab.misconceptions.values() {
            let line = format!("read on    handouts/src/{}", misconception.handout);
            assert!(line.len() <= 80, "{line} has {} letters", line.len());
        }
    }
}

#[track_caller]
fn none_of(sentences: impl Iterator<Item = Text>, what: &str) {
    let found: Vec<String> =
        sentences.map(|sentence| format!("{}: {}", sentence.place, sentence.text)).collect();
    assert!(found.is_empty(), "{} sentences; each {what}:\n{}", found.len(), found.join("\n"));
}

fn sentences() -> impl Iterator<Item = Text> {
    of_the_labs().chain(of_the_book()).flat_map(|text| {
        let Text { place, text } = text;
        split(&text).map(|text| Text { place: place.clone(), text: text.to_owned() }).collect::<Vec<_>>()
    })
}

/// Titles, hints, and the reasons why something is off limits.
fn of_the_labs() -> impl Iterator<Item = Text> {
    LABS.iter().flat_map(|lab| {
        let title = (lab.name.clone(), &lab.title);
        let of_checks = lab.checks.iter().flat_map(|check| {
            let place = format!("{}/{}", lab.name, check.id);
            std::iter::once(&check.title).chain(&check.hints).map(move |text| (place.clone(), text))
        });
        let texts = std::iter::once(title).chain(of_checks).map(|(place, text)| (place, text.clone()));
        let reasons = lab
            .forbid
            .iter()
            .map(|rule| (format!("{}: {}", lab.name, rule.path()), rule.reason().to_owned()));
        texts.chain(reasons).map(|(place, text)| Text { place, text: without_code(&text) })
    })
}

fn hints() -> impl Iterator<Item = (String, &'static [String])> {
    let checks = LABS.iter().flat_map(|lab| lab.checks.iter().map(move |check| (lab, check)));
    checks.map(|(lab, check)| (format!("{}/{}", lab.name, check.id), check.hints.as_slice()))
}

/// The headings, paragraphs, list items and table cells of the chapters and of the README.
fn of_the_book() -> impl Iterator<Item = Text> {
    let files = fs::read_dir(COURSE.root().join("handouts/src")).unwrap().map(|entry| entry.unwrap().path());
    files.chain([COURSE.root().join("README.md")]).flat_map(|path| chapter(&path))
}

/// The texts of a chapter, in their order; code is one word, and blocks of code are left out.
fn chapter(path: &Path) -> Vec<Text> {
    let markdown = fs::read_to_string(path).unwrap();
    let place = path.file_name().unwrap().to_string_lossy();
    let mut texts = vec![String::new()];
    let mut in_block_of_code = false;
    for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_block_of_code = true,
            Event::End(TagEnd::CodeBlock) => in_block_of_code = false,
            Event::Text(text) if !in_block_of_code => texts.last_mut().unwrap().push_str(&text),
            Event::Code(_) => texts.last_mut().unwrap().push_str("Code"),
            Event::SoftBreak => texts.last_mut().unwrap().push(' '),
            Event::End(TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => {
                texts.push(String::new())
            }
            _ => {}
        }
    }
    texts
        .into_iter()
        .filter(|text| !text.is_empty())
        .map(|text| Text { place: place.to_string(), text })
        .collect()
}

/// The terms of the word list: its headings below the first.
fn words_of_the_list() -> Vec<String> {
    let list = fs::read_to_string(COURSE.root().join("handouts/src/words.md")).unwrap();
    list.lines().filter_map(|line| line.strip_prefix("## ").map(str::to_owned)).collect()
}

/// A hint with one word for each piece of code.
fn without_code(text: &str) -> String {
    text.split('`').enumerate().map(|(at, part)| if at % 2 == 0 { part } else { "Code" }).collect()
}

/// The sentences of a text: they end with a stop or a question mark, and perhaps a quotation mark or a bracket.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let ends = |word: &str| word.trim_end_matches(['"', ')']).ends_with(['.', '?', '!']);
    let mut begin = 0;
    let cuts = text.match_indices(' ').map(|(at, _)| at).filter(move |&at| ends(&text[..at]));
    cuts.chain([text.len()]).map(move |end| {
        let sentence = text[begin..end].trim();
        begin = end;
        sentence
    })
}

fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
}

/// Whether a text has a phrase, word by word.
fn contains(text: &str, phrase: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(|word| bare(word).to_lowercase()).collect();
    format!(" {} ", words.join(" ")).contains(&format!(" {phrase} "))
}

fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| !letter.is_alphanumeric())
}

/// "It is the parent that waits", where the parent could simply wait.
fn is_cleft(text: &str) -> bool {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.windows(2).enumerate().any(|(at, pair)| {
        pair == ["it", "is"] && words.iter().skip(at + 2).take(6).any(|word| word == "that")
    })
}
