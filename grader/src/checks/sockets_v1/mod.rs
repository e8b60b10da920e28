//! The checks of sockets-v1: each starts the driver with one function of the student's and plays clients or servers to it.

mod address;
mod client;
mod conversation;
mod echo;
mod faults;
mod five_tuple;
mod listener;
mod local;
mod server;

use super::play;
use crate::check::{Finding, Status};
use crate::scene::Scene;
use crate::supervisor::Job;
use protocol::sockets::Task;

type Play<'a> = play::Play<'a, Task>;

const CHECKS: &[(&str, play::Check<Task>)] = &[
    ("address-of-the-server", address::address_of_the_server),
    ("address-of-a-host", address::address_of_a_host),
    ("connects", client::connects),
    ("tries-every-address", client::tries_every_address),
    ("client-sends-and-receives", conversation::client_sends_and_receives),
    ("client-both-ways-at-once", conversation::client_both_ways_at_once),
    ("client-ends-with-the-server", conversation::client_ends_with_the_server),
    ("client-through-faults", faults::client_through_faults),
    ("listens-on-both-families", listener::listens_on_both_families),
    ("listens-on-the-port-given", listener::listens_on_the_port_given),
    ("restarts-at-once", listener::restarts_at_once),
    ("queues-waiting-clients", listener::queues_waiting_clients),
    ("echoes-any-bytes", echo::echoes_any_bytes),
    ("echoes-until-end-of-file", echo::echoes_until_end_of_file),
    ("echoes-under-back-pressure", echo::echoes_under_back_pressure),
    ("echoes-through-short-counts", faults::echoes_through_short_counts),
    ("echoes-through-signals", faults::echoes_through_signals),
    ("closes-each-connection", server::closes_each_connection),
    ("serves-client-after-client", server::serves_client_after_client),
    ("survives-a-reset", server::survives_a_reset),
    ("accepts-through-failures", faults::accepts_through_failures),
    ("listener-of-no-use", faults::listener_of_no_use),
    ("five-tuple", five_tuple::five_tuple),
    ("unix-socket", local::unix_socket),
];

/// The ids of the checks, in the order in which they are reported.
pub fn ids() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|(id, _)| *id)
}

/// Plays the check that a job names.
pub fn play(job: &Job, scene: &mut Scene) -> Finding {
    match CHECKS.iter().find(|(id, _)| *id == job.check) {
        Some((_, check)) => play::judge(scene, &job.source, *check),
        None => Finding::new(Status::Unchecked, format!("There is no check `{}` in sockets-v1.", job.check)),
    }
}
