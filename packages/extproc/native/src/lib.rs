//! The native core of `@eg/extproc`: HTTP/2, gRPC framing, health and drain on a thread of its own. The messages
//! themselves are read and written in TypeScript, so both cores of the package share one codec.
//!
//! Messages cross between the threads in batches: Rust wakes JavaScript once, JavaScript takes all that is there with
//! `drain` and hands back all answers of that turn with `reply`.

mod connection;
mod events;
mod grpc;
mod health;
mod listener;
mod replies;
mod server;
mod stream;
mod tls;

use std::sync::Arc;

use napi::Status;
use napi::bindgen_prelude::{Buffer, Result};
use napi::threadsafe_function::ThreadsafeFunction;
use napi_derive::napi;
use tokio::sync::mpsc::UnboundedSender;

use crate::events::Events;
use crate::server::{Command, Limits};

/// Calls JavaScript without arguments.
pub type Wake = ThreadsafeFunction<(), (), (), Status, false>;

#[napi(object)]
pub struct ListenOptions {
    /// Path of a unix socket; without it, host and port.
    pub path: Option<String>,
    pub host: Option<String>,
    pub port: Option<u16>,
    /// PEM
    pub certificate: Option<Buffer>,
    /// PEM
    pub key: Option<Buffer>,
    /// PEM; clients must then show a certificate signed by one of these.
    pub client_authorities: Option<Buffer>,
    /// The longest message taken, in bytes.
    pub max_message: u32,
    /// Streams at a time on one connection.
    pub max_streams: u32,
    /// Bytes of one stream that may wait for JavaScript, or for Envoy, before no more are read of it.
    pub high_water: u32,
}

#[napi]
pub struct Server {
    events: Arc<Events>,
    commands: UnboundedSender<Command>,
    port: u16,
}

#[napi]
impl Server {
    /// Listens, and calls `wake` when `drain` has something to give.
    #[napi(factory)]
    pub fn listen(options: ListenOptions, wake: Wake) -> Result<Server> {
        let tls = tls::acceptor(&options)?;
        let listener = listener::bind(&options)?;
        let port = listener.port();
        let limits = Limits {
            max_message: options.max_message as usize,
            max_streams: options.max_streams,
            high_water: options.high_water as usize,
        };
        let events = Arc::new(Events::default());
        let commands = server::start(listener, tls, limits, events.clone(), wake)?;
        Ok(Server {
            events,
            commands,
            port,
        })
    }

    /// The port it got; 0 for a unix socket.
    #[napi(getter)]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// What has happened since the last call, as records: `id kind length` (u32, little-endian) and the payload.
    #[napi]
    pub fn drain(&self) -> Option<Buffer> {
        self.events.take().map(Buffer::from)
    }

    /// Takes the first `length` bytes of `replies`: records of `id flags consumed length` (u32, little-endian) and the
    /// payload.
    #[napi]
    pub fn reply(&self, replies: &[u8], length: u32) {
        let batch = bytes::Bytes::copy_from_slice(&replies[..length as usize]);
        self.send(Command::Replies(batch));
    }

    /// What the health service answers.
    #[napi]
    pub fn set_serving(&self, serving: bool) {
        self.send(Command::Serving(serving));
    }

    /// Takes no more connections, sends GOAWAY on those there are, and reports `closed` when the last one has ended.
    #[napi]
    pub fn shutdown(&self) {
        self.send(Command::Shutdown);
    }

    /// Ends everything at once.
    #[napi]
    pub fn close(&self) {
        self.send(Command::Close);
    }

    fn send(&self, command: Command) {
        // An error means that the server has ended, and with it all that the command is about.
        let _ = self.commands.send(command);
    }
}
