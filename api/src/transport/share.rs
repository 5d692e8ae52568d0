//! Subscriptions to a state, asked for in the same words with the same token: one execution serves them all, so that ten thousand dashboards that watch one import
//! cost what one costs, and their sockets.
//!
//! What tells states says all there is to say with each event, and begins with the present one ([`super::Authenticate::is_state`]). So whoever reads slowly may
//! skip some, and whoever comes later begins with the last one, as long as it is young: what a state is told with (a link, a count) may have become old meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_graphql::Request;
use futures_util::{Stream, StreamExt, stream};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::Instant;

use super::outcome::Outcome;

/// How old the last state may be for those who come later.
const YOUNG: Duration = Duration::from_secs(1);

/// What was asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Words {
    query: String,
    operation: Option<String>,
    variables: String,
    /// Some change what is answered.
    extensions: String,
}

impl Words {
    pub(super) fn of(request: &Request) -> Option<Self> {
        let extensions: BTreeMap<_, _> = request.extensions.iter().collect();
        Some(Self {
            query: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: serde_json::to_string(&request.variables).ok()?,
            extensions: serde_json::to_string(&extensions).ok()?,
        })
    }
}

/// The last state, and when it was told; none: nothing yet.
type Told = Option<(Instant, Arc<Outcome>)>;

/// The executions of one token's subscriptions that others may join.
pub(super) struct Shares {
    running: Mutex<Running>,
    young: Duration,
}

type Running = HashMap<Words, Weak<Sender<Told>>>;

impl Default for Shares {
    fn default() -> Self {
        Self {
            running: Mutex::default(),
            young: YOUNG,
        }
    }
}

/// An execution that others may join, to be run to its end.
pub(super) struct Share {
    shares: Arc<Shares>,
    words: Words,
    sender: Arc<Sender<Told>>,
}

impl Shares {
    /// The states from now on; and the execution that is to tell them, where there is none to join.
    pub(super) fn join(
        self: &Arc<Self>,
        words: Words,
    ) -> (impl Stream<Item = Arc<Outcome>> + use<>, Option<Share>) {
        let mut running = self.lock();
        let found = running.get(&words).and_then(Weak::upgrade);
        if let Some(sender) = found.filter(|sender| self.is_young(&sender.borrow())) {
            return (follow(sender.subscribe()), None);
        }
        let sender = Arc::new(Sender::new(None));
        let states = follow(sender.subscribe());
        running.insert(words.clone(), Arc::downgrade(&sender));
        let share = Share {
            shares: Arc::clone(self),
            words,
            sender,
        };
        (states, Some(share))
    }

    fn is_young(&self, told: &Told) -> bool {
        told.as_ref()
            .is_none_or(|(at, _)| at.elapsed() < self.young)
    }

    fn lock(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Tells what comes, as long as anybody listens.
    pub(super) async fn run(self, mut outcomes: impl Stream<Item = Outcome> + Unpin) {
        loop {
            let outcome = tokio::select! {
                outcome = outcomes.next() => outcome,
                () = self.sender.closed() => match self.is_left() {
                    true => return,
                    false => continue,
                },
            };
            let Some(outcome) = outcome else {
                return;
            };
            let told = (Instant::now(), Arc::new(outcome));
            self.sender.send_replace(Some(told));
        }
    }

    /// Whether nobody listens, nor will.
    fn is_left(&self) -> bool {
        let mut running = self.shares.lock();
        let is_left = self.sender.receiver_count() == 0;
        if is_left {
            self.remove_from(&mut running);
        }
        is_left
    }

    /// Unless a younger one has taken its place.
    fn remove_from(&self, running: &mut Running) {
        let own = Arc::downgrade(&self.sender);
        if running
            .get(&self.words)
            .is_some_and(|kept| kept.ptr_eq(&own))
        {
            running.remove(&self.words);
        }
    }
}

/// However it ends, nobody joins it any more.
impl Drop for Share {
    fn drop(&mut self) {
        let mut running = self.shares.lock();
        self.remove_from(&mut running);
    }
}

/// The last state, if there is one, then each that comes, as far as there is time; it ends with the execution.
fn follow(mut told: Receiver<Told>) -> impl Stream<Item = Arc<Outcome>> {
    told.mark_changed();
    stream::unfold(told, async |mut told| {
        loop {
            told.changed().await.ok()?;
            let now = told.borrow_and_update().clone();
            if let Some((_, outcome)) = now {
                return Some((outcome, told));
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::{Response, Value};
    use futures_util::FutureExt;
    use futures_util::stream::BoxStream;
    use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

    fn outcome(text: &str) -> Outcome {
        Outcome::new(Response::new(Value::from(text)), "r1")
    }

    fn words() -> Words {
        Words::of(&Request::new("subscription { a }")).unwrap()
    }

    #[test]
    fn what_changes_the_answer_counts() {
        let mut other = Request::new("subscription { a }");
        other
            .extensions
            .insert("cost".to_owned(), Value::from(true));
        assert!(Words::of(&other) != Some(words()));
    }

    /// One who joins, and what tells them.
    fn join(shares: &Arc<Shares>) -> BoxStream<'static, Arc<Outcome>> {
        let (states, share) = shares.join(words());
        assert!(share.is_none(), "there was none to join");
        states.boxed()
    }

    fn begin(shares: &Arc<Shares>) -> (BoxStream<'static, Arc<Outcome>>, UnboundedSender<Outcome>) {
        let (states, share) = shares.join(words());
        let (tell, mut told) = unbounded_channel();
        let outcomes = stream::poll_fn(move |context| told.poll_recv(context));
        tokio::spawn(share.expect("there was one to join").run(outcomes));
        (states.boxed(), tell)
    }

    #[tokio::test]
    async fn who_comes_late_begins_with_the_last_state() {
        let shares = Arc::default();
        let (mut first, tell) = begin(&shares);
        let mut second = join(&shares);
        tell.send(outcome("one")).unwrap();
        for states in [&mut first, &mut second, &mut join(&shares)] {
            assert_eq!(states.next().await.unwrap().text(), r#"{"data":"one"}"#);
        }
        // The last state is heard, also where it comes together with the end.
        tell.send(outcome("two")).unwrap();
        drop(tell);
        for mut states in [first, second] {
            assert_eq!(states.next().await.unwrap().text(), r#"{"data":"two"}"#);
            assert!(states.next().await.is_none());
        }
        assert!(shares.lock().is_empty());
    }

    #[tokio::test]
    async fn a_state_that_is_not_young_is_told_to_nobody_else() {
        let shares = Arc::new(Shares {
            young: Duration::ZERO,
            ..Shares::default()
        });
        let (mut first, tell) = begin(&shares);
        // Nothing told yet: there is nothing that could be old.
        let mut second = join(&shares);
        tell.send(outcome("one")).unwrap();
        assert!(first.next().await.is_some());
        let (mut later, tell_later) = begin(&shares);
        assert!(later.next().now_or_never().is_none());
        // The end of the one does not touch the other, which has taken its place.
        drop(tell);
        assert!(second.next().await.is_some());
        assert!(second.next().await.is_none());
        let mut latest = join(&shares);
        tell_later.send(outcome("two")).unwrap();
        for states in [&mut later, &mut latest] {
            assert_eq!(states.next().await.unwrap().text(), r#"{"data":"two"}"#);
        }
    }
}
