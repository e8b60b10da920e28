//! Many clients that all do the same.

use super::bytes::describe;
use super::wait::Pace;
use super::{Address, Failed, Scene};
use crate::steps::{Action, Actor};

impl Scene {
    /// So many clients, and so many of them at once: these all connect, then each sends `message` and gets it back, then all
    /// close their connections, and the next ones come. They are told as one, up to the client that sees a failure.
    pub fn crowd(
        &mut self,
        address: &Address,
        clients: usize,
        at_once: usize,
        message: &[u8],
    ) -> Result<(), Failed> {
        let (steps, bytes) = (self.steps.len(), describe(message));
        for _ in 0..clients / at_once {
            let connections = self.connections.len();
            self.play_crowd(address, Actor::Clients(clients), at_once, message)?;
            self.steps.truncate(steps);
            self.connections.truncate(connections);
        }
        self.did(Actor::Clients(clients), Action::CrowdComesAndGoes { clients, at_once, bytes });
        Ok(())
    }

    fn play_crowd(
        &mut self,
        address: &Address,
        crowd_of: Actor,
        clients: usize,
        message: &[u8],
    ) -> Result<(), Failed> {
        let mut crowd = Vec::new();
        let connect = |scene: &mut Scene, _| scene.connect(address.clone()).map(|client| crowd.push(client));
        self.each(clients, connect)?;
        self.did(crowd_of.clone(), Action::CrowdConnects);
        self.each(clients, |scene, client| scene.send(crowd[client], message))?;
        self.did(crowd_of.clone(), Action::CrowdSends(describe(message)));
        self.each(clients, |scene, client| scene.expect(crowd[client], message))?;
        self.each(clients, |scene, client| {
            scene.close(crowd[client]);
            Ok(())
        })?;
        self.did(crowd_of, Action::CrowdLeaves);
        let told = self.wait(Pace::Looks, |scene| (!scene.in_flight()).then_some(()));
        told.map_err(|stuck| self.stuck(Actor::Grader, Action::AwaitsCrowd, stuck))
    }

    /// What others than the client that fails have done does not help to see why.
    fn each(
        &mut self,
        clients: usize,
        mut act: impl FnMut(&mut Scene, usize) -> Result<(), Failed>,
    ) -> Result<(), Failed> {
        let steps = self.steps.len();
        (0..clients).try_for_each(|client| {
            act(self, client)?;
            self.steps.truncate(steps);
            Ok(())
        })
    }
}
