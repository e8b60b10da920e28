//! The driver of the bounded buffers.

use condvar_buffer::{BoundedBuffer, SignalBuffer};
use driver::buffer::{Item, TestBuffer};
use protocol::buffer::{Buffer, Subject};

fn main() {
    driver::buffer::main(make);
}

fn make(subject: &Subject) -> Box<dyn TestBuffer> {
    match subject.buffer {
        Buffer::Bounded => Box::new(Bounded(BoundedBuffer::new(subject.capacity))),
        Buffer::Signal => Box::new(Signal(SignalBuffer::new(subject.capacity))),
    }
}

struct Bounded(BoundedBuffer<Item>);

impl TestBuffer for Bounded {
    fn accept(&self, item: Item) -> Result<(), Item> {
        BoundedBuffer::put(&self.0, item);
        Ok(())
    }
    fn deliver(&self) -> Option<Item> {
        Some(BoundedBuffer::take(&self.0))
    }
    fn end(&self) {
        unreachable!("no scenario closes a BoundedBuffer")
    }
}

struct Signal(SignalBuffer<Item>);

impl TestBuffer for Signal {
    fn accept(&self, item: Item) -> Result<(), Item> {
        SignalBuffer::put(&self.0, item)
    }
    fn deliver(&self) -> Option<Item> {
        SignalBuffer::take(&self.0)
    }
    fn end(&self) {
        SignalBuffer::close(&self.0);
    }
}
