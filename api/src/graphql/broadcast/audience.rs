//! Whom a broadcast would reach, and what one of them would read.

use crate::graphql::{job::whole, send::SkipReason};
use async_graphql::SimpleObject;
use domain::{broadcast, scalar::DateTime};

/// Whom a broadcast would reach now. `total` = `reachable` + all of `skipped`.
#[derive(SimpleObject)]
pub(crate) struct Audience {
    /// Distinct contacts.
    total: i32,
    /// Those who would get it.
    reachable: i32,
    /// Those who would not, by reason, the most frequent first.
    skipped: Vec<SkipCount>,
    /// Distinct people whom the channel may reach in moving 24 hours; null: any number.
    daily_limit: Option<i32>,
    /// How many it has reached in the last 24 hours; null where it has no such limit.
    used_today: Option<i32>,
    /// When the last of them would get it, at the channel's rate and daily limit, behind what is on its way already.
    expected_end: DateTime,
}

/// How many are left out for a reason.
#[derive(SimpleObject)]
pub(crate) struct SkipCount {
    /// Why.
    reason: SkipReason,
    /// How many.
    count: i32,
}

/// What one contact would read.
#[derive(SimpleObject)]
pub(crate) struct BroadcastPreview {
    /// The message; where a placeholder has no value and no fallback it stands as it is written.
    message: String,
    /// The variables that have no value for them and no fallback.
    missing_variables: Vec<String>,
    /// Why they would be left out; null: they would get it.
    skip_reason: Option<SkipReason>,
}

impl From<broadcast::Audience> for Audience {
    fn from(found: broadcast::Audience) -> Self {
        Self {
            total: whole(found.total),
            reachable: whole(found.reachable),
            skipped: found
                .skipped
                .into_iter()
                .map(|skip| SkipCount {
                    reason: skip.reason.into(),
                    count: whole(skip.count),
                })
                .collect(),
            daily_limit: found.daily_limit,
            used_today: found.used_today.map(whole),
            expected_end: DateTime(found.expected_end),
        }
    }
}

impl From<broadcast::Preview> for BroadcastPreview {
    fn from(shown: broadcast::Preview) -> Self {
        Self {
            message: shown.message,
            missing_variables: shown.missing,
            skip_reason: shown.skip_reason.map(Into::into),
        }
    }
}
