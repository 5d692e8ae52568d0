//! Instants as both databases keep them: in microseconds.

use chrono::{DateTime, SubsecRound, Utc};

/// Now.
#[allow(
    clippy::disallowed_methods,
    reason = "this is the function that rounds; domain's own is not to be had here"
)]
pub(crate) fn now() -> DateTime<Utc> {
    exact(Utc::now())
}

/// An instant that somebody else wrote, to the microsecond.
pub(crate) fn exact(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}
