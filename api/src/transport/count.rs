//! What the transport counts for `/metrics`.

use async_graphql::parser::types::OperationType;

use super::outcome::Outcome;

/// Something that is open until this is dropped.
pub(super) struct Open(&'static str);

impl Open {
    pub(super) fn websocket() -> Self {
        Self::begin("roster_websockets_open")
    }

    pub(super) fn subscription() -> Self {
        Self::begin("roster_subscriptions_open")
    }

    fn begin(name: &'static str) -> Self {
        metrics::gauge!(name).increment(1);
        Self(name)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!(self.0).decrement(1);
    }
}

/// Counts an operation that was answered.
pub(super) fn operation(kind: Option<OperationType>, outcome: &Outcome) {
    let kind = match kind {
        Some(OperationType::Query) => "query",
        Some(OperationType::Mutation) => "mutation",
        Some(OperationType::Subscription) => "subscription",
        None => "unknown",
    };
    let labels = [("kind", kind), ("outcome", outcome.label())];
    metrics::counter!("roster_graphql_operations_total", &labels).increment(1);
}
