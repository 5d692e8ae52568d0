//! A subscription has one root field (GraphQL, September 2025, 5.2.4.1), which async-graphql does not ask for: it would tell events of several, each
//! without the others' fields, and would never end where the one field is skipped.

use async_graphql::Positioned;
use async_graphql::parser::types::{Directive, ExecutableDocument, Selection, SelectionSet};

use super::refusal::Refusal;

/// Refuses the selections of a subscription, unless they have one field, told always. Fragments do not spread themselves here.
///
/// Two selections of the same field are refused too, which the specification would merge: they would be executed as two.
pub(super) fn check(document: &ExecutableDocument, set: &SelectionSet) -> Result<(), Refusal> {
    // None: a fragment that is not there, which validation names.
    if fields(document, set, 0)? > 1 {
        return Err(Refusal::invalid(
            "A subscription must select one top level field, once: ask for others in subscriptions of their own.",
        ));
    }
    Ok(())
}

/// How many there are, with so many before; not counted further than two.
fn fields(
    document: &ExecutableDocument,
    set: &SelectionSet,
    mut before: usize,
) -> Result<usize, Refusal> {
    for item in &set.items {
        match &item.node {
            Selection::Field(field) => {
                always(&field.node.directives)?;
                if field.node.name.node.starts_with("__") {
                    return Err(Refusal::invalid(
                        "A subscription must not select an introspection top level field.",
                    ));
                }
                before += 1;
            }
            Selection::InlineFragment(inline) => {
                always(&inline.node.directives)?;
                before = fields(document, &inline.node.selection_set.node, before)?;
            }
            Selection::FragmentSpread(spread) => {
                always(&spread.node.directives)?;
                let name = &spread.node.fragment_name.node;
                if let Some(fragment) = document.fragments.get(name) {
                    before = fields(document, &fragment.node.selection_set.node, before)?;
                }
            }
        }
        if before > 1 {
            break;
        }
    }
    Ok(before)
}

fn always(directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
    let skips = |directive: &Positioned<Directive>| {
        ["skip", "include"].contains(&directive.node.name.node.as_str())
    };
    if directives.iter().any(skips) {
        return Err(Refusal::invalid(
            "A subscription's top level field must not be skipped: @skip and @include have no place there.",
        ));
    }
    Ok(())
}
