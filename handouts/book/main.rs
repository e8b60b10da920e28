//! `cargo run -p handouts`: builds the book and says where it lies.

use grader::course::Course;
use std::path::Path;

fn main() -> anyhow::Result<()> {
    let course = Course::here()?;
    let target = Path::new("target/handouts");
    handouts::build(&course, &course.root().join(target))?;
    println!("The book begins at {}", target.join("index.html").display());
    Ok(())
}
