//! `roster serve`: requests, and the workers beside them.

use crate::{
    config::Config,
    failure::explain,
    open::{self, Opened},
    parts::Parts,
    probes, secret,
    shutdown::Signals,
    terminal,
};
use anyhow::{Context, Result};
use api::App;
use domain::{bot, channel, link::Signer, workspace};
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// What `roster serve` is asked for.
#[derive(clap::Args, Default)]
pub(crate) struct Args {
    /// Run no background jobs here: roster worker does, elsewhere.
    #[arg(long)]
    no_workers: bool,
}

/// Serves until a signal comes.
pub(crate) async fn run(config: &Config, args: &Args, signals: Signals) -> Result<()> {
    let Some(opening) = signals.unless(start(config, args)).await? else {
        return Ok(());
    };
    signals.within_deadline(opening.run(signals.stop())).await?;
    tracing::info!("stopped");
    Ok(())
}

/// Everything that was opened.
struct Opening {
    listener: TcpListener,
    /// Where probes are answered, if not beside the API.
    probes: Option<TcpListener>,
    app: App,
    services: Option<jobs::Services>,
    settings: jobs::Settings,
    address: String,
    first_token: Option<String>,
}

async fn start(config: &Config, args: &Args) -> Result<Opening> {
    // Before anything is made: an address that is taken should cost nothing, least of all the first token.
    let listener = TcpListener::bind(&config.listen).await;
    let listener = listener.with_context(|| {
        format!(
            "cannot listen on {}; --listen chooses another address",
            config.listen
        )
    })?;
    let address = address(listener.local_addr()?);
    let probes = probes::listen(config).await?;
    api::recorder().map_err(anyhow::Error::msg)?;
    let public_url = config.public_url.as_deref().unwrap_or(&address);
    let opened = open::open(config).await?;
    let settings = config
        .requests
        .settings(&opened.store, config.max_upload.0, public_url)?;
    let secret = secret::load(config)?;
    let first_token = workspace::ensure_first(&opened.db).await.map_err(explain)?;
    let providers = open::providers(config, &secret, public_url)?;
    let services = match args.no_workers {
        true => None,
        false => Some(open::services(config, &opened, providers.clone()).await?),
    };
    let Opened { db, store } = opened;
    channel::reseal(&db, &providers).await.map_err(explain)?;
    bot::reseal(&db, &providers).await.map_err(explain)?;
    let job_loop = services
        .as_ref()
        .map(|services| probes::job_loop(services.pulse.clone(), config));
    let signer = Signer::new(secret, public_url);
    Ok(Opening {
        listener,
        app: App {
            db,
            store,
            signer,
            providers,
            job_loop,
            has_probes: probes.is_none(),
            settings,
        },
        probes,
        services,
        settings: open::job_settings(config),
        address,
        first_token,
    })
}

impl Opening {
    /// Runs all of it until `stop`.
    async fn run(self, stop: &CancellationToken) -> Result<()> {
        let mut parts = Parts::watching(&self.app.db, stop);
        if let Some(services) = self.services {
            parts.work(services, self.settings);
        }
        let job_loop = self.app.job_loop.clone();
        let _probes = probes::answer(self.probes, (&self.app.db, job_loop), stop);
        let serving = api::serve(self.listener, self.app, stop.clone());
        parts.run(async {
            serving.await;
            Ok(())
        });
        announce(&self.address, self.first_token.as_deref());
        parts.finish().await
    }
}

/// The address as a client on this machine writes it.
fn address(bound: SocketAddr) -> String {
    match bound.ip().is_unspecified() {
        true => format!("http://localhost:{}", bound.port()),
        false => format!("http://{bound}"),
    }
}

fn announce(address: &str, first_token: Option<&str>) {
    tracing::info!(address, "ready");
    terminal::print(format_args!(
        "Roster is ready at {address} (GraphQL at {address}/graphql)."
    ));
    let Some(token) = first_token else {
        return;
    };
    terminal::print(format_args!(
        "\nThis is the first start. The owner's token, shown this once:\n\n  {token}\n\nTry it:\n\n  \
         curl -s {address}/graphql -H 'Authorization: Bearer {token}' -H 'Content-Type: application/json' \
         -d '{{\"query\":\"{{ viewer {{ role workspace {{ name }} }} }}\"}}'\n"
    ));
}
