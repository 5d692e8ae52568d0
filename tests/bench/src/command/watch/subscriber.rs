//! Those who watch: each has a filter, and keeps the last count that it was sent.

use crate::client::Client;
use anyhow::{Context, Result, bail};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// A subscription that says nothing for so long at its beginning is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// What somebody was sent.
#[derive(Debug, Clone)]
struct Heard {
    count: Value,
    when: Instant,
    events: usize,
    error: Option<String>,
}

/// One who watches.
struct Subscriber {
    variables: Value,
    heard: Arc<Mutex<Heard>>,
}

impl Subscriber {
    fn heard(&self) -> Heard {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// All of them; they leave when it is dropped.
pub(super) struct Audience {
    all: Vec<Subscriber>,
    _listening: JoinSet<()>,
}

impl Audience {
    /// So many, with so many filters among them; each has heard the present count.
    pub(super) async fn gather(client: &Client, size: usize, filters: usize) -> Result<Self> {
        let mut all = Vec::new();
        let mut listening = JoinSet::new();
        for number in 0..size {
            let variables = watched(number % filters.max(1));
            let heard = Arc::new(Mutex::new(Heard {
                count: Value::Null,
                when: Instant::now(),
                events: 0,
                error: None,
            }));
            let task = listen(client.clone(), variables.clone(), Arc::clone(&heard));
            listening.spawn(task);
            all.push(Subscriber { variables, heard });
        }
        let begun = Instant::now();
        while let Some(waiting) = all.iter().find(|one| one.heard().events == 0) {
            if let Some(error) = waiting.heard().error {
                bail!("cannot subscribe: {error}");
            }
            if begun.elapsed() > PATIENCE {
                bail!("a subscription does not begin with the present count");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(Self {
            all,
            _listening: listening,
        })
    }

    /// What all of them were sent so far.
    pub(super) fn events(&self) -> usize {
        self.all.iter().map(|one| one.heard().events).sum()
    }

    /// When the last of them heard something.
    pub(super) fn last_event(&self) -> Instant {
        let times = self.all.iter().map(|one| one.heard().when);
        times.max().unwrap_or_else(Instant::now)
    }

    /// Those who, now, do not know what a query counts.
    pub(super) async fn wrong(&self, client: &Client) -> Result<Vec<String>> {
        let now: Vec<Heard> = self.all.iter().map(Subscriber::heard).collect();
        let mut wrong = Vec::new();
        let mut known: Vec<(Value, Value)> = Vec::new();
        for (one, heard) in self.all.iter().zip(now) {
            let there = known
                .iter()
                .find(|(variables, _)| *variables == one.variables);
            let counts = match there {
                Some((_, counts)) => counts.clone(),
                None => {
                    let counts = client.query(COUNT, one.variables.clone()).await?;
                    known.push((one.variables.clone(), counts.clone()));
                    counts
                }
            };
            let counts = &counts["contacts"];
            // A subscription may count up to a limit, or all.
            if heard.count != counts["capped"] && heard.count != counts["whole"] {
                let (variables, count) = (&one.variables, &heard.count);
                let error = heard.error.unwrap_or_default();
                wrong.push(format!("{variables}: {count}, not {counts} {error}"));
            }
        }
        Ok(wrong)
    }
}

const COUNT: &str =
    "query($filter: ContactFilter, $search: String) { contacts(filter: $filter, search: $search) {
    capped: totalCount { value exact } whole: totalCount(limit: 0) { value exact } } }";

const SUBSCRIPTION: &str = "subscription($filter: ContactFilter, $search: String) {
    contactCount(filter: $filter, search: $search) { value exact } }";

async fn listen(client: Client, variables: Value, heard: Arc<Mutex<Heard>>) {
    let note = |change: &dyn Fn(&mut Heard)| {
        change(&mut heard.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let ended = async {
        let events = client.subscribe(SUBSCRIPTION, variables).await?;
        let mut events = std::pin::pin!(events);
        loop {
            let event = events.next().await.context("the subscription ended")??;
            note(&|heard| {
                heard.count = event["contactCount"].clone();
                heard.when = Instant::now();
                heard.events += 1;
            });
        }
    };
    let ended: Result<()> = ended.await;
    if let Err(error) = ended {
        note(&|heard| heard.error = Some(format!("{error:#}")));
    }
}

/// What the `n`th filter asks: cities and plans with a least score, spans of the score, words in the search box.
fn watched(n: usize) -> Value {
    let city = ["Aachen", "Berlin", "Bremen", "Hamburg", "Leipzig"][n / 5 % 5];
    let plan = ["basic", "enterprise", "free", "pro"][n % 4];
    let attribute = |key: &str, of_type: &str, condition: Value| json!({ "attribute": { "key": key, of_type: condition } });
    let city = attribute("city", "text", json!({ "eq": city }));
    let plan = attribute("plan", "text", json!({ "eq": plan }));
    let high = attribute("score", "number", json!({ "gte": 10 * n }));
    let span = attribute(
        "score",
        "number",
        json!({ "gte": 10 * n, "lt": 10 * n + 50 }),
    );
    let name = ["anna", "ben", "elif", "mira", "noah"][(n / 5 + n / 25) % 5];
    match n % 5 {
        0 => json!({ "filter": { "and": [city, plan] } }),
        1 => json!({ "filter": span }),
        2 => json!({ "filter": { "and": [plan, high] } }),
        3 => json!({ "filter": { "or": [span, { "and": [city, plan, high] }] } }),
        _ => {
            json!({ "filter": city, "search": name })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifty_filters_differ() {
        let all: Vec<Value> = (0..50).map(watched).collect();
        for (n, one) in all.iter().enumerate() {
            assert!(!all[..n].contains(one), "{n}: {one}");
        }
    }
}
