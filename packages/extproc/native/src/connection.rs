//! One HTTP/2 connection.

use std::rc::Rc;

use bytes::Bytes;
use h2::RecvStream;
use h2::server::{Builder, SendResponse};
use http::{Request, Response, StatusCode};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::spawn_local;

use crate::server::{Shared, Stage};
use crate::{grpc, health, stream};

pub const PROCESS: &str = "/envoy.service.ext_proc.v3.ExternalProcessor/Process";

/// Envoy resets each stream when it is done with it, and many at once when clients hang up. That is no attack, so
/// nothing here may count resets and give up: a GOAWAY would fail the requests that are under way.
const RESETS: usize = 1 << 20;
const STREAM_WINDOW: u32 = 256 << 10;
/// Streams hold each other up when they share a window that those waiting for a handler have used up; each has its own.
const CONNECTION_WINDOW: u32 = 1 << 30;
const SEND_BUFFER: usize = 256 << 10;

/// Serves a connection until it ends.
pub async fn serve(shared: Rc<Shared>, io: impl AsyncRead + AsyncWrite + Unpin) {
    let handshake = Builder::new()
        .max_concurrent_streams(shared.limits.max_streams)
        .initial_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_send_buffer_size(SEND_BUFFER)
        .max_pending_accept_reset_streams(RESETS)
        .max_local_error_reset_streams(None)
        .max_concurrent_reset_streams(4096)
        .data_frame_budget(CONNECTION_WINDOW as usize)
        .handshake::<_, Bytes>(io)
        .await;
    // Errors of a connection end its streams, each of which reports it.
    let Ok(mut connection) = handshake else {
        return;
    };
    let mut stage = shared.stage();
    if *stage.borrow_and_update() == Stage::Draining {
        connection.graceful_shutdown();
    }
    loop {
        tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    spawn_local(route(shared.clone(), request, respond));
                }
                _ => return,
            },
            _ = stage.changed() => connection.graceful_shutdown(),
        }
    }
}

async fn route(shared: Rc<Shared>, request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let is_grpc = request
        .headers()
        .get(http::header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    let mut response = Response::new(());
    if !is_grpc {
        *response.status_mut() = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        let _ = respond.send_response(response, true);
        return;
    }
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/grpc"),
    );
    // An error on the way out means that the stream is gone.
    let Ok(mut send) = respond.send_response(response, false) else {
        return;
    };
    let (parts, body) = request.into_parts();
    match parts.uri.path() {
        PROCESS => stream::run(shared, body, send).await,
        health::CHECK => health::check(&shared, body, send).await,
        health::WATCH => health::watch(&shared, body, send).await,
        _ => {
            let _ = send.send_trailers(grpc::trailers(grpc::UNIMPLEMENTED, b"unknown method"));
        }
    }
}
