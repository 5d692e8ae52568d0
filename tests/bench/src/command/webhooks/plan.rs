//! What is told, in which order, and what must be there in the end.

use crate::{broadcast::number, random::Random};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Numbers of people who are not known before begin here.
const STRANGERS: u64 = 50_000_000;

/// Of so many webhooks one repeats another.
const REPEATED: u64 = 11;

/// What belongs together comes within so many seconds, in any order.
const SPREAD: f64 = 2.0;

/// A webhook.
#[derive(Clone)]
pub(super) struct Event {
    pub(super) body: String,
    /// The message that it brings, and from which address; none: it brings a status.
    pub(super) message: Option<(u64, String)>,
}

/// See the module.
pub(super) struct Plan {
    /// One after the other, evenly spread over the time.
    pub(super) events: Vec<Event>,
    /// By address, with `+`: the messages of their history.
    pub(super) written: BTreeMap<String, BTreeSet<u64>>,
    /// By address: the highest state that is told of the broadcast's message to them.
    pub(super) ends: BTreeMap<String, &'static str>,
    /// All who are contacts in the end.
    pub(super) people: usize,
}

/// Draws it.
struct Draft {
    random: Random,
    seconds: f64,
    drawn: Vec<(f64, Event)>,
    plan: Plan,
}

impl Plan {
    /// How many recipients the broadcast needs so that about four in ten of so many webhooks tell of their messages.
    pub(super) fn recipients(webhooks: u64) -> u64 {
        (webhooks / 6).max(1)
    }

    /// Draws it from the seed, for messages of which the provider has this ledger.
    pub(super) fn draw(seed: u64, rate: u64, time: Duration, ledger: &[Value]) -> Result<Self> {
        let mut draft = Draft {
            random: Random::new(seed),
            seconds: time.as_secs_f64(),
            drawn: Vec::new(),
            plan: Self {
                events: Vec::new(),
                written: BTreeMap::new(),
                ends: BTreeMap::new(),
                people: ledger.len(),
            },
        };
        let total = usize::try_from(rate * time.as_secs())?;
        let distinct = total - total / usize::try_from(REPEATED)?;
        for line in ledger {
            draft.follow(line)?;
        }
        ensure!(draft.drawn.len() < distinct, "more statuses than webhooks");
        while draft.drawn.len() < distinct {
            draft.write(ledger, distinct)?;
        }
        while draft.drawn.len() < total {
            let (moment, event) = draft.random.pick(&draft.drawn[..distinct]).clone();
            let moment = moment + SPREAD * draft.random.fraction();
            draft.drawn.push((moment, event));
        }
        draft
            .drawn
            .sort_by(|(one, _), (other, _)| one.total_cmp(other));
        let events = draft.drawn.into_iter().map(|(_, event)| event);
        draft.plan.events = events.collect();
        Ok(draft.plan)
    }
}

impl Draft {
    /// A moment at which something begins of which more may follow.
    fn moment(&mut self) -> f64 {
        (self.seconds - SPREAD).max(0.0) * self.random.fraction()
    }

    fn add(&mut self, begins: f64, value: &Value, message: Option<(u64, String)>) {
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "2", "changes": [{ "field": "messages", "value": value }] }] });
        let moment = begins + SPREAD * self.random.fraction();
        let body = body.to_string();
        self.drawn.push((moment, Event { body, message }));
    }

    /// All that is told of one of our messages: half of it by our name for it too, the other half by the provider's alone.
    fn follow(&mut self, line: &Value) -> Result<()> {
        let text = |key: &str| line[key].as_str().with_context(|| format!("no {key}"));
        let (to, id, reference) = (text("to")?, text("id")?, text("reference")?);
        let (way, end): (&[&str], _) = match self.random.below(10) {
            0..5 => (&["sent", "delivered", "read"], "READ"),
            5..8 => (&["sent", "delivered"], "DELIVERED"),
            8 => (&["sent", "failed"], "FAILED"),
            // It has arrived after all.
            _ => (&["failed", "delivered"], "DELIVERED"),
        };
        let is_named = self.random.below(2) == 0;
        let begins = self.moment();
        for status in way {
            let mut event = json!({ "id": id, "status": status, "recipient_id": to, "timestamp": now().to_string() });
            if is_named {
                event["biz_opaque_callback_data"] = reference.into();
            }
            if *status == "failed" {
                event["errors"] = json!([{ "code": 131_026, "title": "Message undeliverable" }]);
            }
            let value = json!({ "metadata": { "phone_number_id": "1" }, "statuses": [event] });
            self.add(begins, &value, None);
        }
        self.plan.ends.insert(format!("+{to}"), end);
        Ok(())
    }

    /// One to three messages of somebody, each third time of a stranger; not more than `most` in all.
    fn write(&mut self, ledger: &[Value], most: usize) -> Result<()> {
        let from = if self.random.below(3) == 0 {
            self.plan.people += 1;
            number(STRANGERS + self.plan.people as u64)
        } else {
            let to = &self.random.pick(ledger)["to"];
            to.as_str().context("no number")?.to_owned()
        };
        let begins = self.moment();
        for _ in 0..=self
            .random
            .below(3)
            .min((most - self.drawn.len()) as u64 - 1)
        {
            let (address, message) = (format!("+{from}"), self.drawn.len() as u64);
            let value = json!({
                "metadata": { "phone_number_id": "1" },
                "contacts": [{ "profile": { "name": format!("Profile {from}") }, "wa_id": from }],
                "messages": [{ "from": from, "id": format!("wamid.in.{message}"), "timestamp": now().to_string(),
                    "type": "text", "text": { "body": format!("Message {message}") } }]
            });
            self.add(begins, &value, Some((message, address.clone())));
            self.plan
                .written
                .entry(address)
                .or_default()
                .insert(message);
        }
        Ok(())
    }
}

/// Seconds since 1970.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
