//! The book of the course: a chapter per lab, with its points out of the lab's own data.

mod rubric;
#[cfg(doctest)]
mod snippets;

use anyhow::Result;
use grader::course::Course;
use mdbook_driver::MDBook;
use std::path::Path;

/// Builds the book of a course into a directory: a website that needs no network. What was there before is removed.
pub fn build(course: &Course, to: &Path) -> Result<()> {
    let labs = course.labs()?;
    let mut book = MDBook::load(course.root().join("handouts"))?;
    book.config.build.build_dir = to.to_owned();
    book.book.for_each_chapter_mut(|chapter| {
        let lab = labs.iter().find(|lab| chapter.path == Some(format!("{}.md", lab.name).into()));
        chapter.content.extend(lab.map(rubric::section));
    });
    book.build()
}
