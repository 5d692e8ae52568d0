//! Connections that can be reset in the midst of a request.

use axum::{
    extract::connect_info::Connected,
    serve::{IncomingStream, Listener},
};
use std::{
    io::{Error, ErrorKind, Result},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, Waker},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Resets a connection. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Switch(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    is_off: bool,
    waker: Option<Waker>,
}

impl Switch {
    /// The other side sees a reset.
    pub(crate) fn reset(&self) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_off = true;
        if let Some(waker) = state.waker.take() {
            waker.wake();
        }
    }

    fn poll(&self, context: &Context<'_>) -> Result<()> {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.is_off {
            return Err(Error::from(ErrorKind::ConnectionReset));
        }
        state.waker = Some(context.waker().clone());
        Ok(())
    }
}

impl Connected<IncomingStream<'_, Sockets>> for Switch {
    fn connect_info(stream: IncomingStream<'_, Sockets>) -> Self {
        stream.io().switch.clone()
    }
}

/// Accepts connections that have a switch.
pub(crate) struct Sockets(pub(crate) TcpListener);

impl Listener for Sockets {
    type Io = Socket;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Socket, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        let _ = stream.set_nodelay(true);
        // What is still to be written is thrown away when it is dropped, and the other side is told so.
        let socket = Socket {
            stream,
            switch: Switch::default(),
        };
        (socket, address)
    }

    fn local_addr(&self) -> Result<SocketAddr> {
        Listener::local_addr(&self.0)
    }
}

/// A connection.
pub(crate) struct Socket {
    stream: TcpStream,
    switch: Switch,
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<Result<()>> {
        if let Err(error) = self.switch.poll(context) {
            let _ = self.stream.set_zero_linger();
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
