//! What runs beside each other until the process stops: the watch for others' hints, the workers, the server.

use anyhow::{Result, anyhow};
use domain::{db::Db, event};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The parts of a running process.
pub(crate) struct Parts {
    tasks: JoinSet<Result<()>>,
    stop: CancellationToken,
}

impl Parts {
    /// None yet; all of them stop with `stop`. The first hears what other processes write.
    pub(crate) fn watching(db: &Db, stop: &CancellationToken) -> Self {
        let mut parts = Self {
            tasks: JoinSet::new(),
            stop: stop.clone(),
        };
        let watch = event::watch(db.clone(), stop.clone());
        parts.run(async {
            watch.await;
            Ok(())
        });
        parts
    }

    /// Adds the workers.
    pub(crate) fn work(&mut self, services: jobs::Services, settings: jobs::Settings) {
        let work = jobs::run(services, settings, self.stop.clone());
        self.run(async {
            work.await;
            Ok(())
        });
    }

    /// Adds a part.
    pub(crate) fn run(&mut self, part: impl Future<Output = Result<()>> + Send + 'static) {
        self.tasks.spawn(part);
    }

    /// Waits for all of them. The first that ends unasked stops the others, and is the failure.
    pub(crate) async fn finish(mut self) -> Result<()> {
        let mut outcome = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            let early = !self.stop.is_cancelled();
            self.stop.cancel();
            let broke = |error| Err(anyhow!("a part of the program broke: {error}"));
            let ended = ended.unwrap_or_else(broke);
            if outcome.is_ok() {
                outcome = match ended {
                    Ok(()) if early => Err(anyhow!("a part of the program ended by itself")),
                    ended => ended,
                };
            }
        }
        outcome
    }
}
