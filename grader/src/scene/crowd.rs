//! Many clients that all do the same.

use super::bytes::describe;
use super::connection::Connection;
use super::wait::Pace;
use super::{Address, Failed, Scene};

impl Scene {
    /// So many clients at once: all connect, then each sends `message` and gets it back, then all close their connections.
    /// They are told as one.
    pub fn crowd(&mut self, address: &Address, clients: usize, message: &[u8]) -> Result<(), Failed> {
        let (connections, steps) = (self.connections.len(), self.steps.len());
        self.play_crowd(address, clients, message).inspect_err(|_| {
            // What the others did before does not help to see what failed.
            self.steps.drain(steps..self.steps.len() - 1);
        })?;
        self.steps.truncate(steps);
        self.connections.truncate(connections);
        let what = describe(message);
        self.did(&format!("{clients} clients"), format!("connect, send {what}, get it back, and leave"));
        Ok(())
    }

    fn play_crowd(&mut self, address: &Address, clients: usize, message: &[u8]) -> Result<(), Failed> {
        let crowd = (0..clients).map(|_| self.connect(address.clone())).collect::<Result<Vec<_>, _>>()?;
        let mut each = |act: &dyn Fn(&mut Scene, Connection) -> Result<(), Failed>| {
            crowd.iter().try_for_each(|client| act(self, *client))
        };
        each(&|scene, client| scene.send(client, message))?;
        each(&|scene, client| scene.expect(client, message))?;
        crowd.iter().for_each(|client| self.close(*client));
        let told = self.wait(Pace::Looks, |scene| (!scene.in_flight()).then_some(()));
        told.map_err(|stuck| self.stuck("grader", "waits until all have left".to_owned(), stuck))
    }
}
