//! `roster worker`: background jobs without requests.

use crate::{config::Config, open, parts::Parts, secret, shutdown::Signals};
use anyhow::Result;

/// Works until a signal comes.
pub(crate) async fn run(config: &Config, signals: Signals) -> Result<()> {
    let open = async {
        let opened = open::open(config).await?;
        let secret = secret::load(config)?;
        // No webhook's URL is shown here.
        let providers = open::providers(config, &secret, "")?;
        open::services(config, &opened, providers).await
    };
    let Some(services) = signals.unless(open).await? else {
        return Ok(());
    };
    let mut parts = Parts::watching(&services.db, signals.stop());
    parts.work(services, open::job_settings(config));
    tracing::info!("working");
    signals.within_deadline(parts.finish()).await?;
    tracing::info!("stopped");
    Ok(())
}
