//! Where connections come from. Binding happens on the thread of the caller, which gets the errors of it.

use std::io;
use std::net::TcpListener;
#[cfg(unix)]
use std::os::unix::net::UnixListener;

use napi::bindgen_prelude::{Error, Result, Status};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::ListenOptions;

pub enum Bound {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
}

pub fn bind(options: &ListenOptions) -> Result<Bound> {
    try_bind(options).map_err(|error| Error::new(Status::GenericFailure, error.to_string()))
}

fn try_bind(options: &ListenOptions) -> io::Result<Bound> {
    match &options.path {
        #[cfg(unix)]
        Some(path) => {
            let listener = UnixListener::bind(path)?;
            listener.set_nonblocking(true)?;
            Ok(Bound::Unix(listener))
        }
        #[cfg(not(unix))]
        Some(_) => Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "no unix sockets on this platform",
        )),
        None => {
            let host = options.host.as_deref().unwrap_or("::");
            let listener = TcpListener::bind((host, options.port.unwrap_or(0)))?;
            listener.set_nonblocking(true)?;
            Ok(Bound::Tcp(listener))
        }
    }
}

impl Bound {
    pub fn port(&self) -> u16 {
        match self {
            Bound::Tcp(listener) => listener.local_addr().map_or(0, |address| address.port()),
            #[cfg(unix)]
            Bound::Unix(_) => 0,
        }
    }

    /// Has to be called within the runtime.
    pub fn into_listener(self) -> io::Result<Listener> {
        Ok(match self {
            Bound::Tcp(listener) => Listener::Tcp(tokio::net::TcpListener::from_std(listener)?),
            #[cfg(unix)]
            Bound::Unix(listener) => Listener::Unix(tokio::net::UnixListener::from_std(listener)?),
        })
    }
}

pub enum Listener {
    Tcp(tokio::net::TcpListener),
    #[cfg(unix)]
    Unix(tokio::net::UnixListener),
}

/// A connection of any kind.
pub trait Io: AsyncRead + AsyncWrite + Unpin {}
impl<T: AsyncRead + AsyncWrite + Unpin> Io for T {}

impl Listener {
    pub async fn accept(&self) -> io::Result<Box<dyn Io>> {
        Ok(match self {
            Listener::Tcp(listener) => {
                let (socket, _) = listener.accept().await?;
                socket.set_nodelay(true)?;
                Box::new(socket)
            }
            #[cfg(unix)]
            Listener::Unix(listener) => Box::new(listener.accept().await?.0),
        })
    }
}
