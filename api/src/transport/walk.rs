//! What a document would cost, before it is validated or executed: depth, aliases, directives, and fields, those of a list as often as it has
//! entries. Each fragment is weighed once, however often it is spread, so that a small document that unfolds into a huge one costs nothing to refuse.
//!
//! All of its operations count together, and what async-graphql's validation would read again and again is refused as well: a large variable that is
//! used at many places, thousands of fields that do not exist.

use std::collections::{HashMap, HashSet};

use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
    VariableDefinition,
};
use async_graphql::{Name, Positioned, Value, Variables};
use async_graphql_value::Value as ParsedValue;

use super::inputs::{check_int, concrete};
use super::refusal::Refusal;
use super::settings::Limits;
use super::sum::Sum;
use super::weigh::{Entries, IDS, SIZES, Weight, Weights};

/// Entries of a page for which no size is given.
const PAGE: u64 = 50;

/// Slips that are told of at once: for each one validation looks through all names for a similar one.
const SLIPS: usize = 20;

/// Values in all variables, each as often as it is used.
const USED: u64 = 1_000_000;

enum Fragment {
    /// It is being weighed: whoever meets it now is inside it.
    Open,
    Weighed(Sum),
}

/// One look at a document.
pub(super) struct Walk<'a> {
    weights: &'a Weights,
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    limits: &'a Limits,
    /// The default values of variables; of several operations, the larger one.
    defaults: HashMap<&'a str, u64>,
    known: HashMap<&'a str, Fragment>,
    /// How many values each variable has, and how many have been used.
    sizes: HashMap<&'a str, u64>,
    used: u64,
    slips: usize,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        weights: &'a Weights,
        document: &'a ExecutableDocument,
        variables: &'a Variables,
        limits: &'a Limits,
    ) -> Self {
        Self {
            weights,
            document,
            variables,
            limits,
            defaults: HashMap::new(),
            known: HashMap::new(),
            sizes: HashMap::new(),
            used: 0,
            slips: 0,
        }
    }

    pub(super) fn check(mut self, chosen: Option<&str>) -> Result<(), Refusal> {
        let document = self.document;
        for (name, operation) in document.operations.iter() {
            let runs = chosen.is_none() || name.map(Name::as_str) == chosen;
            self.variables(&operation.node, runs)?;
        }
        let mut sum = Sum::default();
        for (_, operation) in document.operations.iter() {
            let operation = &operation.node;
            sum.add(self.set(
                self.weights.root(operation.ty),
                &operation.selection_set.node,
            )?);
            self.directives(&operation.directives, &mut sum)?;
        }
        sum.check(self.limits)
    }

    /// Looks at the variables of an operation; at their values where it runs.
    fn variables(&mut self, operation: &'a OperationDefinition, runs: bool) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        for definition in &operation.variable_definitions {
            let variable = &definition.node;
            let is_new = seen.insert(&variable.name.node);
            self.variable(variable, is_new, runs)
                .map_err(|refusal| refusal.at([definition.pos]))?;
        }
        Ok(())
    }

    fn variable(
        &mut self,
        variable: &'a VariableDefinition,
        is_new: bool,
        runs: bool,
    ) -> Result<(), Refusal> {
        let (name, of) = (&variable.name.node, variable.var_type.node.to_string());
        let of = concrete(&of);
        if !is_new {
            let message = format!("There can be only one variable named \"${name}\".");
            return Err(Refusal::invalid(message));
        }
        if let Some(directive) = variable.directives.first() {
            let name = &directive.node.name.node;
            let message = format!("Directive \"@{name}\" may not be used on VARIABLE_DEFINITION.");
            return Err(Refusal::invalid(message));
        }
        if !self.weights.inputs.knows(of) {
            return Err(Refusal::invalid(format!("Unknown input type \"{of}\".")));
        }
        if let Some(default) = variable.default_value() {
            let size = size(default);
            let known = self.defaults.entry(name).or_default();
            *known = size.max(*known);
        }
        if let Some(value) = self.variables.get(name).filter(|_| runs) {
            let place = format_args!("the variable \"${name}\"");
            self.weights.inputs.check(of, value, place)?;
        }
        Ok(())
    }

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
        let name = field.name.node.as_str();
        if name.starts_with("__") && name != "__typename" && !self.limits.introspection {
            return Err(Refusal::bad_request(
                "the schema cannot be asked for here (introspection is switched off)",
            ));
        }
        let fields = self.weights.fields(of);
        let weight = fields.and_then(|fields| fields.get(name));
        if fields.is_some() && weight.is_none() && !name.starts_with("__") && !of.starts_with("__")
        {
            self.slip()?;
        }
        let inner = weight.map_or("", Weight::of);
        let mut sum = self.set(inner, &field.selection_set.node)?;
        sum.depth += 1;
        sum.introspected += usize::from(
            of == "__Type"
                && ["fields", "inputFields", "interfaces", "possibleTypes"].contains(&name),
        );
        // What has no entries is read through like what has one.
        let entries = weight.map_or(1, |weight| self.entries(weight.entries, field).max(1));
        sum.cost = sum.cost.saturating_mul(entries).saturating_add(1);
        sum.aliases = sum.aliases.saturating_add(field.alias.is_some().into());
        self.directives(&field.directives, &mut sum)?;
        self.arguments(weight, &field.arguments)?;
        Ok(sum)
    }

    /// Counts a name that is not there.
    fn slip(&mut self) -> Result<(), Refusal> {
        self.slips += 1;
        if self.slips > SLIPS {
            return Err(Refusal::invalid(format!(
                "more than {SLIPS} fields and arguments of this document are not in the schema: is it meant for this server?"
            )));
        }
        Ok(())
    }

    fn arguments(
        &mut self,
        weight: Option<&Weight>,
        arguments: &'a [(Positioned<Name>, Positioned<ParsedValue>)],
    ) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        for (name, value) in arguments {
            let name = name.node.as_str();
            if !seen.insert(name) {
                let message = format!("There can be only one argument named \"{name}\".");
                return Err(Refusal::invalid(message));
            }
            self.list(&value.node)?;
            let Some(weight) = weight else {
                continue;
            };
            match (weight.arguments.get(name), &value.node) {
                // Before it is taken for the size of a page that is too large.
                (Some(place), ParsedValue::Number(number)) if concrete(&place.of) == "Int" => {
                    check_int(number, format_args!("the argument \"{name}\""))
                        .map_err(|refusal| refusal.at([value.pos]))?;
                }
                (Some(_), _) => {}
                // Of the fields of the schema of schemas the arguments are not known here.
                (None, _) if !weight.of().starts_with("__") => self.slip()?,
                (None, _) => {}
            }
        }
        Ok(())
    }

    /// The entries that are asked for at most.
    fn entries(&self, of: Entries, field: &Field) -> u64 {
        let given = |name: &&str| {
            field
                .get_argument(name)
                .and_then(|value| self.size(&value.node))
        };
        match of {
            Entries::About(entries) => entries,
            Entries::Page => SIZES.iter().filter_map(given).max().unwrap_or(PAGE),
            Entries::Ids => given(&IDS).unwrap_or(1),
        }
    }

    /// The number, or the length of the list, that a value is.
    fn size(&self, value: &ParsedValue) -> Option<u64> {
        match value {
            ParsedValue::Number(number) => number.as_u64(),
            ParsedValue::List(items) => Some(items.len() as u64),
            ParsedValue::Variable(name) => match self.variables.get(name) {
                Some(value) => Some(size(value)),
                None => self.defaults.get(name.as_str()).copied(),
            },
            _ => None,
        }
    }

    fn fragment(&mut self, name: &Name) -> Result<Sum, Refusal> {
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Sum::default());
        };
        match self.known.get(name.as_str()) {
            Some(Fragment::Weighed(sum)) => return Ok(*sum),
            Some(Fragment::Open) => {
                return Err(Refusal::invalid(format!(
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
        &mut self,
        directives: &'a [Positioned<Directive>],
        sum: &mut Sum,
    ) -> Result<(), Refusal> {
        sum.directives = sum.directives.saturating_add(directives.len());
        directives
            .iter()
            .try_for_each(|directive| self.lists(&directive.node.arguments))
    }

    fn lists(
        &mut self,
        arguments: &'a [(Positioned<Name>, Positioned<ParsedValue>)],
    ) -> Result<(), Refusal> {
        arguments
            .iter()
            .try_for_each(|(_, value)| self.list(&value.node))
    }

    fn list(&mut self, value: &'a ParsedValue) -> Result<(), Refusal> {
        match value {
            ParsedValue::List(items) => {
                self.limits.check_list(items.len())?;
                items.iter().try_for_each(|item| self.list(item))
            }
            ParsedValue::Object(fields) => fields.values().try_for_each(|field| self.list(field)),
            ParsedValue::Variable(name) => self.use_variable(name),
            _ => Ok(()),
        }
    }

    /// Counts the values of a variable, once more.
    fn use_variable(&mut self, name: &'a Name) -> Result<(), Refusal> {
        let Some(value) = self.variables.get(name) else {
            return Ok(());
        };
        let values = self.sizes.entry(name).or_insert_with(|| values(value));
        self.used = self.used.saturating_add(*values);
        if self.used > USED {
            return Err(Refusal::excessive(format!(
                "the variables have more than {USED} values, each as often as it is used"
            )));
        }
        Ok(())
    }
}

/// The number, or the length of the list, that a value is; else 0.
fn size(value: &Value) -> u64 {
    match value {
        Value::Number(number) => number.as_u64().unwrap_or(0),
        Value::List(items) => items.len() as u64,
        _ => 0,
    }
}

/// How many values a value holds, itself among them.
fn values(value: &Value) -> u64 {
    1 + match value {
        Value::List(items) => items.iter().map(values).sum(),
        Value::Object(fields) => fields.values().map(values).sum(),
        _ => 0,
    }
}
