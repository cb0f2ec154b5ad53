//! What JavaScript has to be told, in the order in which it happened.

use std::sync::Mutex;

use bytes::Bytes;
use tokio::sync::Notify;

/// The numbers are part of the interface: `src/core/native.ts` has the same.
#[derive(Clone, Copy)]
#[repr(u32)]
pub enum Kind {
    /// The payload is a message.
    Message = 0,
    /// Envoy will send no more on this stream.
    HalfClosed = 1,
    /// The stream is gone: nothing can be answered any more.
    Cancelled = 2,
    /// An answer that asked for it has been handed to the connection.
    Written = 3,
    /// After a shutdown: no connection is left.
    Closed = 4,
}

struct Event {
    id: u32,
    kind: Kind,
    payload: Bytes,
}

const RECORD: usize = 12;
/// Bytes handed over at a time, unless one message is longer.
const BATCH: usize = 1 << 20;

#[derive(Default)]
pub struct Events {
    queue: Mutex<Vec<Event>>,
    /// Wakes the task that wakes JavaScript. It runs after the tasks that are ready by then, whose events then share
    /// one crossing.
    pub added: Notify,
}

impl Events {
    pub fn push(&self, id: u32, kind: Kind, payload: Bytes) {
        let mut queue = self.queue.lock().unwrap();
        queue.push(Event { id, kind, payload });
        if queue.len() == 1 {
            self.added.notify_one();
        }
    }

    /// The records of one batch, or `None` when nothing has happened.
    pub fn take(&self) -> Option<Vec<u8>> {
        let mut taken = {
            let mut queue = self.queue.lock().unwrap();
            let mut size = 0;
            let count = queue
                .iter()
                .take_while(|event| {
                    let first = size == 0;
                    size += RECORD + event.payload.len();
                    first || size <= BATCH
                })
                .count();
            let rest = queue.split_off(count);
            std::mem::replace(&mut *queue, rest)
        };
        if taken.is_empty() {
            return None;
        }
        let size = taken.iter().map(|event| RECORD + event.payload.len()).sum();
        let mut batch = Vec::with_capacity(size);
        for Event { id, kind, payload } in taken.drain(..) {
            batch.extend_from_slice(&id.to_le_bytes());
            batch.extend_from_slice(&(kind as u32).to_le_bytes());
            batch.extend_from_slice(&(payload.len() as u32).to_le_bytes());
            batch.extend_from_slice(&payload);
        }
        Some(batch)
    }
}
