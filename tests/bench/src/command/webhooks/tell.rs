//! The provider's side: each webhook at its moment, and again until it is taken.

use super::{
    lag::Sampler,
    line::Line,
    plan::{Event, Plan},
};
use crate::latency::Latency;
use anyhow::{Context, Result, ensure};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    task::JoinSet,
    time::{sleep, sleep_until},
};

/// Providers give up an answer after some seconds.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Between two tries of one webhook. Real providers wait longer.
const AGAIN: Duration = Duration::from_millis(200);
/// A webhook that is not taken for so long never is.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module.
pub(super) struct Caller {
    http: reqwest::Client,
    line: Arc<Line>,
    path: String,
    secret: &'static str,
    sampler: Arc<Sampler>,
    told: Mutex<Told>,
}

/// What telling came to.
#[derive(Default)]
pub(super) struct Told {
    /// Webhooks that were answered 200.
    pub(super) taken: usize,
    /// Tries beyond the first.
    pub(super) again: usize,
    /// Of tries that were answered.
    pub(super) answers: Latency,
    /// Other answers than 200, and no answers while the process was up.
    pub(super) refusals: Vec<String>,
    /// From the first to the last answer.
    pub(super) took: Duration,
}

impl Caller {
    pub(super) fn new(
        line: &Arc<Line>,
        path: &str,
        secret: &'static str,
        sampler: &Arc<Sampler>,
    ) -> Result<Self> {
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT);
        Ok(Self {
            http: http.build()?,
            line: Arc::clone(line),
            path: path.to_owned(),
            secret,
            sampler: Arc::clone(sampler),
            told: Mutex::default(),
        })
    }

    /// Tells all of it, `rate` a second whether answers come or not.
    pub(super) async fn tell(self: &Arc<Self>, plan: &Plan, rate: u64) -> Result<Told> {
        let begun = Instant::now();
        let mut calls = JoinSet::new();
        for (n, event) in plan.events.iter().enumerate() {
            let moment = Duration::from_secs_f64(n as f64 / rate as f64);
            sleep_until((begun + moment).into()).await;
            let (caller, event) = (Arc::clone(self), event.clone());
            calls.spawn(async move { caller.until_taken(&event).await });
            while let Some(taken) = calls.try_join_next() {
                taken??;
            }
        }
        while let Some(taken) = calls.join_next().await {
            taken??;
        }
        let mut told = std::mem::take(&mut *self.told());
        told.took = begun.elapsed();
        Ok(told)
    }

    async fn until_taken(&self, event: &Event) -> Result<()> {
        let signature = self.sign(&event.body)?;
        let begun = Instant::now();
        while !self.call(&event.body, &signature).await {
            ensure!(begun.elapsed() < PATIENCE, "never taken: {}", event.body);
            sleep(AGAIN).await;
            self.told().again += 1;
        }
        if let Some((message, address)) = &event.message {
            self.sampler.taken(*message, address);
        }
        Ok(())
    }

    /// One try; whether it was taken.
    async fn call(&self, body: &str, signature: &str) -> bool {
        let url = format!("{}{}", self.line.client().address(), self.path);
        let request = self.http.post(url).body(body.to_owned());
        let begun = Instant::now();
        let answer = request
            .header("X-Hub-Signature-256", signature)
            .send()
            .await;
        let now = Instant::now();
        let is_up = self.line.was_up(begun, now);
        let mut told = self.told();
        match answer {
            Ok(answer) => {
                told.answers.add(now - begun);
                let is_taken = answer.status() == reqwest::StatusCode::OK;
                if is_taken {
                    told.taken += 1;
                } else {
                    told.refusals.push(answer.status().to_string());
                }
                is_taken
            }
            Err(error) => {
                if is_up {
                    told.refusals.push(format!("{error:?}"));
                }
                false
            }
        }
    }

    fn sign(&self, body: &str) -> Result<String> {
        let mac = Hmac::<Sha256>::new_from_slice(self.secret.as_bytes());
        let mut mac = mac.ok().context("no key")?;
        mac.update(body.as_bytes());
        let mut text = "sha256=".to_owned();
        for byte in mac.finalize().into_bytes() {
            write!(text, "{byte:02x}")?;
        }
        Ok(text)
    }

    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
