//! The present, as exactly as both databases keep it.

use chrono::{DateTime, SubsecRound, Utc};

/// Now, to the microsecond: what is written reads back the same.
pub fn now() -> DateTime<Utc> {
    Utc::now().trunc_subsecs(6)
}
