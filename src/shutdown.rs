//! The end: at the first SIGTERM or SIGINT take no new work and finish or checkpoint what is under way; at the second end at once.

use anyhow::Result;
use std::{io, time::Duration};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::sleep,
};
use tokio_util::sync::CancellationToken;

/// Whoever stops us kills us after 10 s, so we have ended by then, threads and traces included.
const DEADLINE: Duration = Duration::from_secs(9);

/// The exit code of a program that a signal ended in the middle of things.
const KILLED: i32 = 130;

/// Hears signals from when it is made.
pub(crate) struct Signals {
    stop: CancellationToken,
}

impl Signals {
    /// Begins to listen.
    pub(crate) fn listen() -> Result<Self, io::Error> {
        let (terminate, interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        let stop = CancellationToken::new();
        tokio::spawn(hear(terminate, interrupt, stop.clone()));
        Ok(Self { stop })
    }

    /// Cancelled by the first signal.
    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Does what may be left at any moment, such as opening a database that does not answer. None where a signal came first.
    pub(crate) async fn unless<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        self.stop.run_until_cancelled(work).await.transpose()
    }

    /// Does what stops by itself when told to, but leaves it where it is when that takes too long.
    pub(crate) async fn within_deadline<T>(
        &self,
        work: impl Future<Output = Result<T>>,
    ) -> Result<Option<T>> {
        let late = async {
            self.stop.cancelled().await;
            sleep(DEADLINE).await;
        };
        tokio::select! {
            result = work => result.map(Some),
            () = late => {
                tracing::warn!("not everything came to an end in time; jobs that were cut off are taken up again");
                Ok(None)
            }
        }
    }
}

async fn hear(mut terminate: Signal, mut interrupt: Signal, stop: CancellationToken) {
    loop {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if stop.is_cancelled() {
            std::process::exit(KILLED);
        }
        tracing::info!("stopping");
        stop.cancel();
    }
}
