//! Takes connections and serves them. Not axum's own loop: that one lets half a request's head wait for ever, and a client that takes nothing of its
//! answer.

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{io, pin::pin, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    time::sleep,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a request's head may take, and how long a connection may wait for its next request: longer than a proxy keeps one that is idle (nginx:
/// 60 s), lest it sends a request just when we close.
const HEAD: Duration = Duration::from_secs(75);

/// How long a client may take nothing of an answer that waits for it.
const TAKE: Duration = Duration::from_secs(60);

/// After a failure that is not of one connection alone, such as too many open files.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves until `stop` is cancelled; returns when the last connection has ended. What has begun is answered, connections that wait are closed.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    while let Some(stream) = stop.run_until_cancelled(accept(&listener)).await {
        // Answers are written whole; waiting for more only delays them. Where it fails they are merely late.
        let _ = stream.set_nodelay(true);
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(TAKE));
        let service = TowerToHyperService::new(router.clone());
        let connection = http.serve_connection(TokioIo::new(Box::pin(stream)), service);
        let (connection, stop) = (connection.with_upgrades(), stop.clone());
        connections.spawn(async move {
            let mut connection = pin!(connection);
            // Connections that break cost themselves alone, and nobody else need know.
            tokio::select! {
                _ = connection.as_mut() => return,
                () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
            }
            let _ = connection.await;
        });
    }
    // Nobody waits for an answer that cannot come.
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) if is_of_one(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Whether only one client has gone before it was let in.
fn is_of_one(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
    )
}
