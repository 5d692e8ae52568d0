//! The work that no request waits for: workers of the queue, and what comes round by the clock.
//!
//! What lives here: which job is run by whom, how often it is tried, what a job does between its commits. What does not: rules and
//! writes (`domain`), requests.

pub mod apply_webhooks;
pub mod daily;
mod drop_old;
mod pulse;
pub mod queue;
pub mod run_export;
pub mod run_import;
pub mod run_operation;
pub mod run_send;
pub mod send_messages;
pub mod tell_bot;
mod turns;

use domain::{
    channel::Providers,
    db::Db,
    event::{Hint, Hub},
    job::{ApplyWebhooks, Job, RunExport, RunImport, RunOperation, RunSend, SendMessages, TellBot},
    store::Store,
    webhook,
};
use queue::{Context, Error, Host, Outcome, Spec, Wake};
use sea_orm::DatabaseConnection;
use std::{sync::Arc, time::Duration};
use tokio_util::sync::CancellationToken;

pub use pulse::Pulse;
pub use turns::{AtWork, Turns};

/// How long handlers have to come to a checkpoint: with what clearing up may take, all is over 10 s after the stop.
const GRACE: Duration = Duration::from_secs(6);

/// All that jobs need. Cheap to clone.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub db: Db,
    /// The same database for the workers' own statements: a small pool, so that heartbeats never wait behind a job's statements.
    pub workers: DatabaseConnection,
    /// Uploads and result files.
    pub store: Store,
    /// Speaks to providers.
    pub providers: Providers,
    /// Sends over one channel take turns.
    pub sending: Turns,
    /// The channels whose webhooks a job applies.
    pub applying: AtWork,
    /// Whether the workers live.
    pub pulse: Pulse,
}

/// How jobs are run.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How often a worker says that it lives; after two beats missed its jobs are taken up by others.
    pub heartbeat: Duration,
}

/// Runs jobs of every kind, and the daily work, until `stop` is cancelled; returns when all of it has come to a checkpoint, within 10 s.
///
/// Hints of other processes are heard only where [`domain::event::watch`] runs too; without it their jobs wait for up to a second.
pub async fn run(services: Services, settings: Settings, stop: CancellationToken) {
    if let Err(error) = webhook::resume(&services.db).await {
        tracing::error!(%error, "webhooks of a process that died wait some seconds longer");
    }
    let hub = services.db.hub().clone();
    let services = Arc::new(services);
    let crew = Crew {
        host: Host {
            db: services.workers.clone(),
            turn: services.db.write_turn(),
            wake: Wake::default(),
            pulse: services.pulse.clone(),
            stop: stop.clone(),
        },
        services,
        settings,
    };
    // One line for each kind of job.
    let import = crew.work::<RunImport, _, _>(4, run_import::handle, run_import::give_up);
    let operation =
        crew.work::<RunOperation, _, _>(2, run_operation::handle, run_operation::give_up);
    let export = crew.work::<RunExport, _, _>(2, run_export::handle, run_export::give_up);
    let webhooks =
        crew.work::<ApplyWebhooks, _, _>(4, apply_webhooks::handle, apply_webhooks::give_up);
    // Most of the time a send waits for its channel's next moment, or for answers.
    let send = crew.work::<RunSend, _, _>(256, run_send::handle, run_send::give_up);
    let messages =
        crew.work::<SendMessages, _, _>(16, send_messages::handle, send_messages::give_up);
    let bot = crew.work::<TellBot, _, _>(16, tell_bot::handle, tell_bot::give_up);
    let daily = drop_old::daily(Arc::clone(&crew.services), stop.clone());
    tokio::join!(
        import,
        operation,
        export,
        webhooks,
        send,
        messages,
        bot,
        daily,
        poke(&hub, &crew.host.wake, &stop)
    );
}

/// What all workers share.
struct Crew {
    host: Host,
    services: Arc<Services>,
    settings: Settings,
}

impl Crew {
    /// Runs jobs of one kind, `concurrency` at a time. `handle` is called for each run, `give_up` with the last error of a job that
    /// will not be tried again, so that the row it worked for can say so.
    async fn work<A: Job, HF, XF>(
        &self,
        concurrency: usize,
        handle: fn(Arc<Services>, A, Context) -> HF,
        give_up: fn(Arc<Services>, A, String) -> XF,
    ) where
        HF: Future<Output = Result<Outcome, Error>> + Send + 'static,
        XF: Future<Output = Result<(), Error>> + Send + 'static,
    {
        self.host.pulse.expect(A::QUEUE);
        let mut spec = Spec::new(A::QUEUE);
        spec.concurrency = concurrency;
        spec.heartbeat = self.settings.heartbeat;
        spec.grace = GRACE;
        let (handling, telling) = (Arc::clone(&self.services), Arc::clone(&self.services));
        queue::run(
            self.host.clone(),
            spec,
            move |args, context| handle(Arc::clone(&handling), args, context),
            move |args, error| give_up(Arc::clone(&telling), args, error),
        )
        .await;
    }
}

/// Wakes idle workers when a job may have come.
async fn poke(hub: &Hub, wake: &Wake, stop: &CancellationToken) {
    let mut hints = hub.listen();
    let listening = async {
        while let Some(hint) = hints.next().await {
            match hint {
                Hint::Queued | Hint::Anything { .. } => wake.poke(),
                Hint::Work { .. } | Hint::Contacts { .. } | Hint::Talk { .. } => {}
            }
        }
    };
    stop.run_until_cancelled(listening).await;
}
