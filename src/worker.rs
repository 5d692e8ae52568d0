//! `roster worker`: background jobs without requests.

use crate::{config::Config, open, parts::Parts, probes, secret, shutdown::Signals};
use anyhow::Result;

/// Works until a signal comes.
pub(crate) async fn run(config: &Config, signals: Signals) -> Result<()> {
    let open = async {
        let probes = probes::listen(config).await?;
        api::recorder().map_err(anyhow::Error::msg)?;
        let opened = open::open(config).await?;
        let secret = secret::load(config)?;
        // No webhook's URL is shown here.
        let providers = open::providers(config, &secret, "")?;
        Ok((open::services(config, &opened, providers).await?, probes))
    };
    let Some((services, listener)) = signals.unless(open).await? else {
        return Ok(());
    };
    let mut parts = Parts::watching(&services.db, signals.stop());
    let job_loop = Some(probes::job_loop(services.pulse.clone(), config));
    let _probes = probes::answer(listener, (&services.db, job_loop), signals.stop());
    parts.work(services, open::job_settings(config));
    tracing::info!("working");
    signals.within_deadline(parts.finish()).await?;
    tracing::info!("stopped");
    Ok(())
}
