//! `roster worker`: background jobs without requests.

use crate::{config::Config, open, serve::finish, shutdown::Signals};
use anyhow::Result;
use domain::event;
use tokio::task::JoinSet;

/// Works until a signal comes.
pub(crate) async fn run(config: &Config, signals: Signals) -> Result<()> {
    let open = async {
        let opened = open::open(config).await?;
        open::services(config, &opened).await
    };
    let Some(services) = signals.unless(open).await? else {
        return Ok(());
    };
    let stop = signals.stop().clone();
    let mut tasks = JoinSet::new();
    let watch = event::watch(services.db.clone(), stop.clone());
    tasks.spawn(async move { Ok(watch.await) });
    let work = jobs::run(services, open::job_settings(config), stop.clone());
    tasks.spawn(async move { Ok(work.await) });
    tracing::info!("working");
    signals.within_deadline(finish(tasks, &stop)).await?;
    tracing::info!("stopped");
    Ok(())
}
