//! The explorer against an interpreter that knows nothing of it, on random small programs.
//!
//! A failing program is printed with its number. `EXPLORE_PROGRAMS=1 EXPLORE_FIRST=<number>` runs it alone;
//! `EXPLORE_PROGRAMS=100000` runs more of them.

mod interpreter;

use explore::{Coverage, Search};
use interpreter::generator::{self, Flavour};
use interpreter::{Outcome, Outcomes, Program, on_explorer, states};
use std::sync::Arc;

const PLAIN: Flavour =
    Flavour { try_lock: false, join: true, yields: false, semaphores: false, atomics: false };
const TRYING: Flavour = Flavour { try_lock: true, ..PLAIN };
const ATOMIC: Flavour = Flavour { atomics: true, ..PLAIN };
const PERMITS: Flavour = Flavour { semaphores: true, ..PLAIN };

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |value| value.parse().expect("a number"))
}

/// Runs `check` on programs that come out of `flavour`.
fn programs(flavour: Flavour, share: u64, check: impl Fn(u64, &Arc<Program>)) {
    let first = setting("EXPLORE_FIRST", 1);
    let count = setting("EXPLORE_PROGRAMS", 2000).div_ceil(share);
    for number in first..first + count {
        check(number, &Arc::new(generator::program(number, flavour)));
    }
}

fn unbounded(spurious: u32) -> Search {
    Search { bound: None, spurious, ..Search::default() }
}

fn assert_same(number: u64, program: &Program, what: &str, expected: &Outcomes, found: &Outcomes) {
    if expected != found {
        let lines =
            |outcomes: Vec<&Outcome>| outcomes.iter().map(|end| format!("  {end:?}\n")).collect::<String>();
        let missing = lines(expected.difference(found).collect());
        let surplus = lines(found.difference(expected).collect());
        panic!("{what}: program {number}\n{program}missing\n{missing}not possible\n{surplus}");
    }
}

/// All ends without a failure are the same. A failure (a panic, or two threads at one unprotected value) ends the program,
/// so that of several that race the explorer may see only one: those it sees are possible, and it sees one if there is any.
/// Two threads that meet keep each other from what they would have done one after the other; where that is possible, the
/// explorer has only to see nothing that is not.
fn assert_agrees(number: u64, program: &Program, expected: Outcomes, found: Outcomes) {
    let (expected_failures, expected): (Outcomes, Outcomes) = expected.into_iter().partition(Outcome::failed);
    let (failures, found): (Outcomes, Outcomes) = found.into_iter().partition(Outcome::failed);
    if expected_failures.iter().any(Outcome::overlapped) {
        let possible = found.intersection(&expected).cloned().collect();
        assert_same(number, program, "ends", &possible, &found);
    } else {
        assert_same(number, program, "ends", &expected, &found);
    }
    let real = failures.intersection(&expected_failures).cloned().collect();
    assert_same(number, program, "failures that are none", &real, &failures);
    let none = Outcomes::new();
    if failures.is_empty() {
        assert_same(number, program, "failures", &expected_failures, &none);
    }
}

fn coarse(program: &Program, outcomes: Outcomes) -> Outcomes {
    outcomes.into_iter().map(|outcome| outcome.coarse(program)).collect()
}

fn agrees_without_spurious_wakeups(flavour: Flavour) {
    programs(flavour, 1, |number, program| {
        let (found, summary) = on_explorer::outcomes(program, unbounded(0));
        assert!(summary.coverage == Coverage::All, "without a bound nothing is cut off");
        assert_agrees(number, program, states::outcomes(program, 0), found);
    });
}

fn agrees_with_one_spurious_wakeup(flavour: Flavour) {
    programs(flavour, 1, |number, program| {
        let (found, _) = on_explorer::outcomes(program, unbounded(1));
        let expected = coarse(program, states::outcomes(program, 1));
        assert_agrees(number, program, expected, coarse(program, found));
    });
}

#[test]
fn random_programs_end_as_the_interpreter_says() {
    agrees_without_spurious_wakeups(PLAIN);
}

#[test]
fn random_programs_end_as_the_interpreter_says_with_a_spurious_wakeup() {
    agrees_with_one_spurious_wakeup(PLAIN);
}

#[test]
fn random_programs_that_try_locks_end_as_the_interpreter_says() {
    agrees_without_spurious_wakeups(TRYING);
}

#[test]
fn random_programs_that_try_locks_end_as_the_interpreter_says_with_a_spurious_wakeup() {
    agrees_with_one_spurious_wakeup(TRYING);
}

#[test]
fn random_programs_with_atomics_end_as_the_interpreter_says() {
    agrees_without_spurious_wakeups(ATOMIC);
    agrees_without_spurious_wakeups(Flavour { atomics: true, ..TRYING });
    agrees_without_spurious_wakeups(Flavour { semaphores: true, ..ATOMIC });
}

#[test]
fn random_programs_with_atomics_end_as_the_interpreter_says_with_a_spurious_wakeup() {
    agrees_with_one_spurious_wakeup(ATOMIC);
}

#[test]
fn random_programs_with_semaphores_end_as_the_interpreter_says() {
    agrees_without_spurious_wakeups(PERMITS);
}

#[test]
fn random_programs_with_semaphores_end_as_the_interpreter_says_with_a_spurious_wakeup() {
    agrees_with_one_spurious_wakeup(PERMITS);
}

#[test]
fn yielding_makes_nothing_possible_that_was_not() {
    programs(Flavour { yields: true, ..TRYING }, 2, |number, program| {
        let (found, _) = on_explorer::outcomes(program, unbounded(0));
        let possible = found.intersection(&states::outcomes(program, 0)).cloned().collect();
        assert_same(number, program, "yields", &possible, &found);
    });
}

#[test]
fn the_random_programs_are_worth_running() {
    let all: Vec<_> =
        (1..=1000).map(|number| states::outcomes(&generator::program(number, PLAIN), 0)).collect();
    let count = |is: fn(&Outcomes) -> bool| all.iter().filter(|outcomes| is(outcomes)).count();
    let racing = count(|outcomes| outcomes.len() > 1);
    let blocking = count(|outcomes| outcomes.iter().any(Outcome::blocked));
    let panicking = count(|outcomes| outcomes.iter().any(Outcome::panicked));
    println!(
        "of 1000 programs {racing} can end in several ways, {blocking} can block, {panicking} can panic"
    );
    assert!(racing > 500 && blocking > 500 && panicking > 50);
}

#[test]
fn the_random_programs_with_semaphores_are_worth_running() {
    let all: Vec<_> =
        (1..=1000).map(|number| states::outcomes(&generator::program(number, PERMITS), 0)).collect();
    let count = |is: fn(&Outcomes) -> bool| all.iter().filter(|outcomes| is(outcomes)).count();
    let orderly = count(|outcomes| outcomes.len() > 1 && !outcomes.iter().any(Outcome::overlapped));
    let overlapping = count(|outcomes| outcomes.iter().any(Outcome::overlapped));
    println!(
        "of 1000 programs {orderly} can end in several ways without an overlap, {overlapping} can overlap"
    );
    assert!(orderly > 150 && overlapping > 300);
}

#[test]
fn the_cache_loses_nothing_within_a_bound() {
    programs(Flavour { yields: true, semaphores: true, atomics: true, ..TRYING }, 8, |number, program| {
        for (bound, spurious) in [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)] {
            let search = Search { bound: Some(bound), spurious, ..Search::default() };
            let (with, _) = on_explorer::outcomes(program, search);
            let (without, _) = on_explorer::outcomes(program, Search { cache: false, ..search });
            let what = format!("bound {bound}, {spurious} spurious wakeups");
            assert_same(number, program, &what, &without, &with);
        }
    });
}

#[test]
fn a_bounded_search_that_cut_nothing_off_saw_everything() {
    programs(TRYING, 8, |number, program| {
        let (all, _) = on_explorer::outcomes(program, unbounded(1));
        let (found, summary) = on_explorer::outcomes(program, Search { bound: Some(4), ..unbounded(1) });
        if summary.coverage == Coverage::All {
            assert_same(number, program, "bound 4", &all, &found);
        } else {
            let within = found.intersection(&all).cloned().collect();
            assert_same(number, program, "bound 4", &within, &found);
        }
    });
}

/// With every kind of object, with and without bound, cached and not: what a search says of an execution, another process can
/// see for itself.
#[test]
fn every_execution_of_random_programs_can_be_retraced() {
    let flavour = Flavour { try_lock: false, join: true, yields: true, semaphores: true, atomics: true };
    for flavour in [flavour, TRYING] {
        programs(flavour, 10, |number, program| {
            for limits in [unbounded(1), Search { spurious: 1, ..Search::default() }] {
                let differ = on_explorer::not_retraced(program, limits);
                assert!(differ.is_empty(), "program {number}\n{program}{:?}", differ.first());
            }
        });
    }
}
