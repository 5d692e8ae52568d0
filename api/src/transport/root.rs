//! The one root field of a subscription (GraphQL, September 2025, 5.2.4.1). async-graphql does not ask whether there is one: it would tell events of several,
//! each without the others' fields. And it does not look into fragments there: what stands in one would never be told.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, DocumentOperations, ExecutableDocument, FragmentDefinition, OperationDefinition,
    OperationType, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, Request};

use super::refusal::Refusal;

type Fragments = HashMap<Name, Positioned<FragmentDefinition>>;

/// Refuses the selections of a subscription, unless they have one field, told always. Fragments do not spread themselves here.
///
/// Two selections of the same field are refused too, which the specification would merge: they would be executed as two.
pub(super) fn check(document: &ExecutableDocument, set: &SelectionSet) -> Result<(), Refusal> {
    let mut root = Root::default();
    root.collect(&document.fragments, set)?;
    // None: a fragment that is not there, which validation names.
    if root.fields.len() > 1 {
        let refusal = Refusal::invalid(
            "A subscription must select one top level field, once: ask for others in subscriptions of their own.",
        );
        return Err(refusal.at(root.fields.iter().map(|field| field.pos)));
    }
    Ok(())
}

/// Puts the field of each subscription in place of the fragment in which it stands; the document has been checked.
pub(super) fn unfold(request: &mut Request) {
    let Ok(document) = request.parsed_query() else {
        return;
    };
    if document.operations.iter().all(|(_, operation)| {
        let items = &operation.node.selection_set.node.items;
        items
            .iter()
            .all(|item| matches!(item.node, Selection::Field(_)))
    }) {
        return;
    }
    let mut document = document.clone();
    let mut spread = HashSet::new();
    let fragments = &document.fragments;
    match &mut document.operations {
        DocumentOperations::Single(operation) => {
            unfold_operation(fragments, &mut operation.node, &mut spread);
        }
        DocumentOperations::Multiple(operations) => operations
            .values_mut()
            .for_each(|operation| unfold_operation(fragments, &mut operation.node, &mut spread)),
    }
    // Nobody spreads them any more, which validation would refuse.
    document.fragments.retain(|name, _| !spread.contains(name));
    request.set_parsed_query(document);
}

fn unfold_operation(
    fragments: &Fragments,
    operation: &mut OperationDefinition,
    spread: &mut HashSet<Name>,
) {
    if operation.ty != OperationType::Subscription {
        return;
    }
    let mut root = Root::default();
    let set = &mut operation.selection_set.node;
    if root.collect(fragments, set).is_ok()
        && let [field] = root.fields[..]
    {
        spread.extend(root.spread.into_iter().cloned());
        set.items = vec![field.clone()];
    }
}

/// What stands at a root.
#[derive(Default)]
struct Root<'a> {
    /// No more than two.
    fields: Vec<&'a Positioned<Selection>>,
    /// The fragments in which they stand.
    spread: HashSet<&'a Name>,
}

impl<'a> Root<'a> {
    fn collect(&mut self, fragments: &'a Fragments, set: &'a SelectionSet) -> Result<(), Refusal> {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    always(&field.node.directives)?;
                    if field.node.name.node.starts_with("__") {
                        let refusal = Refusal::invalid(
                            "A subscription must not select an introspection top level field.",
                        );
                        return Err(refusal.at([field.pos]));
                    }
                    self.fields.push(item);
                }
                Selection::InlineFragment(inline) => {
                    always(&inline.node.directives)?;
                    self.collect(fragments, &inline.node.selection_set.node)?;
                }
                Selection::FragmentSpread(spread) => {
                    always(&spread.node.directives)?;
                    let name = &spread.node.fragment_name.node;
                    if let Some(fragment) = fragments.get(name) {
                        self.spread.insert(name);
                        self.collect(fragments, &fragment.node.selection_set.node)?;
                    }
                }
            }
            if self.fields.len() > 1 {
                break;
            }
        }
        Ok(())
    }
}

fn always(directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
    let skips = |directive: &Positioned<Directive>| {
        ["skip", "include"].contains(&directive.node.name.node.as_str())
    };
    match directives.iter().find(|directive| skips(directive)) {
        None => Ok(()),
        Some(directive) => Err(Refusal::invalid(
            "A subscription's top level field must not be skipped: @skip and @include have no place there.",
        )
        .at([directive.pos])),
    }
}
