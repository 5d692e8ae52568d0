//! The rules of validation (GraphQL, September 2025, section 5) that async-graphql has not, or has and does not keep to. `tests/clients` holds what is
//! refused against the reference implementation.

use async_graphql::Name;
use async_graphql::parser::types::{ExecutableDocument, OperationType};

use super::merge::Merge;
use super::refusal::Refusal;
use super::root;
use super::values::Values;
use super::weigh::Weights;

/// Refuses what breaks one of them, in a document that is within the limits and whose fragments do not spread themselves.
///
/// Values are looked at in the operation that runs: each of many might spread the same fragments.
pub(super) fn check(
    weights: &Weights,
    document: &ExecutableDocument,
    chosen: Option<&str>,
) -> Result<(), Refusal> {
    let is_alone = document.operations.iter().count() == 1;
    for (name, operation) in document.operations.iter() {
        let operation = &operation.node;
        let (of, set) = (weights.root(operation.ty), &operation.selection_set.node);
        if operation.ty == OperationType::Subscription {
            root::check(document, set)?;
        }
        Merge { weights, document }.check(of, set)?;
        if is_alone || chosen.is_some() && name.map(Name::as_str) == chosen {
            Values::new(weights, document, operation).check(of, operation)?;
        }
    }
    Ok(())
}
