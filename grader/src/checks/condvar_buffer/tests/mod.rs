mod script;

use super::plan;
use crate::check::{Finding, Status};
use crate::checks::explored::{passed, stalled};
use crate::class::Class;
use crate::look::{Look, UNICODE};
use crate::timeline::rows::Detail;
use crate::timeline::{How, Mark, Side, text};
use explore::trace::{Step, ThreadId};
use explore::{Coverage, On};
use protocol::buffer::{Buffers, Call, Called, Failure, Fault, Outcome, Result as Searched};
use protocol::search::{Blocked, Phase, Stall};
use script::{PUT, Script, TAKE, accepted, lab, place, sources, took};
use std::collections::BTreeSet;

fn marked(finding: &Finding) -> Option<usize> {
    finding.timeline.events.iter().position(|event| event.mark == Mark::Wrong).map(|index| index + 1)
}

/// One condition variable and notify_one: P1 puts twice, C1 and C2 take once, room for 1.
fn lost_wakeup() -> Finding {
    let mut script = Script::new(1, &["P1", "C1", "C2"]);
    let (p1, c1, c2) = (1, 2, 3);
    script.call(p1, Call::Put(10));
    script.call(c1, Call::Take).enter(c1, &TAKE).wait(c1, &TAKE, &[]);
    script.call(c2, Call::Take).enter(c2, &TAKE).wait(c2, &TAKE, &[]);
    script.enter(p1, &PUT).change(p1, &PUT).notify(p1, &PUT, &[c1]).leave(p1, &["10"], accepted(10));
    script.call(p1, Call::Put(11)).enter(p1, &PUT).wait(p1, &PUT, &["10"]);
    script.wake(c1, &TAKE, Some(p1)).look(c1, &TAKE).change(c1, &TAKE).notify(c1, &TAKE, &[c2]);
    script.leave(c1, &[], took(10)).step(c1, None, Step::Exit);
    script.wake(c2, &TAKE, Some(c1)).look(c2, &TAKE).wait(c2, &TAKE, &[]);
    script.stuck(&[(p1, Call::Put(11), &PUT), (c2, Call::Take, &TAKE)], &[p1])
}

#[test]
fn a_wake_up_that_went_to_another_is_the_decisive_step() {
    let finding = lost_wakeup();
    assert_eq!(
        finding.summary,
        "notify_one wakes any one sleeper: C1 made room for P1, but its wake-up went to C2, and P1 sleeps for ever."
    );
    assert_eq!(
        finding.seen.as_deref(),
        Some("P1 and C2 sleep in Condvar::wait, and nobody is left to wake them")
    );
    assert_eq!(finding.location.as_ref().map(|location| location.line), Some(TAKE.notify));
    assert_eq!(finding.misconception.as_deref(), Some("notify-one-with-one-condvar"));
    let missing = finding.timeline.missing.as_ref().unwrap();
    assert_eq!((missing.label.as_str(), missing.side), ("wake P1 too", Side::After));
    assert_eq!(missing.helped, "P1 would have found room and put 11.");
}

#[test]
fn a_lost_wakeup_is_drawn_like_this() {
    let drawn = text::draw(&lost_wakeup().timeline, Detail::Slice, &Look { width: 80, glyphs: &UNICODE });
    let plain = anstream::adapter::strip_str(&drawn).to_string();
    let expected = "
     P1             C1             C2             items lock src/buffer.rs
   3 │              ┊ wait: sleeps │              0/1   free 13 queue = self.ch…
   6 │              ┊              ┊ wait: sleeps 0/1   free 13 queue = self.ch…
   9 ┃ pushes 10    ┊              ┊              1/1   P1    7 queue.push_back…
  10 ┃ notify → C1  ░              ┊              1/1   P1    8 self.changed.no…
  14 ┊ wait: sleeps ░              ┊              1/1   free  5 queue = self.ch…
  15 ┊              ┃ wakes        ┊              1/1   C1   13 queue = self.ch…
  17 ┊              ┃ pops 10      ┊              0/1   C1   15 let item = queu…
✗ 18 ┊              ┃ notify → C2  ░              0/1   C1   16 self.changed.no…
     The buffer is empty now. Only P1 can use that; the one wake-up goes to C2.
✓    ┊              ┃ wake P1 too  ░              missing here
     P1 would have found room and put 11.
  20 ┊                             ┃ wakes        0/1   C2   13 queue = self.ch…
  21 ┊                             ┃ queue empty  0/1   C2   12 while queue.is_…
■ 22 ┊                             ┊ wait: sleeps 0/1   free 13 queue = self.ch…";
    assert!(plain.contains(expected.trim_start_matches('\n')), "{plain}");
    assert!(
        plain.contains("■ P1       in `changed.wait`, line 5: sleeps, although there is room."),
        "{plain}"
    );
    assert!(plain.contains("■ C2       in `changed.wait`, line 13: sleeps; the buffer is empty."), "{plain}");
}

#[test]
fn a_failure_has_the_name_that_the_schedule_earns() {
    assert_eq!(lost_wakeup().class, Some(Class::LostWakeup));
    assert_eq!(overtaken(false).fails(&panic_of(2, "no item")).class, Some(Class::StolenWakeup));

    let mut script = Script::new(1, &["P1", "C1"]);
    script.call(1, Call::Put(10)).enter(1, &PUT).change(1, &PUT).leave(1, &["10"], accepted(10));
    script.call(2, Call::Take).enter(2, &TAKE).wait(2, &TAKE, &["10"]);
    let needless = script.stuck(&[(2, Call::Take, &TAKE)], &[2]);
    assert_eq!(needless.class, Some(Class::WrongCapacity), "nothing has come since it fell asleep");
    script.call(1, Call::Close).enter(1, &PUT).change(1, &PUT).leave(
        1,
        &["10"],
        Called::ended(Call::Close, Outcome::Closed),
    );
    assert_ne!(script.stuck(&[(2, Call::Take, &TAKE)], &[2]).class, Some(Class::NeedlessSleep));

    let locked = |thread, holder| Blocked {
        thread,
        call: Some(Call::Take),
        on: On::Mutex { mutex: 0, holder },
        place: Some(place(TAKE.lock)),
    };
    let blocked = vec![locked(1, 2), locked(2, 1)];
    let deadlock = Failure::Stuck { blocked, could_go_on: vec![1], undone: Vec::new() };
    assert_eq!(script.fails(&deadlock).class, Some(Class::LockOrder));

    let busy = Failure::BusyWaiting { thread: 2, place: Some(place(TAKE.look)) };
    assert_eq!(script.fails(&busy).class, Some(Class::BusyWaiting));
    for (fault, class) in [
        (Fault::Overfull, Some(Class::WrongCapacity)),
        (Fault::WrongOrder { got: 11, oldest: 10 }, Some(Class::WrongOrder)),
        (Fault::NotThere { got: 10 }, Some(Class::DuplicatedItem)),
        (Fault::Lost { item: 10 }, Some(Class::LostItem)),
        (Fault::AcceptedAfterClose, None),
    ] {
        assert_eq!(script.breach(2, took(11), fault.clone(), &[10]).class, class, "{fault:?}");
    }
}

#[test]
fn beside_each_step_stands_how_things_are_after_it() {
    let timeline = lost_wakeup().timeline;
    let name = |object: usize| timeline.objects[object].name.as_str();
    let beside = |event: usize| {
        timeline.events[event].state.iter().map(|reading| (name(reading.object), reading.value.as_str()))
    };
    assert_eq!(beside(2).collect::<Vec<_>>(), [("items", "0/1"), ("queue", "free")]);
    assert_eq!(beside(8).collect::<Vec<_>>(), [("items", "1/1"), ("queue", "P1")]);
    assert_eq!(beside(21).collect::<Vec<_>>(), [("items", "0/1"), ("queue", "free")]);
}

#[test]
fn calls_and_returns_are_no_steps_of_their_own() {
    let timeline = lost_wakeup().timeline;
    assert_eq!(timeline.events[0].call.as_deref(), Some("take()"));
    assert_eq!(timeline.events[10].label, "unlocks, put(10)");
    assert_eq!(timeline.lanes.iter().map(|lane| lane.name.as_str()).collect::<Vec<_>>(), ["P1", "C1", "C2"]);
}

#[test]
fn a_change_without_a_notification_ends_with_the_unlock_that_is_marked() {
    let mut script = Script::new(1, &["P1", "C1"]);
    script.call(2, Call::Take).enter(2, &TAKE).wait(2, &TAKE, &[]);
    script.call(1, Call::Put(10)).enter(1, &PUT).change(1, &PUT).leave(1, &["10"], accepted(10));
    let finding = script.stuck(&[(2, Call::Take, &TAKE)], &[2]);
    assert!(
        finding.summary.starts_with("A change that is not announced wakes nobody: P1 put 10"),
        "{finding:?}"
    );
    assert_eq!(marked(&finding), Some(7));
    let missing = finding.timeline.missing.unwrap();
    assert_eq!((missing.event, missing.side, missing.label.as_str()), (6, Side::Before, "wake C1"));
}

#[test]
fn a_notification_before_the_change_is_too_early() {
    let mut script = Script::new(1, &["P1", "C1"]);
    script.call(1, Call::Put(10)).notify(1, &PUT, &[]);
    script.call(2, Call::Take).enter(2, &TAKE).wait(2, &TAKE, &[]);
    script.enter(1, &PUT).change(1, &PUT).leave(1, &["10"], accepted(10));
    let finding = script.stuck(&[(2, Call::Take, &TAKE)], &[2]);
    assert_eq!(finding.misconception.as_deref(), Some("notify-before-change"));
    assert_eq!(marked(&finding), Some(1));
}

/// C1 sleeps, P1 wakes it, C2 takes the item; then C1 goes on, with a new look or without.
fn overtaken(looks: bool) -> Script {
    let mut script = Script::new(1, &["P1", "C1", "C2"]);
    script.call(2, Call::Take).enter(2, &TAKE).wait(2, &TAKE, &[]);
    script.call(1, Call::Put(10)).enter(1, &PUT).change(1, &PUT).notify(1, &PUT, &[2]).leave(
        1,
        &["10"],
        accepted(10),
    );
    script.call(3, Call::Take).enter(3, &TAKE).change(3, &TAKE).leave(3, &[], took(10));
    script.wake(2, &TAKE, Some(1));
    if looks {
        script.look(2, &TAKE);
    }
    script.change(2, &TAKE).step(2, None, Step::Panic { message: "no item".to_owned() });
    script
}

fn panic_of(thread: ThreadId, message: &str) -> Failure {
    Failure::Panicked { thread, message: message.to_owned(), place: Some(place(TAKE.change)) }
}

#[test]
fn whoever_does_not_look_again_is_told_who_was_faster() {
    let finding = overtaken(false).fails(&panic_of(2, "no item"));
    assert_eq!(
        finding.summary,
        "Being woken is not being first: C2 took the item between the wake-up by P1 and C1's return from wait."
    );
    assert_eq!(finding.misconception.as_deref(), Some("if-instead-of-while"));
    assert_eq!(marked(&finding), Some(14));
    assert_eq!(finding.timeline.endings[0].how, How::Crashed);
}

#[test]
fn whoever_looked_again_is_not_blamed_for_not_looking() {
    let finding = overtaken(true).fails(&panic_of(2, "no item"));
    assert_eq!(finding.misconception.as_deref(), Some("does-not-wait"));
    assert_eq!(marked(&finding), None);
}

#[test]
fn a_spurious_wakeup_is_called_one() {
    let mut script = Script::new(1, &["C1"]);
    script.call(1, Call::Take).enter(1, &TAKE).wait(1, &TAKE, &[]).wake(1, &TAKE, None).change(1, &TAKE);
    let finding = script.fails(&panic_of(1, "no item"));
    assert!(
        finding.summary.starts_with("A wait may return by itself: C1 woke up unasked"),
        "{}",
        finding.summary
    );
}

#[test]
fn a_look_under_an_earlier_lock_is_an_old_look() {
    let mut script = Script::new(1, &["P1", "P2"]);
    script.call(1, Call::Put(10)).enter(1, &PUT).step(
        1,
        None,
        Step::Unlock { mutex: 0, contents: Vec::new() },
    );
    script.call(2, Call::Put(11)).enter(2, &PUT).change(2, &PUT).leave(2, &["11"], accepted(11));
    script.step(1, Some(PUT.change), Step::Lock { mutex: 0 }).change(1, &PUT).leave(
        1,
        &["11", "10"],
        accepted(10),
    );
    let finding = script.breach(1, accepted(10), Fault::Overfull, &[11]);
    assert_eq!(finding.misconception.as_deref(), Some("check-outside-lock"));
    assert_eq!(marked(&finding), Some(9));
}

/// One thread puts 10 and 11 and takes 11; `held` is how the queue looks with both.
fn out_of_order(held: &[&str]) -> Finding {
    let mut script = Script::new(2, &["T1"]);
    script.call(1, Call::Put(10)).enter(1, &PUT).change(1, &PUT).leave(1, &["10"], accepted(10));
    script.call(1, Call::Put(11)).enter(1, &PUT).change(1, &PUT).leave(1, held, accepted(11));
    script.call(1, Call::Take).enter(1, &TAKE).change(1, &TAKE).leave(1, &["10"], took(11));
    script.call(1, Call::Take);
    script.breach(1, took(11), Fault::WrongOrder { got: 11, oldest: 10 }, &[10, 11])
}

#[test]
fn wrong_order_is_the_push_in_front_or_the_pop_at_the_back() {
    assert_eq!(marked(&out_of_order(&["11", "10"])), Some(7));
    assert_eq!(marked(&out_of_order(&["10", "11"])), Some(11));
}

#[test]
fn sleeping_with_room_is_a_wrong_capacity() {
    let mut script = Script::new(2, &["P1"]);
    script.call(1, Call::Put(10)).enter(1, &PUT).change(1, &PUT).leave(1, &["10"], accepted(10));
    script.call(1, Call::Put(11)).enter(1, &PUT).wait(1, &PUT, &["10"]);
    let finding = script.stuck(&[(1, Call::Put(11), &PUT)], &[1]);
    assert!(
        finding.summary.ends_with("P1 sleeps in put(11) with 1 of 2 items in it."),
        "{}",
        finding.summary
    );
    assert_eq!(marked(&finding), Some(7));
}

#[test]
fn a_pass_says_how_much_was_searched() {
    let searched = |scenario, bound, coverage| {
        let phase = Phase { bound: Some(bound), spurious: 0 };
        Searched::Searched { scenario, phase, schedules: 10, coverage }
    };
    let bounded = [searched(0, 0, Coverage::Bound), searched(0, 2, Coverage::All)];
    assert_eq!(passed::<Buffers>(&bounded).summary, "Holds under every schedule of 1 scenario (20 tried).");
    let bounded = [searched(0, 2, Coverage::All), searched(1, 2, Coverage::Bound)];
    let expected = "Holds under every schedule with at most two preemptions of 2 scenarios (20 tried).";
    assert_eq!(passed::<Buffers>(&bounded).summary, expected);
}

#[test]
fn a_todo_is_not_started() {
    let script = Script::new(1, &["P1"]);
    let finding = script.fails(&panic_of(1, "not yet implemented: wait while the queue is full"));
    assert_eq!(
        (finding.status, finding.summary.as_str()),
        (Status::Todo, "not started: wait while the queue is full")
    );
}

#[test]
fn a_loop_without_end_is_shown_for_a_few_rounds() {
    let mut script = Script::new(1, &["C1"]);
    script.call(1, Call::Take);
    for _ in 0..200 {
        script.enter(1, &TAKE).step(1, None, Step::Unlock { mutex: 0, contents: Vec::new() });
    }
    let finding = script.fails(&Failure::BusyWaiting { thread: 1, place: Some(place(TAKE.lock)) });
    assert!(finding.timeline.events.len() < 40);
    assert_eq!(marked(&finding), Some(3));
}

#[test]
fn a_run_that_did_not_live_to_name_its_objects_is_drawn_all_the_same() {
    let mut script = Script::new(1, &["C1"]);
    script.call(1, Call::Take).enter(1, &TAKE).wait(1, &TAKE, &[]).wake(1, &TAKE, None);
    script.recording.trace.mutexes.clear();
    script.recording.trace.condvars.clear();
    let finding = stalled::<Buffers>(&script.scenario, Stall::Spins, &script.recording, &sources());
    assert_eq!(finding.status, Status::Limit);
    assert!(finding.timeline.events.iter().flat_map(|event| &event.deltas).all(|delta| delta.object < 3));
}

#[test]
fn every_check_has_scenarios_whose_items_differ() {
    for check in &lab().checks {
        let plan = plan(&check.id).unwrap_or_else(|| panic!("{} searches nothing", check.id));
        assert!(plan.phases.is_sorted_by_key(|phase| (phase.spurious, phase.bound)), "{}", check.id);
        for scenario in &plan.scenarios {
            let calls = scenario.threads.iter().flat_map(|thread| &thread.calls);
            let items: Vec<u32> = calls
                .filter_map(|call| if let Call::Put(item) = call { Some(*item) } else { None })
                .collect();
            assert_eq!(items.len(), items.iter().collect::<BTreeSet<_>>().len(), "{}", scenario.name);
        }
    }
}
