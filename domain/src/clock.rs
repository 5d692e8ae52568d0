//! The present, as exactly as both databases keep it.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, to the microsecond: what is written reads back the same.
#[allow(clippy::disallowed_methods, reason = "this is the function that cuts")]
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
