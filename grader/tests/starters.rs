//! The starters in labs/ are what the solutions make of them, byte for byte.

use grader::course::Course;
use grader::starter;

#[test]
fn the_starters_are_cut_from_the_solutions() {
    let course = Course::of_this_grader();
    let labs = course.labs().unwrap();
    assert!(!labs.is_empty());
    for lab in labs {
        let differences = starter::differences(&course, &lab.name).unwrap();
        assert!(differences.is_empty(), "`make starters` writes them anew: {differences:#?}");
    }
}
