//! The framing of gRPC: messages with a prefix of five bytes, and the status in trailers.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue};

pub const OK: u32 = 0;
pub const INVALID_ARGUMENT: u32 = 3;
pub const NOT_FOUND: u32 = 5;
pub const RESOURCE_EXHAUSTED: u32 = 8;
pub const UNIMPLEMENTED: u32 = 12;

const PREFIX: usize = 5;

/// Why a stream has to end.
pub struct Refusal {
    pub status: u32,
    pub message: &'static str,
}

/// Cuts a stream of bytes into messages.
pub struct Messages {
    pending: BytesMut,
    limit: usize,
}

impl Messages {
    pub fn new(limit: usize) -> Self {
        Messages {
            pending: BytesMut::new(),
            limit,
        }
    }

    /// Passes on each message that is complete now. One that came in one piece is not copied.
    pub fn feed(&mut self, mut chunk: Bytes, mut each: impl FnMut(Bytes)) -> Result<(), Refusal> {
        if self.pending.is_empty() {
            while let Some(length) = self.length(&chunk)? {
                if chunk.len() < PREFIX + length {
                    break;
                }
                chunk.advance(PREFIX);
                each(chunk.split_to(length));
            }
            if chunk.is_empty() {
                return Ok(());
            }
        }
        self.pending.extend_from_slice(&chunk);
        while let Some(length) = self.length(&self.pending)? {
            if self.pending.len() < PREFIX + length {
                self.pending.reserve(PREFIX + length - self.pending.len());
                break;
            }
            self.pending.advance(PREFIX);
            each(self.pending.split_to(length).freeze());
        }
        Ok(())
    }

    fn length(&self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        let Some(prefix) = bytes.first_chunk::<PREFIX>() else {
            return Ok(None);
        };
        let [compressed, length @ ..] = *prefix;
        let length = u32::from_be_bytes(length) as usize;
        if compressed != 0 {
            return Err(Refusal {
                status: UNIMPLEMENTED,
                message: "compressed messages are not supported",
            });
        }
        if length > self.limit {
            return Err(Refusal {
                status: RESOURCE_EXHAUSTED,
                message: "the message is longer than the limit",
            });
        }
        Ok(Some(length))
    }
}

pub fn frame(message: &[u8]) -> Bytes {
    let mut frame = Vec::with_capacity(PREFIX + message.len());
    frame.push(0);
    frame.extend_from_slice(&(message.len() as u32).to_be_bytes());
    frame.extend_from_slice(message);
    frame.into()
}

/// The trailers that carry a status. `message` has to be percent-encoded.
pub fn trailers(status: u32, message: &[u8]) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(2);
    trailers.insert("grpc-status", status.into());
    if !message.is_empty()
        && let Ok(value) = HeaderValue::from_bytes(message)
    {
        trailers.insert("grpc-message", value);
    }
    trailers
}
