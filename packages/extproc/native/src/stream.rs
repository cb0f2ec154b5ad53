//! One stream: messages to JavaScript, answers back, and not more of either in memory than the limits allow.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use h2::{RecvStream, SendStream};
use http::HeaderMap;

use crate::events::Kind;
use crate::grpc::{self, Messages};
use crate::replies::Answer;
use crate::server::Shared;

pub struct Stream {
    id: u32,
    send: RefCell<SendStream<Bytes>>,
    out: RefCell<VecDeque<Out>>,
    /// Bytes in `out`.
    queued: Cell<usize>,
    /// Bytes of messages that JavaScript has not consumed.
    waiting: Cell<usize>,
    waker: RefCell<Option<Waker>>,
}

enum Out {
    Data { frame: Bytes, receipt: bool },
    Trailers(HeaderMap),
}

enum Flushed {
    All,
    Blocked,
    Ended,
}

impl Stream {
    pub fn new(id: u32, send: SendStream<Bytes>) -> Self {
        Stream {
            id,
            send: send.into(),
            out: RefCell::default(),
            queued: Cell::new(0),
            waiting: Cell::new(0),
            waker: RefCell::default(),
        }
    }

    /// Takes what JavaScript says about this stream. Most answers go out right here; the rest waits for Envoy's window.
    pub fn reply(&self, shared: &Shared, consumed: usize, answer: Answer) {
        let was_full = self.is_full(shared);
        self.waiting.set(self.waiting.get().saturating_sub(consumed));
        match answer {
            Answer::None => {}
            Answer::Message { frame, receipt } => {
                self.queued.set(self.queued.get() + frame.len());
                self.out.borrow_mut().push_back(Out::Data { frame, receipt });
            }
            Answer::End { status, message } => {
                let trailers = grpc::trailers(status, &message);
                self.out.borrow_mut().push_back(Out::Trailers(trailers));
            }
        }
        let done = matches!(self.flush(shared, None), Ok(Flushed::All));
        if (!done || was_full)
            && let Some(waker) = self.waker.borrow_mut().take()
        {
            waker.wake();
        }
    }

    fn is_full(&self, shared: &Shared) -> bool {
        let limit = shared.limits.high_water;
        self.waiting.get() >= limit || self.queued.get() >= limit
    }

    /// Sends as much as Envoy's window allows. With a context, the task is woken when there is room for more.
    fn flush(&self, shared: &Shared, mut cx: Option<&mut Context>) -> Result<Flushed, h2::Error> {
        let mut send = self.send.borrow_mut();
        let mut out = self.out.borrow_mut();
        while let Some(next) = out.front_mut() {
            match next {
                Out::Data { frame, receipt } => {
                    send.reserve_capacity(frame.len());
                    let mut room = send.capacity();
                    if room == 0 {
                        let Some(cx) = cx.as_deref_mut() else {
                            return Ok(Flushed::Blocked);
                        };
                        room = match send.poll_capacity(cx) {
                            Poll::Ready(Some(room)) => room?,
                            Poll::Ready(None) => return Ok(Flushed::Ended),
                            Poll::Pending => return Ok(Flushed::Blocked),
                        };
                    }
                    let part = frame.split_to(room.min(frame.len()));
                    self.queued.set(self.queued.get() - part.len());
                    send.send_data(part, false)?;
                    if frame.is_empty() {
                        if *receipt {
                            shared.events.push(self.id, Kind::Written, Bytes::new());
                        }
                        out.pop_front();
                    }
                }
                Out::Trailers(trailers) => {
                    send.send_trailers(std::mem::take(trailers))?;
                    out.clear();
                    return Ok(Flushed::Ended);
                }
            }
        }
        Ok(Flushed::All)
    }
}

/// How a stream came to its end.
enum End {
    /// The status has been sent.
    Answered,
    Cancelled,
}

/// Runs a stream from its first message to its end.
pub async fn run(shared: Rc<Shared>, mut body: RecvStream, send: SendStream<Bytes>) {
    let stream = shared.add(send);
    let mut messages = Messages::new(shared.limits.max_message);
    let mut reading = true;
    let end = poll_fn(|cx| poll(&shared, &stream, &mut messages, &mut body, &mut reading, cx)).await;
    shared.remove(stream.id);
    if let End::Cancelled = end {
        shared.events.push(stream.id, Kind::Cancelled, Bytes::new());
    }
}

fn poll(
    shared: &Shared,
    stream: &Stream,
    messages: &mut Messages,
    body: &mut RecvStream,
    reading: &mut bool,
    cx: &mut Context,
) -> Poll<End> {
    loop {
        match stream.flush(shared, Some(cx)) {
            Ok(Flushed::Ended) => return Poll::Ready(End::Answered),
            Ok(_) => {}
            Err(_) => return Poll::Ready(End::Cancelled),
        }
        if !*reading || stream.is_full(shared) {
            *stream.waker.borrow_mut() = Some(cx.waker().clone());
            return match stream.send.borrow_mut().poll_reset(cx) {
                Poll::Ready(_) => Poll::Ready(End::Cancelled),
                Poll::Pending => Poll::Pending,
            };
        }
        match body.poll_data(cx) {
            Poll::Ready(Some(Ok(chunk))) => {
                // What is not read stays in the window of the stream: this is what holds a fast sender back.
                let _ = body.flow_control().release_capacity(chunk.len());
                let result = messages.feed(chunk, |message| {
                    stream.waiting.set(stream.waiting.get() + message.len());
                    shared.events.push(stream.id, Kind::Message, message);
                });
                if let Err(refusal) = result {
                    let trailers = grpc::trailers(refusal.status, refusal.message.as_bytes());
                    stream.out.borrow_mut().push_back(Out::Trailers(trailers));
                    shared.events.push(stream.id, Kind::Cancelled, Bytes::new());
                    *reading = false;
                }
            }
            Poll::Ready(Some(Err(_))) => return Poll::Ready(End::Cancelled),
            Poll::Ready(None) => {
                *reading = false;
                shared.events.push(stream.id, Kind::HalfClosed, Bytes::new());
            }
            Poll::Pending => {
                *stream.waker.borrow_mut() = Some(cx.waker().clone());
                return Poll::Pending;
            }
        }
    }
}
