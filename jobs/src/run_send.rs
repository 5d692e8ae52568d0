//! Sends a broadcast: claims a few recipients, calls the provider for each when its moment has come, and accounts for what came back.
//!
//! It may be killed anywhere: what was claimed and not accounted for becomes UNKNOWN when the next run begins.

use crate::{
    Services,
    queue::{Context, Error, Outcome},
};
use domain::{
    channel::provider_of,
    clock,
    job::RunSend,
    send::{self, Answer, Begun, Claimed, Next, Running, What},
    viewer::Viewer,
};
use entity::{broadcast_send, channel::Model as Channel};
use provider::{Account, Class, Outcome as Called};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until, timeout},
};

/// Calls that are under way at the same time at most, those included that hang.
const WINDOW: usize = 1_024;

/// Between two commits, unless much has come back: a dashboard sees ten a second.
const TICK: Duration = Duration::from_millis(50);

/// Answers that are accounted for at once without waiting for the tick.
const MANY: usize = 128;

/// A call that goes out later than this behind its moment waits for another: it would make the next second overfull.
const LATE: Duration = Duration::from_millis(20);

/// A send that waits looks this often whether somebody has paused it.
const LOOK: Duration = Duration::from_millis(500);

/// So many calls in a row that end in no answer, or in an error of the provider's, pause the send: a person has to look.
const FAILURES: usize = 100;

/// Why a send is paused whose channel cannot be opened.
const SEALED: &str = "The channel's credentials were sealed by another secret: set them again, or give the server the old secret too; then resume.";

/// Runs one send as far as it can.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn handle(
    services: Arc<Services>,
    job: RunSend,
    context: Context,
) -> Result<Outcome, Error> {
    let (db, id) = (&services.db, job.send_id);
    let Some(viewer) = Viewer::for_job::<broadcast_send::Entity>(db, id).await? else {
        return Ok(Outcome::Done);
    };
    let run = format!(
        "{}.{}.{}",
        context.job,
        context.attempt,
        clock::now().timestamp_micros()
    );
    let channel = match send::begin(db, &viewer, id, &run, context.attempt).await? {
        Begun::Sending(channel) => Some(*channel),
        Begun::Ended => None,
        Begun::Nothing => return Ok(Outcome::Done),
    };
    if let Some(channel) = channel {
        let running = Running {
            id,
            run: &run,
            on: channel.id,
        };
        let Some(account) = services.providers.account(&channel) else {
            // Nobody is called, and a person is told.
            send::step(db, &viewer, running, &[], 0, Some(SEALED)).await?;
            return Ok(Outcome::Done);
        };
        let sending = Sending {
            services: &services,
            viewer: &viewer,
            running,
            context: &context,
            channel: Arc::new(channel),
            account: Arc::new(account),
            calls: JoinSet::new(),
            answers: Vec::new(),
            failures: 0,
        };
        if !sending.run().await? {
            return Ok(Outcome::Checkpointed);
        }
    }
    let whole = send::finish(db, &services.store, &viewer, (id, &run), &context.stop).await?;
    Ok(if whole {
        Outcome::Done
    } else {
        Outcome::Checkpointed
    })
}

/// Says that a send's job was given up.
///
/// # Errors
/// When the database is away; the queue tries again.
pub async fn give_up(services: Arc<Services>, job: RunSend, _error: String) -> Result<(), Error> {
    Ok(send::give_up(&services.db, job.send_id).await?)
}

/// A send under way.
struct Sending<'a> {
    services: &'a Services,
    viewer: &'a Viewer,
    running: Running<'a>,
    context: &'a Context,
    channel: Arc<Channel>,
    account: Arc<Account>,
    calls: JoinSet<Answer>,
    answers: Vec<Answer>,
    failures: usize,
}

impl Sending<'_> {
    /// Sends until nobody is left to be called by this run, and all calls are accounted for; false where the process stops.
    async fn run(mut self) -> Result<bool, Error> {
        loop {
            let began = Instant::now();
            let stops = self.context.stop.is_cancelled();
            let room = match stops {
                true => 0,
                false => WINDOW.saturating_sub(self.calls.len()),
            };
            match self.step(room).await? {
                Next::Over if self.calls.is_empty() => return Ok(!stops),
                Next::Over => self.gather(LOOK).await,
                Next::Call(claimed, more) => {
                    let is_many = claimed.len() > 1 && more;
                    self.call(claimed);
                    if !is_many {
                        self.gather(TICK.saturating_sub(began.elapsed())).await;
                    } else {
                        self.gather(Duration::ZERO).await;
                    }
                }
                Next::Wait(_) if stops && self.calls.is_empty() => return Ok(false),
                Next::Wait(wait) => self.gather(wait.min(LOOK)).await,
            }
        }
    }

    /// One commit; an answer is never lost while the database is away for a while.
    async fn step(&mut self, room: usize) -> Result<Next, Error> {
        let stop = (self.failures >= FAILURES).then(|| self.complaint());
        let db = &self.services.db;
        loop {
            let turn = self.services.sending.take(self.running.on).await;
            let done = send::step(
                db,
                self.viewer,
                self.running,
                &self.answers,
                room,
                stop.as_deref(),
            );
            let done = done.await;
            drop(turn);
            match done {
                Ok(next) => {
                    self.answers.clear();
                    return Ok(next);
                }
                Err(error)
                    if error.is_temporary()
                        && !(self.answers.is_empty() && self.calls.is_empty()) =>
                {
                    tracing::warn!(send = %self.running.id, %error, "what became of calls cannot be written, trying again");
                    sleep(LOOK).await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn complaint(&self) -> String {
        let last = self
            .answers
            .iter()
            .rev()
            .find_map(|answer| match &answer.what {
                What::Called(Called::Unknown { message }) => Some(message.clone()),
                What::Called(Called::Refused(refusal)) => Some(refusal.message.clone()),
                _ => None,
            });
        format!(
            "{FAILURES} calls in a row came to nothing: {} Look at the provider, then resume.",
            last.unwrap_or_default()
        )
    }

    /// Makes calls, each when its moment has come.
    fn call(&mut self, claimed: Vec<Claimed>) {
        for claimed in claimed {
            let (channel, account) = (Arc::clone(&self.channel), Arc::clone(&self.account));
            let caller = self.services.providers.caller.clone();
            self.calls.spawn(async move {
                sleep_until(claimed.at.into()).await;
                let what = if claimed.at.elapsed() > LATE {
                    What::Late
                } else {
                    let provider = provider_of(&channel);
                    What::Called(provider.send(&caller, &account, &claimed.outgoing).await)
                };
                Answer {
                    id: claimed.id,
                    attempt: claimed.attempt,
                    text: claimed.text,
                    what,
                    at: clock::now(),
                }
            });
        }
    }

    /// Waits for answers, for so long at most; much that has come back is enough.
    async fn gather(&mut self, wait: Duration) {
        let until = Instant::now() + wait;
        while let Some(answer) = self.calls.try_join_next() {
            self.take(answer);
        }
        while self.answers.len() < MANY {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            match timeout(left, self.calls.join_next()).await {
                Ok(Some(answer)) => self.take(answer),
                Ok(None) => {
                    tokio::select! {
                        () = sleep(left) => {}
                        () = self.context.stop.cancelled() => {}
                    }
                    return;
                }
                Err(_) => return,
            }
        }
    }

    fn take(&mut self, answer: Result<Answer, tokio::task::JoinError>) {
        // A call that panicked is one without an answer: it stays claimed, and UNKNOWN to the next run.
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::error!(send = %self.running.id, %error, "a call broke off");
                return;
            }
        };
        match &answer.what {
            What::Called(Called::Unknown { .. }) => self.failures += 1,
            What::Called(Called::Refused(refusal)) if refusal.class == Class::Later => {
                self.failures += 1;
            }
            What::Called(Called::Refused(refusal)) if refusal.class == Class::SlowDown => {}
            What::Called(_) => self.failures = 0,
            What::Late => {}
        }
        self.answers.push(answer);
    }
}
