//! What each field of the schema weighs: how many entries it has, as far as the schema and the request say so. [`super::walk`] adds a document up.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use async_graphql::registry::{MetaField, MetaType, Registry};
use async_graphql::{ObjectType, SubscriptionType, Variables};

use super::inputs::{Inputs, Places, concrete, places};
use super::refusal::Refusal;
use super::rules;
use super::settings::Limits;
use super::walk::Walk;

/// The arguments that say how many entries a page has.
pub(super) const SIZES: [&str; 2] = ["first", "last"];

/// The argument that says how many entries a list has.
pub(super) const IDS: &str = "ids";

/// Entries of a list of which nothing is known.
const LIST: u64 = 10;

/// The lists of the schema of schemas, of which type they are, and about how many entries each has in the mean: all types have as many fields as
/// there are, however they are distributed. `types` counts itself. The shapes are those of the specification, 4.2.
const INTROSPECTION: [(&str, &str, &str, u64); 14] = [
    ("__Schema", "types", "__Type", 0),
    ("__Schema", "directives", "__Directive", 10),
    ("__Type", "fields", "__Field", 3),
    ("__Type", "inputFields", "__InputValue", 2),
    ("__Type", "enumValues", "__EnumValue", 1),
    ("__Type", "interfaces", "__Type", 1),
    ("__Type", "possibleTypes", "__Type", 1),
    ("__Type", "ofType", "__Type", 1),
    ("__Field", "args", "__InputValue", 1),
    ("__Field", "type", "__Type", 1),
    ("__InputValue", "type", "__Type", 1),
    ("__Directive", "args", "__InputValue", 2),
    ("__Schema", "queryType", "__Type", 1),
    ("__Schema", "mutationType", "__Type", 1),
];

/// Of each type its fields: of what type they are, and how many entries they have.
#[derive(Debug, Default)]
pub struct Weights {
    types: HashMap<String, HashMap<String, Weight>>,
    /// Of queries, mutations and subscriptions.
    roots: [String; 3],
    /// Interfaces and unions.
    abstracts: HashSet<String>,
    pub(super) inputs: Inputs,
}

#[derive(Debug)]
pub(super) struct Weight {
    /// The type, whole: `[Contact!]!`.
    pub(super) whole: String,
    /// Whether it is an object of some kind, and no scalar.
    pub(super) holds_fields: bool,
    pub(super) entries: Entries,
    pub(super) arguments: Places,
}

/// How many entries a field has.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entries {
    /// So many, as far as anybody can tell.
    About(u64),
    /// A page: as many as are asked for.
    Page,
    /// As many as ids are given.
    Ids,
}

impl Weights {
    /// Those of a schema with these roots.
    pub fn of<Q: ObjectType, M: ObjectType, S: SubscriptionType>() -> Self {
        let mut registry = Registry::default();
        Q::create_type_info(&mut registry);
        M::create_type_info(&mut registry);
        S::create_type_info(&mut registry);
        let fields = |(name, kind): (&String, &MetaType)| {
            let fields = kind.fields()?.iter();
            let weighed = fields.map(|(field, meta)| {
                let weight = Weight::new(&registry, name, meta);
                (field.clone(), weight)
            });
            Some((name.clone(), weighed.collect()))
        };
        let mut types: HashMap<_, HashMap<_, _>> =
            registry.types.iter().filter_map(fields).collect();
        for (name, field, of, entries) in INTROSPECTION {
            let entries = if entries == 0 {
                registry.types.len() as u64
            } else {
                entries
            };
            let weight = Weight::about(of, entries);
            types
                .entry(name.to_owned())
                .or_default()
                .insert(field.to_owned(), weight);
        }
        let roots: [String; 3] = [Q::type_name(), M::type_name(), S::type_name()].map(Into::into);
        for root in &roots[..2] {
            let fields = types.entry(root.clone()).or_default();
            fields.insert("__schema".to_owned(), Weight::about("__Schema", 1));
            fields.insert("__type".to_owned(), Weight::about("__Type", 1));
        }
        let kinds = registry.types.iter();
        let abstracts = kinds
            .filter(|(_, kind)| kind.is_abstract())
            .map(|(name, _)| name.clone());
        Self {
            types,
            inputs: Inputs::of(&registry),
            abstracts: abstracts.collect(),
            roots,
        }
    }

    /// The fields of a type; none of one that is not there, or that has none.
    pub(super) fn fields(&self, of: &str) -> Option<&HashMap<String, Weight>> {
        self.types.get(of)
    }

    /// Whether something of this type is of no other.
    pub(super) fn is_object(&self, of: &str) -> bool {
        !self.abstracts.contains(of)
    }

    /// The name of the root of such operations.
    pub(super) fn root(&self, of: OperationType) -> &str {
        let [query, mutation, subscription] = &self.roots;
        match of {
            OperationType::Query => query,
            OperationType::Mutation => mutation,
            OperationType::Subscription => subscription,
        }
    }

    /// Refuses a document that is more than the limits allow, all of its operations together: each of them is validated. `chosen` is the one that
    /// would run. Then what async-graphql's validation does not look at.
    pub(super) fn check(
        &self,
        document: &ExecutableDocument,
        (chosen, variables): (Option<&str>, &Variables),
        limits: &Limits,
    ) -> Result<(), Refusal> {
        Walk::new(self, document, variables, limits).check(chosen)?;
        rules::check(self, document, chosen)
    }
}

impl Weight {
    /// The type, without what says that it is a list or required.
    pub(super) fn of(&self) -> &str {
        concrete(&self.whole)
    }

    fn new(registry: &Registry, parent: &str, field: &MetaField) -> Self {
        let of = concrete(&field.ty);
        let holds_fields = registry.types.get(of).is_some_and(MetaType::is_composite);
        let entries = if SIZES.iter().any(|size| field.args.contains_key(*size)) {
            Entries::Page
        } else if !field.ty.contains('[') || !holds_fields || parent.ends_with("Connection") {
            // What a connection lists has been counted with the page.
            Entries::About(1)
        } else if field.args.contains_key(IDS) {
            Entries::Ids
        } else {
            Entries::About(LIST)
        };
        Self {
            whole: field.ty.clone(),
            holds_fields,
            entries,
            arguments: places(&field.args),
        }
    }

    fn about(of: &str, entries: u64) -> Self {
        Self {
            whole: of.to_owned(),
            holds_fields: true,
            entries: Entries::About(entries),
            arguments: Places::new(),
        }
    }
}
