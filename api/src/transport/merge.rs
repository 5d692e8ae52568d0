//! Whether fields of one name in the answer can be one field (GraphQL, September 2025, 5.3.2). async-graphql compares only what stands in one selection
//! and under the same condition; of what else differs it would answer one of both.
//!
//! The rule is looked at twice, each time once for each set of fields that is answered as one, and not for each pair: as one shape, whatever the objects are, and as one
//! field, for those that the same object may have (Simon Adameit, "A new algorithm for Overlapping fields can be merged").

use std::collections::{BTreeMap, HashSet};

use async_graphql::Positioned;
use async_graphql::parser::types::{ExecutableDocument, Field, Selection, SelectionSet};

use super::refusal::Refusal;
use super::weigh::{Weight, Weights};

/// One look at a document, whose fragments must not spread themselves and whose size is within the limits: fragments are unfolded.
pub(super) struct Merge<'a> {
    pub(super) weights: &'a Weights,
    pub(super) document: &'a ExecutableDocument,
}

/// A field as it is asked for.
#[derive(Clone, Copy)]
struct Asked<'a> {
    /// The type on which it is.
    parent: &'a str,
    field: &'a Positioned<Field>,
    /// None: it is not in the schema, as validation will say, or one that every type has.
    weight: Option<&'a Weight>,
}

/// The fields of an object, by their names in the answer; in order, so that of several conflicts the same is told each time.
type Groups<'a> = BTreeMap<&'a str, Vec<Asked<'a>>>;

impl<'a> Merge<'a> {
    /// Looks at what is asked of a type.
    pub(super) fn check(&self, of: &'a str, set: &'a SelectionSet) -> Result<(), Refusal> {
        let mut groups = Groups::new();
        self.collect(of, set, &mut groups, &mut HashSet::new());
        self.shapes(&groups)?;
        self.fields(&groups)
    }

    fn collect(
        &self,
        of: &'a str,
        set: &'a SelectionSet,
        groups: &mut Groups<'a>,
        spread: &mut HashSet<&'a str>,
    ) {
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => {
                    let name = field.node.name.node.as_str();
                    let weight = self.weights.fields(of).and_then(|fields| fields.get(name));
                    let key = field.node.response_key().node.as_str();
                    groups.entry(key).or_default().push(Asked {
                        parent: of,
                        field,
                        weight,
                    });
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    self.collect(on, &inline.node.selection_set.node, groups, spread);
                }
                Selection::FragmentSpread(fragment) => {
                    let name = &fragment.node.fragment_name.node;
                    let Some(fragment) = self.document.fragments.get(name) else {
                        continue;
                    };
                    if spread.insert(name) {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.collect(on, &fragment.node.selection_set.node, groups, spread);
                    }
                }
            }
        }
    }

    /// What several fields select, as one.
    fn inside(&self, group: &[Asked<'a>]) -> Groups<'a> {
        let (mut groups, mut spread) = (Groups::new(), HashSet::new());
        for asked in group {
            if let Some(weight) = asked.weight {
                let set = &asked.field.node.selection_set.node;
                self.collect(weight.of(), set, &mut groups, &mut spread);
            }
        }
        groups
    }

    /// Refuses fields of one name of which a client could not say what they are.
    fn shapes(&self, groups: &Groups<'a>) -> Result<(), Refusal> {
        groups.iter().try_for_each(|(key, group)| {
            let known = |asked: &Asked<'a>| Some((*asked, asked.weight?));
            let mut known = group.iter().filter_map(known);
            if let Some((first, one)) = known.next()
                && let Some((asked, other)) = known.find(|(_, other)| !has_shape(one, other))
            {
                let why = format!(
                    "they return conflicting types \"{}\" and \"{}\"",
                    one.whole, other.whole
                );
                return Err(conflict(key, &why, [&first, &asked]));
            }
            self.shapes(&self.inside(group))
        })
    }

    /// Refuses fields of one name that are not the same field, where an object may have both.
    fn fields(&self, groups: &Groups<'a>) -> Result<(), Refusal> {
        for (key, group) in groups {
            let first = group
                .iter()
                .find(|asked| !self.weights.is_object(asked.parent));
            if first.is_some() || group.len() == 1 {
                // One on an interface or a union meets all of the others.
                self.same(key, first.unwrap_or(&group[0]), group)?;
                continue;
            }
            let mut parents: BTreeMap<&str, Vec<Asked<'a>>> = BTreeMap::new();
            for asked in group {
                parents.entry(asked.parent).or_default().push(*asked);
            }
            for group in parents.values() {
                self.same(key, &group[0], group)?;
            }
        }
        Ok(())
    }

    fn same(&self, key: &str, first: &Asked<'a>, group: &[Asked<'a>]) -> Result<(), Refusal> {
        for asked in group {
            let (one, other) = (&first.field.node, &asked.field.node);
            if one.name.node != other.name.node {
                let why = format!(
                    "\"{}\" and \"{}\" are different fields",
                    one.name, other.name
                );
                return Err(conflict(key, &why, [first, asked]));
            }
            if !has_arguments(one, other) {
                return Err(conflict(
                    key,
                    "they have differing arguments",
                    [first, asked],
                ));
            }
        }
        self.fields(&self.inside(group))
    }
}

fn conflict(key: &str, why: &str, fields: [&Asked<'_>; 2]) -> Refusal {
    let refusal = Refusal::invalid(format!(
        "Fields \"{key}\" conflict because {why}. Use different aliases on the fields to fetch both if this was intentional."
    ));
    refusal.at(fields.map(|asked| asked.field.pos))
}

/// Whether two fields look alike: both objects or the same scalar, in the same lists, required alike.
fn has_shape(one: &Weight, other: &Weight) -> bool {
    let wrappers = |weight: &Weight| weight.whole.replacen(weight.of(), "", 1);
    one.whole == other.whole
        || wrappers(one) == wrappers(other) && one.holds_fields && other.holds_fields
}

fn has_arguments(one: &Field, other: &Field) -> bool {
    one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            let there = other.get_argument(&name.node);
            there.is_some_and(|there| there.node == value.node)
        })
}
