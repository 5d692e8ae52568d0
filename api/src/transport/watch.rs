//! What the transport does by itself: it ends the sockets of tokens that are good no more, and forgets buckets.

use std::time::Duration;

use async_graphql::Executor;
use tokio::time::{MissedTickBehavior, interval};

use super::session::Standing;
use super::{Authenticate, Transport};

/// A token that was revoked keeps its sockets for two seconds at most.
const EVERY: Duration = Duration::from_secs(1);

impl<E: Executor, A: Authenticate> Transport<E, A> {
    /// Works until the shutdown. One question to the database a second, however many sockets are open, and none while there are none.
    pub async fn watch(&self) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self
            .0
            .shutdown
            .run_until_cancelled(ticks.tick())
            .await
            .is_some()
        {
            self.end_sessions().await;
            if let Some(buckets) = &self.0.buckets {
                buckets.tidy();
            }
        }
    }

    async fn end_sessions(&self) {
        let (keys, viewers): (Vec<_>, Vec<_>) = self.0.sessions.viewers().into_iter().unzip();
        if keys.is_empty() {
            return;
        }
        // Where it cannot be told now it is asked again: who came in with a good token is not sent away for a database that is away.
        let Ok(standings) = self.0.authenticator.recheck(&viewers).await else {
            return;
        };
        for (key, standing) in keys.into_iter().zip(standings) {
            if standing != Standing::Good {
                self.0.sessions.end(key, standing);
            }
        }
    }
}
