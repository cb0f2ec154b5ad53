//! What JavaScript hands back.

use bytes::{Buf, Bytes};

/// The numbers are part of the interface: `src/core/native.ts` has the same.
const MESSAGE: u32 = 1;
const RECEIPT: u32 = 2;
const END: u32 = 4;
const STATUS_SHIFT: u32 = 8;

pub struct Reply {
    pub id: u32,
    /// How many bytes of messages need no longer count as waiting for JavaScript.
    pub consumed: usize,
    pub answer: Answer,
}

pub enum Answer {
    None,
    /// A message with its prefix.
    Message {
        frame: Bytes,
        receipt: bool,
    },
    End {
        status: u32,
        message: Bytes,
    },
}

/// Reads the records of a batch.
pub fn read(mut batch: Bytes) -> impl Iterator<Item = Reply> {
    std::iter::from_fn(move || {
        if batch.is_empty() {
            return None;
        }
        let id = batch.get_u32_le();
        let flags = batch.get_u32_le();
        let consumed = batch.get_u32_le() as usize;
        let length = batch.get_u32_le() as usize;
        let payload = batch.split_to(length);
        let answer = if flags & MESSAGE != 0 {
            Answer::Message {
                frame: payload,
                receipt: flags & RECEIPT != 0,
            }
        } else if flags & END != 0 {
            Answer::End {
                status: flags >> STATUS_SHIFT,
                message: payload,
            }
        } else {
            Answer::None
        };
        Some(Reply { id, consumed, answer })
    })
}
