//! The book as it is built: whoever follows a report or a link arrives, and every lab has its chapter.

use grader::course::Course;
use grader::lab::Lab;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

/// The pages, by name.
static PAGES: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    handouts::build(&Course::here().unwrap(), dir.path()).unwrap();
    let pages = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path());
    let pages = pages.filter(|path| path.extension().is_some_and(|extension| extension == "html"));
    let name = |path: &Path| path.file_name().unwrap().to_str().unwrap().to_owned();
    pages.map(|path| (name(&path), std::fs::read_to_string(&path).unwrap())).collect()
});

/// Whether `chapter.html#anchor` is a place in the book.
fn is_there(place: &str) -> bool {
    let (page, anchor) = place.split_once('#').unwrap_or((place, ""));
    PAGES.get(page).is_some_and(|text| anchor.is_empty() || text.contains(&format!("id=\"{anchor}\"")))
}

#[test]
fn every_place_that_reports_point_to() {
    for lab in Course::here().unwrap().labs().unwrap() {
        for (name, misconception) in &lab.misconceptions {
            let place = &misconception.handout;
            assert!(place.contains('#'), "{}: {name} points to all of {place}", lab.name);
            assert!(
                is_there(&place.replacen(".md#", ".html#", 1)),
                "{}: {name} points to {place}, which is not there",
                lab.name
            );
        }
    }
}

#[test]
fn every_misunderstanding_is_pointed_to() {
    for lab in Course::here().unwrap().labs().unwrap() {
        let places: Vec<&str> = lab.misconceptions.values().map(|entry| entry.handout.as_str()).collect();
        for anchor in between(section(&lab, "what-may-be-misunderstood"), "<h3 id=\"", "\"") {
            let place = format!("{}.md#{anchor}", lab.name);
            assert!(places.contains(&place.as_str()), "no report points to {place}");
        }
    }
}

#[test]
fn every_chapter_has_the_title_of_its_lab() {
    for lab in Course::here().unwrap().labs().unwrap() {
        let heading = format!("{}</a></h1>", lab.title);
        assert!(PAGES[&format!("{}.html", lab.name)].contains(&heading), "{}", lab.name);
        assert!(PAGES["toc.html"].contains(&lab.title), "{}", lab.name);
    }
}

#[test]
fn every_chapter_has_all_parts() {
    for lab in Course::here().unwrap().labs().unwrap() {
        for part in ["the-idea", "steps", "how-it-is-graded", "what-may-be-misunderstood"] {
            section(&lab, part);
        }
        let promises = section(&lab, "what-each-function-promises");
        for check in &lab.checks {
            let function = check.function.rsplit("::").next().unwrap();
            assert!(promises.contains(function), "{}: nothing is said of {}", lab.name, check.function);
        }
        let points = section(&lab, "the-checks-and-their-points");
        assert_eq!(points.matches("<tr>").count(), 1 + lab.checks.len(), "{}", lab.name);
    }
}

#[test]
fn every_link_leads_somewhere() {
    for (name, page) in PAGES.iter().filter(|(name, _)| *name != "print.html") {
        for link in between(page, "href=\"", "\"").filter(|link| !link.contains(':')) {
            let place = if link.starts_with('#') { format!("{name}{link}") } else { link.to_owned() };
            let is_page = place.split('#').next().unwrap().ends_with(".html");
            assert!(!is_page || is_there(&place), "{name} links to {link}, which is not there");
        }
    }
}

#[test]
fn nothing_comes_from_the_network() {
    for (name, page) in PAGES.iter() {
        for source in between(page, "src=\"", "\"") {
            assert!(!source.contains("//"), "{name} loads {source}");
        }
        for link in between(page, "<link ", ">") {
            assert!(!link.contains("//"), "{name} loads {link}");
        }
    }
}

/// A section of a lab's chapter: from a heading of the second level to the next one.
fn section(lab: &Lab, anchor: &str) -> &'static str {
    let page = PAGES.get(&format!("{}.html", lab.name));
    let page = page.unwrap_or_else(|| panic!("{} has no chapter in SUMMARY.md", lab.name));
    let begun = page.split_once(&format!("<h2 id=\"{anchor}\""));
    let (_, begun) = begun.unwrap_or_else(|| panic!("the chapter of {} has no section {anchor}", lab.name));
    begun.split("<h2 ").next().unwrap_or(begun)
}

/// Every text between two marks, which may end with the page.
fn between<'a>(page: &'a str, begin: &'a str, end: &'a str) -> impl Iterator<Item = &'a str> {
    page.split(begin).skip(1).map(move |rest| rest.split(end).next().unwrap_or(rest))
}

/// What is compiled for a package: each package with its features.
fn compiled_for(package: &str) -> BTreeSet<String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["tree", "--offline", "--edges", "normal,build", "--prefix", "none", "--no-dedupe"]);
    cargo.args(["--format", "{p} [{f}]", "--package", package]);
    let output = cargo.current_dir(Course::here().unwrap().root()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn the_grader_is_not_compiled_once_more_for_the_book() {
    let (grader, book) = (compiled_for("grader"), compiled_for("handouts"));
    let again: Vec<_> = grader.difference(&book).collect();
    assert!(again.is_empty(), "the book asks for other features: {again:#?}");
}
