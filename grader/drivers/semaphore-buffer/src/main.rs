//! The driver of semaphore-buffer: the semaphore alone, and the buffer made of semaphores, the student's or the grader's.

use driver::buffer::{Item, TestBuffer};
use driver::semaphore::TestSemaphore;
use protocol::semaphore::{SemaphoreBuffer, Task};
use protocol::{buffer, semaphore};
use semaphore_buffer::{BoundedBuffer, Semaphore};

fn main() {
    let (task, reporter) = protocol::driver::start::<SemaphoreBuffer>();
    match task {
        Task::Semaphore(task) => driver::semaphore::carry_out(task, reporter.of(), make_semaphore),
        Task::Buffer(task) => driver::buffer::carry_out(task, reporter.of(), make_buffer),
    }
}

fn make_semaphore(subject: &semaphore::Subject) -> Box<dyn TestSemaphore> {
    Box::new(Permits(Semaphore::new(subject.permits)))
}

fn make_buffer(subject: &buffer::Subject) -> Box<dyn TestBuffer> {
    Box::new(Bounded(BoundedBuffer::new(subject.capacity)))
}

struct Permits(Semaphore);

impl TestSemaphore for Permits {
    fn take(&self) {
        Semaphore::p(&self.0);
    }
    fn give(&self) {
        Semaphore::v(&self.0);
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
        unreachable!("no scenario closes this buffer")
    }
}
