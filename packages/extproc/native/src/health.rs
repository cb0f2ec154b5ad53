//! grpc.health.v1.Health, answered here so that a busy event loop does not look like a dead process.

use bytes::Bytes;
use h2::{RecvStream, SendStream};

use crate::grpc::{self, Messages};
use crate::server::{Shared, Stage};

pub const CHECK: &str = "/grpc.health.v1.Health/Check";
pub const WATCH: &str = "/grpc.health.v1.Health/Watch";

const SERVICE: &[u8] = b"envoy.service.ext_proc.v3.ExternalProcessor";
const SERVING: u8 = 1;
const NOT_SERVING: u8 = 2;
const SERVICE_UNKNOWN: u8 = 3;

const MAX_REQUEST: usize = 4 << 10;

pub async fn check(shared: &Shared, body: RecvStream, mut send: SendStream<Bytes>) {
    let (status, message): (u32, &[u8]) = match known(body).await {
        Some(true) => {
            let serving = *shared.serving().borrow();
            if send.send_data(response(serving), false).is_err() {
                return;
            }
            (grpc::OK, b"")
        }
        Some(false) => (grpc::NOT_FOUND, b"unknown service"),
        None => (grpc::INVALID_ARGUMENT, b"not a health check request"),
    };
    let _ = send.send_trailers(grpc::trailers(status, message));
}

pub async fn watch(shared: &Shared, body: RecvStream, mut send: SendStream<Bytes>) {
    let Some(known) = known(body).await else {
        let _ = send.send_trailers(grpc::trailers(
            grpc::INVALID_ARGUMENT,
            b"not a health check request",
        ));
        return;
    };
    let (mut serving, mut stage) = (shared.serving(), shared.stage());
    loop {
        let state = match known {
            true => response(*serving.borrow_and_update()),
            false => frame(SERVICE_UNKNOWN),
        };
        if send.send_data(state, false).is_err() {
            return;
        }
        // A watch must not keep a connection from draining.
        if *stage.borrow_and_update() == Stage::Draining {
            let _ = send.send_trailers(grpc::trailers(grpc::OK, b""));
            return;
        }
        tokio::select! {
            _ = serving.changed() => {}
            _ = stage.changed() => {}
            _ = std::future::poll_fn(|cx| send.poll_reset(cx)) => return,
        }
    }
}

fn response(serving: bool) -> Bytes {
    frame(if serving { SERVING } else { NOT_SERVING })
}

/// HealthCheckResponse { status = 1 }
fn frame(status: u8) -> Bytes {
    grpc::frame(&[0x08, status])
}

/// Whether the service of the request is one that is served; `None` for anything that is not such a request.
async fn known(mut body: RecvStream) -> Option<bool> {
    let mut messages = Messages::new(MAX_REQUEST);
    let mut request = None;
    while let Some(chunk) = body.data().await {
        let chunk = chunk.ok()?;
        let _ = body.flow_control().release_capacity(chunk.len());
        messages.feed(chunk, |message| request = Some(message)).ok()?;
        if request.is_some() {
            break;
        }
    }
    match &request?[..] {
        [] => Some(true),
        // HealthCheckRequest { service = 1 }: a name that is served is shorter than 128 bytes.
        [0x0a, length, service @ ..] if *length as usize == service.len() => {
            Some(service.is_empty() || service == SERVICE)
        }
        _ => Some(false),
    }
}
