//! Webhooks: what becomes of accepted messages, told late, twice, in any order, and again until it is taken.

use crate::{fault::Faults, ledger::Ledger};
use axum::{Json, extract::State, http::StatusCode};
use clap::Args;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// How webhooks come.
#[derive(Args, Clone)]
pub(crate) struct Manner {
    /// Each status is told after up to so many milliseconds, in whatever order that gives.
    #[arg(long, default_value_t = 0)]
    pub(crate) webhook_delay: u64,
    /// How many of them are told twice, a part of 1.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) webhook_twice: f64,
    /// Statuses of a webhook at most.
    #[arg(long, default_value_t = 1)]
    pub(crate) webhook_batch: usize,
}

/// Webhooks under way at the same time at most.
const SENDERS: usize = 8;

/// Where webhooks go.
#[derive(Deserialize, Clone)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    url: String,
    app_secret: Option<String>,
}

/// What is to be told. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Teller(Arc<Inner>);

struct Inner {
    manner: Manner,
    target: Mutex<Option<Target>>,
    /// By the moment, in the order of coming.
    waiting: Mutex<BTreeMap<(Instant, u64), Value>>,
    number: AtomicU64,
    /// Told and not taken yet.
    open: AtomicUsize,
    client: reqwest::Client,
}

impl Teller {
    pub(crate) fn new(manner: Manner) -> Self {
        Self(Arc::new(Inner {
            manner,
            target: Mutex::default(),
            waiting: Mutex::default(),
            number: AtomicU64::default(),
            open: AtomicUsize::default(),
            client: reqwest::Client::new(),
        }))
    }

    /// Begins to tell.
    pub(crate) fn start(&self) {
        for _ in 0..SENDERS {
            let teller = self.clone();
            tokio::spawn(async move { teller.run().await });
        }
    }

    /// What is to become of a message that was accepted; told as soon as somebody wants to hear it. Nine of ten arrive, half of these are read.
    pub(crate) fn plan(&self, faults: &Faults) -> Option<&'static str> {
        self.target()?;
        Some(match faults.chance() {
            chance if chance < 0.05 => "failed",
            chance if chance < 0.5 => "delivered",
            _ => "read",
        })
    }

    /// Tells all of a message's way to `end`.
    pub(crate) fn tell(&self, faults: &Faults, id: &str, reference: &str, to: &str, end: &str) {
        let way: &[&str] = match end {
            "failed" => &["sent", "failed"],
            "read" => &["sent", "delivered", "read"],
            _ => &["sent", "delivered"],
        };
        for status in way {
            let mut event = json!({
                "id": id, "status": status, "recipient_id": to, "biz_opaque_callback_data": reference,
                "timestamp": crate::ledger::millis() .wrapping_div(1_000).to_string()
            });
            if *status == "failed" {
                event["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
            }
            let times = if faults.chance() < self.0.manner.webhook_twice {
                2
            } else {
                1
            };
            for _ in 0..times {
                #[allow(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    clippy::cast_precision_loss,
                    reason = "some milliseconds"
                )]
                let delay = (self.0.manner.webhook_delay as f64 * faults.chance()) as u64;
                let at = Instant::now() + Duration::from_millis(delay);
                let number = self.0.number.fetch_add(1, Ordering::Relaxed);
                self.0.open.fetch_add(1, Ordering::Relaxed);
                self.waiting().insert((at, number), event.clone());
            }
        }
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, BTreeMap<(Instant, u64), Value>> {
        self.0
            .waiting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn target(&self) -> Option<Target> {
        let target = self.0.target.lock().unwrap_or_else(PoisonError::into_inner);
        target.clone()
    }

    fn due(&self) -> Vec<Value> {
        let mut waiting = self.waiting();
        let now = Instant::now();
        let mut due = Vec::new();
        while due.len() < self.0.manner.webhook_batch
            && waiting.keys().next().is_some_and(|(at, _)| *at <= now)
        {
            due.extend(waiting.pop_first().map(|(_, event)| event));
        }
        due
    }

    async fn run(&self) {
        loop {
            let due = self.due();
            if due.is_empty() {
                sleep(Duration::from_millis(5)).await;
                continue;
            }
            let number = due.len();
            let body = json!({
                "object": "whatsapp_business_account",
                "entry": [{ "id": "1", "changes": [{ "field": "messages", "value": { "statuses": due } }] }]
            });
            let body = body.to_string();
            // Until it is taken: whoever is away hears it again.
            while !self.post(&body).await {
                sleep(Duration::from_millis(200)).await;
            }
            self.0.open.fetch_sub(number, Ordering::Relaxed);
        }
    }

    async fn post(&self, body: &str) -> bool {
        let Some(target) = self.target() else {
            return false;
        };
        let mut request = self
            .0
            .client
            .post(&target.url)
            .timeout(Duration::from_secs(10))
            .body(body.to_owned());
        if let Some(secret) = &target.app_secret
            && let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        {
            mac.update(body.as_bytes());
            let signature =
                mac.finalize()
                    .into_bytes()
                    .iter()
                    .fold("sha256=".to_owned(), |mut text, byte| {
                        let _ = write!(text, "{byte:02x}");
                        text
                    });
            request = request.header("x-hub-signature-256", signature);
        }
        matches!(request.send().await, Ok(answer) if answer.status() == StatusCode::OK)
    }
}

/// `POST /mock/webhooks`: where webhooks go from now on.
pub(crate) async fn aim(State(ledger): State<Ledger>, Json(target): Json<Target>) -> StatusCode {
    let mut aimed = ledger
        .teller()
        .0
        .target
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    *aimed = Some(target);
    StatusCode::NO_CONTENT
}

/// `GET /mock/state`: what was accepted, and what of it is still to be told.
pub(crate) async fn state(State(ledger): State<Ledger>) -> Json<Value> {
    Json(json!({
        "accepted": ledger.accepted(),
        "requests": ledger.requests(),
        "untold": ledger.teller().0.open.load(Ordering::Relaxed)
    }))
}
