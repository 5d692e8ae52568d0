//! How long after the answer a message is there for whoever asks: one message after the other is looked for until a query has it.

use super::line::Line;
use crate::latency::Latency;
use anyhow::Result;
use serde_json::json;
use std::{
    collections::{BTreeMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Between two looks, which shall cost the server little.
const LOOK: Duration = Duration::from_millis(10);

/// What is not seen for so long never is.
const PATIENCE: Duration = Duration::from_secs(60);

/// See the module.
pub(super) struct Sampler {
    line: Arc<Line>,
    /// Contacts who were there before, by address; others' ids would have to be looked for first.
    contacts: BTreeMap<String, Vec<String>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// What was answered last, of what nobody looks for yet.
    newest: Option<Taken>,
    /// A repetition is applied already.
    before: HashSet<u64>,
    is_over: bool,
}

/// A message whose webhook was answered.
struct Taken {
    message: u64,
    contact: String,
    at: Instant,
}

/// What the samples came to.
#[derive(Default)]
pub(super) struct Lags {
    /// Where no process was killed meanwhile, nor shortly before.
    pub(super) steady: Latency,
    /// Where one was.
    pub(super) after_kill: Latency,
    pub(super) unseen: usize,
}

impl Sampler {
    /// Of messages of these.
    pub(super) fn new(line: &Arc<Line>, contacts: BTreeMap<String, Vec<String>>) -> Arc<Self> {
        Arc::new(Self {
            line: Arc::clone(line),
            contacts,
            state: Mutex::default(),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Right after the answer.
    pub(super) fn taken(&self, message: u64, address: &str) {
        let at = Instant::now();
        let mut state = self.state();
        let contact = self.contacts.get(address).and_then(|ids| ids.first());
        if let (true, Some(contact)) = (state.before.insert(message), contact) {
            state.newest = Some(Taken {
                message,
                contact: contact.clone(),
                at,
            });
        }
    }

    /// Nothing more will be taken.
    pub(super) fn stop(&self) {
        self.state().is_over = true;
    }

    /// Samples until it is stopped.
    pub(super) async fn run(&self) -> Lags {
        let mut lags = Lags::default();
        loop {
            let (next, is_over) = {
                let mut state = self.state();
                (state.newest.take(), state.is_over)
            };
            match next {
                Some(taken) => self.follow(&taken, &mut lags).await,
                None if is_over => return lags,
                None => sleep(Duration::from_millis(1)).await,
            }
        }
    }

    async fn follow(&self, taken: &Taken, lags: &mut Lags) {
        while taken.at.elapsed() < PATIENCE {
            // Without an answer it is away, and asked again.
            if self.is_there(taken).await.unwrap_or(false) {
                let now = Instant::now();
                let lag = now - taken.at;
                if self.line.was_steady(taken.at, now) {
                    lags.steady.add(lag);
                } else {
                    lags.after_kill.add(lag);
                }
                return;
            }
            sleep(LOOK).await;
        }
        lags.unseen += 1;
    }

    async fn is_there(&self, taken: &Taken) -> Result<bool> {
        let query = "query ($id: ID!) { messages(contactId: $id, first: 20) { nodes { text } } }";
        let variables = json!({ "id": taken.contact });
        let found = self.line.client().query(query, variables).await?;
        let nodes = found["messages"]["nodes"].as_array();
        let text = format!("Message {}", taken.message);
        Ok(nodes.is_some_and(|nodes| nodes.iter().any(|node| node["text"] == text)))
    }
}
