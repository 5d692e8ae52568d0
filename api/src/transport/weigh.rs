//! What a document would cost, before it is validated or executed: depth, aliases, directives, and fields, those of a page as often as it has
//! entries. Each fragment is weighed once, however often it is spread, so that a small document that unfolds into a huge one costs nothing to refuse.

use std::collections::HashMap;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationType, Selection, SelectionSet,
};
use async_graphql::registry::{MetaField, MetaInputValue, MetaType, Registry};
use async_graphql::{
    Name, ObjectType, Positioned, SubscriptionType, Value, Variables,
    parser::types::FragmentDefinition,
};
use async_graphql_value::Value as ParsedValue;

use super::integers::{Inputs, concrete};
use super::refusal::Refusal;
use super::settings::Limits;

/// Entries of a page for which no size is given.
const PAGE: u64 = 50;

/// The arguments that say how many entries a field has.
const SIZES: [&str; 2] = ["first", "last"];

/// Of each type its fields: of what type they are, and whether they are pages.
#[derive(Debug, Default)]
pub struct Weights {
    types: HashMap<String, HashMap<String, Weight>>,
    roots: [String; 3],
    inputs: Inputs,
}

#[derive(Debug)]
struct Weight {
    of: String,
    is_page: bool,
    arguments: HashMap<String, String>,
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
            let weighed = fields.map(|(name, field)| (name.clone(), Weight::of(field)));
            Some((name.clone(), weighed.collect()))
        };
        Self {
            types: registry.types.iter().filter_map(fields).collect(),
            inputs: Inputs::of(&registry),
            roots: [Q::type_name(), M::type_name(), S::type_name()].map(Into::into),
        }
    }

    /// Refuses a document of which any operation is more than the limits allow.
    pub(super) fn check(
        &self,
        document: &ExecutableDocument,
        variables: &Variables,
        limits: &Limits,
    ) -> Result<(), Refusal> {
        let mut walk = Walk {
            weights: self,
            fragments: &document.fragments,
            variables,
            limits,
            known: HashMap::new(),
        };
        for (_, operation) in document.operations.iter() {
            let root = match operation.node.ty {
                OperationType::Query => &self.roots[0],
                OperationType::Mutation => &self.roots[1],
                OperationType::Subscription => &self.roots[2],
            };
            for variable in &operation.node.variable_definitions {
                let (name, of) = (
                    &variable.node.name.node,
                    variable.node.var_type.node.to_string(),
                );
                if let Some(value) = variables.get(name) {
                    let place = format_args!("the variable \"${name}\"");
                    self.inputs.check_variable(concrete(&of), value, place)?;
                }
            }
            let mut sum = walk.set(root, &operation.node.selection_set.node)?;
            walk.directives(&operation.node.directives, &mut sum)?;
            sum.check(limits)?;
        }
        Ok(())
    }
}

impl Weight {
    fn of(field: &MetaField) -> Self {
        let named = |(name, argument): (&String, &MetaInputValue)| {
            (name.clone(), concrete(&argument.ty).to_owned())
        };
        Self {
            of: concrete(&field.ty).to_owned(),
            is_page: SIZES.iter().any(|size| field.args.contains_key(*size)),
            arguments: field.args.iter().map(named).collect(),
        }
    }
}

/// What a part of a document comes to.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    depth: usize,
    aliases: usize,
    directives: usize,
    cost: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.cost = self.cost.saturating_add(other.cost);
    }

    fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        let counts = [
            (
                "nests fields",
                self.depth as u64,
                limits.depth as u64,
                "levels deep",
            ),
            ("has", self.aliases as u64, limits.aliases as u64, "aliases"),
            (
                "has",
                self.directives as u64,
                limits.directives as u64,
                "directives",
            ),
            (
                "costs",
                self.cost,
                limits.complexity,
                "fields, those of a page as often as it has entries",
            ),
        ];
        for (has, count, most, what) in counts {
            if count > most {
                return Err(Refusal::excessive(format!(
                    "the operation {has} {count} {what}: {most} are the most"
                )));
            }
        }
        Ok(())
    }
}

enum Fragment {
    /// It is being weighed: whoever meets it now is inside it.
    Open,
    Weighed(Sum),
}

struct Walk<'a> {
    weights: &'a Weights,
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'a Variables,
    limits: &'a Limits,
    known: HashMap<&'a str, Fragment>,
}

impl<'a> Walk<'a> {
    /// The fields of something of this type; of one that is not there nothing is known, and validation will say so.
    fn set(&mut self, of: &str, set: &'a SelectionSet) -> Result<Sum, Refusal> {
        let mut sum = Sum::default();
        for item in &set.items {
            let part = match &item.node {
                Selection::Field(field) => self.field(of, &field.node)?,
                Selection::FragmentSpread(spread) => {
                    let mut part = self.fragment(&spread.node.fragment_name.node)?;
                    self.directives(&spread.node.directives, &mut part)?;
                    part
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref();
                    let on = on.map_or(of, |on| on.node.on.node.as_str());
                    let mut part = self.set(on, &inline.node.selection_set.node)?;
                    self.directives(&inline.node.directives, &mut part)?;
                    part
                }
            };
            sum.add(part);
        }
        Ok(sum)
    }

    fn field(&mut self, of: &str, field: &'a Field) -> Result<Sum, Refusal> {
        if field.name.node.starts_with("__")
            && field.name.node != "__typename"
            && !self.limits.introspection
        {
            return Err(Refusal::bad_request(
                "the schema cannot be asked for here (introspection is switched off)",
            ));
        }
        let weights = self.weights;
        let known = weights.types.get(of);
        let weight = known.and_then(|fields| fields.get(field.name.node.as_str()));
        let inner = weight.map_or("", |weight| weight.of.as_str());
        let mut sum = self.set(inner, &field.selection_set.node)?;
        let times = match weight {
            Some(weight) if weight.is_page => self.page_size(field),
            _ => 1,
        };
        sum.depth += 1;
        sum.cost = sum.cost.saturating_mul(times).saturating_add(1);
        sum.aliases = sum.aliases.saturating_add(field.alias.is_some().into());
        self.directives(&field.directives, &mut sum)?;
        self.lists(&field.arguments)?;
        for (name, value) in &field.arguments {
            let name = name.node.as_str();
            if let Some(of) = weight.and_then(|weight| weight.arguments.get(name)) {
                let place = format_args!("the argument \"{name}\"");
                self.weights.inputs.check_literal(of, &value.node, place)?;
            }
        }
        Ok(sum)
    }

    /// The entries that are asked for at most.
    fn page_size(&self, field: &Field) -> u64 {
        let given = SIZES.iter().filter_map(|name| field.get_argument(name));
        let sizes = given.filter_map(|value| match &value.node {
            ParsedValue::Number(size) => size.as_u64(),
            ParsedValue::Variable(name) => match self.variables.get(name) {
                Some(Value::Number(size)) => size.as_u64(),
                _ => None,
            },
            _ => None,
        });
        sizes.max().unwrap_or(PAGE)
    }

    fn fragment(&mut self, name: &Name) -> Result<Sum, Refusal> {
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Sum::default());
        };
        match self.known.get(name.as_str()) {
            Some(Fragment::Weighed(sum)) => return Ok(*sum),
            Some(Fragment::Open) => {
                return Err(Refusal::bad_request(format!(
                    "the fragment \"{name}\" spreads itself"
                )));
            }
            None => {}
        }
        self.known.insert(name, Fragment::Open);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let mut sum = self.set(on, &fragment.node.selection_set.node)?;
        self.directives(&fragment.node.directives, &mut sum)?;
        self.known.insert(name, Fragment::Weighed(sum));
        Ok(sum)
    }

    fn directives(
        &self,
        directives: &[Positioned<Directive>],
        sum: &mut Sum,
    ) -> Result<(), Refusal> {
        sum.directives = sum.directives.saturating_add(directives.len());
        directives
            .iter()
            .try_for_each(|directive| self.lists(&directive.node.arguments))
    }

    fn lists(
        &self,
        arguments: &[(Positioned<Name>, Positioned<ParsedValue>)],
    ) -> Result<(), Refusal> {
        arguments
            .iter()
            .try_for_each(|(_, value)| self.list(&value.node))
    }

    fn list(&self, value: &ParsedValue) -> Result<(), Refusal> {
        match value {
            ParsedValue::List(items) => {
                self.limits.check_list(items.len())?;
                items.iter().try_for_each(|item| self.list(item))
            }
            ParsedValue::Object(fields) => fields.values().try_for_each(|field| self.list(field)),
            _ => Ok(()),
        }
    }
}
