//! How often a viewer may ask: a bucket of tokens for each, which fills steadily.

use std::num::NonZeroU32;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::RETRY_AFTER};
use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::settings::Rate;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");

/// The buckets of all viewers.
pub(super) struct Buckets {
    limiter: DefaultKeyedRateLimiter<i64, StateInformationMiddleware>,
    burst: NonZeroU32,
}

/// Whether a request may be answered, and what its answer says about the next.
pub(super) struct Turn {
    pub(super) allowed: bool,
    pub(super) headers: HeaderMap,
}

impl Buckets {
    pub(super) fn new(rate: Rate) -> Self {
        let quota = Quota::per_second(rate.per_second).allow_burst(rate.burst);
        Self {
            limiter: RateLimiter::keyed(quota).with_middleware(),
            burst: rate.burst,
        }
    }

    /// Takes one request out of a viewer's bucket.
    pub(super) fn take(&self, viewer: i64) -> Turn {
        let mut headers = HeaderMap::from_iter([(LIMIT, self.burst.get().into())]);
        let allowed = match self.limiter.check_key(&viewer) {
            Ok(snapshot) => {
                let remaining = snapshot.remaining_burst_capacity();
                headers.insert(REMAINING, remaining.into());
                true
            }
            Err(refused) => {
                let wait = refused.wait_time_from(DefaultClock::default().now());
                // Whole seconds: never too early.
                headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs() + 1));
                headers.insert(REMAINING, 0.into());
                false
            }
        };
        Turn { allowed, headers }
    }

    /// Forgets buckets that are full again.
    pub(super) fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}
