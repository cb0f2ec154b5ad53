//! The thread on which everything of a server runs.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use h2::SendStream;
use napi::bindgen_prelude::{Error, Result, Status};
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use tokio::io::BufReader;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::{LocalSet, spawn_local};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::events::{Events, Kind};
use crate::listener::{Bound, Io, Listener};
use crate::stream::Stream;
use crate::{Wake, connection, replies};

const TLS_HANDSHAKE: Duration = Duration::from_secs(10);
/// Pause after an accept that failed, mostly for lack of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Empties a socket at once. Envoy gives a connection up when more than 1,000 resets wait for room in it, which is what a
/// storm of client aborts makes of a slow reader.
const READ_BUFFER: usize = 256 << 10;

pub struct Limits {
    pub max_message: usize,
    pub max_streams: u32,
    pub high_water: usize,
}

pub enum Command {
    Replies(Bytes),
    Serving(bool),
    Shutdown,
    Close,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Stage {
    Running,
    Draining,
}

/// What the tasks of a server share. They all run on one thread.
pub struct Shared {
    pub limits: Limits,
    pub events: Arc<Events>,
    streams: RefCell<HashMap<u32, Rc<Stream>>>,
    next_id: Cell<u32>,
    connections: Cell<usize>,
    serving: watch::Sender<bool>,
    stage: watch::Sender<Stage>,
}

impl Shared {
    pub fn add(&self, send: SendStream<Bytes>) -> Rc<Stream> {
        let mut streams = self.streams.borrow_mut();
        let mut id = self.next_id.get();
        while streams.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        self.next_id.set(id.wrapping_add(1));
        let stream = Rc::new(Stream::new(id, send));
        streams.insert(id, stream.clone());
        stream
    }

    pub fn remove(&self, id: u32) {
        self.streams.borrow_mut().remove(&id);
    }

    pub fn serving(&self) -> watch::Receiver<bool> {
        self.serving.subscribe()
    }

    pub fn stage(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    fn reply(&self, batch: Bytes) {
        for reply in replies::read(batch) {
            let stream = self.streams.borrow().get(&reply.id).cloned();
            // A stream that is gone needs no answer.
            if let Some(stream) = stream {
                stream.reply(self, reply.consumed, reply.answer);
            }
        }
    }

    fn connected(&self) {
        self.connections.set(self.connections.get() + 1);
    }

    fn disconnected(&self) {
        self.connections.set(self.connections.get() - 1);
        self.report_if_closed();
    }

    fn report_if_closed(&self) {
        if self.connections.get() == 0 && *self.stage.borrow() == Stage::Draining {
            self.events.push(0, Kind::Closed, Bytes::new());
        }
    }
}

/// Starts the thread. It ends on `Command::Close`, or when the handle of JavaScript is collected.
pub fn start(
    bound: Bound,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    events: Arc<Events>,
    wake: Wake,
) -> Result<UnboundedSender<Command>> {
    let (sender, commands) = unbounded_channel();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .enable_time()
        .build()
        .map_err(|error| Error::new(Status::GenericFailure, error.to_string()))?;
    std::thread::Builder::new()
        .name("extproc".into())
        .spawn(move || LocalSet::new().block_on(&runtime, run(bound, tls, limits, events, wake, commands)))
        .map_err(|error| Error::new(Status::GenericFailure, error.to_string()))?;
    Ok(sender)
}

async fn run(
    bound: Bound,
    tls: Option<TlsAcceptor>,
    limits: Limits,
    events: Arc<Events>,
    wake: Wake,
    mut commands: UnboundedReceiver<Command>,
) {
    let Ok(listener) = bound.into_listener() else {
        return;
    };
    let shared = Rc::new(Shared {
        limits,
        events: events.clone(),
        streams: RefCell::default(),
        next_id: Cell::new(1),
        connections: Cell::new(0),
        serving: watch::Sender::new(true),
        stage: watch::Sender::new(Stage::Running),
    });
    spawn_local(async move {
        loop {
            events.added.notified().await;
            wake.call((), NonBlocking);
        }
    });
    let accepting = spawn_local(accept(shared.clone(), listener, tls));
    while let Some(command) = commands.recv().await {
        match command {
            Command::Replies(batch) => shared.reply(batch),
            Command::Serving(serving) => {
                shared.serving.send_replace(serving);
            }
            Command::Shutdown => {
                accepting.abort();
                shared.stage.send_replace(Stage::Draining);
                shared.report_if_closed();
            }
            Command::Close => return,
        }
    }
}

async fn accept(shared: Rc<Shared>, listener: Listener, tls: Option<TlsAcceptor>) {
    loop {
        match listener.accept().await {
            Ok(socket) => {
                spawn_local(serve(shared.clone(), socket, tls.clone()));
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn serve(shared: Rc<Shared>, socket: Box<dyn Io>, tls: Option<TlsAcceptor>) {
    shared.connected();
    let socket = BufReader::with_capacity(READ_BUFFER, socket);
    match tls {
        None => connection::serve(shared.clone(), socket).await,
        Some(tls) => {
            if let Ok(Ok(socket)) = timeout(TLS_HANDSHAKE, tls.accept(socket)).await {
                connection::serve(shared.clone(), socket).await;
            }
        }
    }
    shared.disconnected();
}
