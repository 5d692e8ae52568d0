//! Whether what a document says fits where it says it: variables by their types (GraphQL, September 2025, 5.8.5), enum values and objects (5.6.1),
//! integers. async-graphql has a rule for the first, which it never asks; it takes a text for an enum value, and finds the others when a resolver
//! reads its argument.

use std::collections::{HashMap, HashSet};
use std::fmt::Arguments;

use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::registry::MetaTypeName;
use async_graphql::{Name, Positioned};
use async_graphql_value::Value;

use super::inputs::{Input, Places, check_int, no_object, shown};
use super::refusal::Refusal;
use super::weigh::Weights;

/// One look at an operation and the fragments that it spreads, which must not spread themselves.
pub(super) struct Values<'a> {
    weights: &'a Weights,
    document: &'a ExecutableDocument,
    /// The types of the variables, and whether something else than null stands for one that is left out.
    variables: HashMap<&'a str, (String, bool)>,
    spread: HashSet<&'a str>,
}

type Given = [(Positioned<Name>, Positioned<Value>)];

impl<'a> Values<'a> {
    pub(super) fn new(
        weights: &'a Weights,
        document: &'a ExecutableDocument,
        operation: &'a OperationDefinition,
    ) -> Self {
        let definitions = operation.variable_definitions.iter();
        let variables = definitions.map(|definition| {
            let definition = &definition.node;
            let has_default = definition
                .default_value()
                .is_some_and(|default| *default != async_graphql::Value::Null);
            let of = definition.var_type.node.to_string();
            (definition.name.node.as_str(), (of, has_default))
        });
        Self {
            weights,
            document,
            variables: variables.collect(),
            spread: HashSet::new(),
        }
    }

    /// Looks at an operation whose root is of this type.
    pub(super) fn check(
        mut self,
        root: &str,
        operation: &'a OperationDefinition,
    ) -> Result<(), Refusal> {
        for definition in &operation.variable_definitions {
            let definition = &definition.node;
            if let Some(default) = definition.default_value() {
                let name = &definition.name.node;
                let (of, _) = &self.variables[name.as_str()];
                let place = format_args!("the variable \"${name}\"");
                self.value(of, &default.clone().into_value(), place)
                    .map_err(|refusal| refusal.at([definition.name.pos]))?;
            }
        }
        self.set(root, &operation.selection_set.node)
    }

    fn set(&mut self, of: &str, set: &'a SelectionSet) -> Result<(), Refusal> {
        set.items.iter().try_for_each(|item| match &item.node {
            Selection::Field(field) => {
                let field = &field.node;
                self.directives(&field.directives)?;
                let weights = self.weights;
                let fields = weights.fields(of);
                let Some(weight) = fields.and_then(|fields| fields.get(field.name.node.as_str()))
                else {
                    return Ok(());
                };
                self.arguments(&weight.arguments, &field.arguments)?;
                self.set(weight.of(), &field.selection_set.node)
            }
            Selection::InlineFragment(inline) => {
                self.directives(&inline.node.directives)?;
                let on = inline.node.type_condition.as_ref();
                let on = on.map_or(of, |on| on.node.on.node.as_str());
                self.set(on, &inline.node.selection_set.node)
            }
            Selection::FragmentSpread(spread) => {
                self.directives(&spread.node.directives)?;
                let name = &spread.node.fragment_name.node;
                match self.document.fragments.get(name) {
                    Some(fragment) if self.spread.insert(name) => {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        self.set(on, &fragment.node.selection_set.node)
                    }
                    _ => Ok(()),
                }
            }
        })
    }

    /// All that may stand in a query, which are `@skip` and `@include`, have one condition.
    fn directives(&self, directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
        directives.iter().try_for_each(|directive| {
            let condition = directive.node.get_argument("if");
            condition.map_or(Ok(()), |value| {
                self.value("Boolean!", &value.node, format_args!("the argument \"if\""))
                    .map_err(|refusal| refusal.at([value.pos]))
            })
        })
    }

    fn arguments(&self, places: &Places, arguments: &Given) -> Result<(), Refusal> {
        arguments.iter().try_for_each(|(name, value)| {
            let name = name.node.as_str();
            let Some(place) = places.get(name) else {
                return Ok(());
            };
            self.placed(
                (&place.of, place.has_default),
                &value.node,
                format_args!("the argument \"{name}\""),
            )
            .map_err(|refusal| refusal.at([value.pos]))
        })
    }

    fn placed(
        &self,
        (of, has_default): (&str, bool),
        value: &Value,
        place: Arguments<'_>,
    ) -> Result<(), Refusal> {
        match value {
            Value::Variable(name) => self.usage((of, has_default), name),
            value => self.value(of, value, place),
        }
    }

    fn value(&self, of: &str, value: &Value, place: Arguments<'_>) -> Result<(), Refusal> {
        match (MetaTypeName::create(of), value) {
            (_, Value::Null) => Ok(()),
            (_, Value::Variable(name)) => self.usage((of, false), name),
            (MetaTypeName::List(of), Value::List(items)) => items
                .iter()
                .try_for_each(|item| self.value(of, item, place)),
            // One value stands for a list of one.
            (MetaTypeName::NonNull(of) | MetaTypeName::List(of), value) => {
                self.value(of, value, place)
            }
            (MetaTypeName::Named(of), value) => self.named(of, value, place),
        }
    }

    fn named(&self, of: &str, value: &Value, place: Arguments<'_>) -> Result<(), Refusal> {
        match (self.weights.inputs.get(of), value) {
            (Some(Input::Object(places)), Value::Object(fields)) => {
                fields.iter().try_for_each(|(name, value)| {
                    let Some(inner) = places.get(name.as_str()) else {
                        return Ok(());
                    };
                    self.placed((&inner.of, inner.has_default), value, place)
                })
            }
            (Some(Input::Object(_)), value) => Err(no_object(of, value, place)),
            (Some(Input::Enum), Value::String(_)) => Err(Refusal::invalid(format!(
                "Invalid value for {place}: values of \"{of}\" stand without quotes, and this is {}.",
                shown(value)
            ))),
            (_, Value::Number(number)) if of == "Int" => check_int(number, place),
            _ => Ok(()),
        }
    }

    /// Whether a variable may stand here; of one that is not there validation will say so.
    fn usage(&self, (of, place_has_default): (&str, bool), name: &Name) -> Result<(), Refusal> {
        let Some((given, has_default)) = self.variables.get(name.as_str()) else {
            return Ok(());
        };
        let allowed = match MetaTypeName::create(of) {
            MetaTypeName::NonNull(inner) if !given.ends_with('!') => {
                (*has_default || place_has_default) && fits(given, inner)
            }
            _ => fits(given, of),
        };
        if allowed {
            return Ok(());
        }
        Err(Refusal::invalid(format!(
            "Variable \"${name}\" of type \"{given}\" used in position expecting type \"{of}\"."
        )))
    }
}

/// Whether whatever is of the one type may stand where the other is expected (AreTypesCompatible).
fn fits(given: &str, expected: &str) -> bool {
    use MetaTypeName::{List, Named, NonNull};
    match (MetaTypeName::create(given), MetaTypeName::create(expected)) {
        (NonNull(given), NonNull(expected)) | (List(given), List(expected)) => {
            fits(given, expected)
        }
        (_, NonNull(_)) => false,
        (NonNull(given), _) => fits(given, expected),
        (Named(given), Named(expected)) => given == expected,
        (Named(_) | List(_), _) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn types_fit_by_their_wrappers() {
        for (given, expected) in [
            ("Int", "Int"),
            ("Int!", "Int"),
            ("[Int!]!", "[Int]"),
            ("[[Int!]]", "[[Int]]"),
        ] {
            assert!(fits(given, expected), "{given} as {expected}");
        }
        for (given, expected) in [
            ("Int", "Int!"),
            ("Int", "[Int]"),
            ("[Int]", "Int"),
            ("[Int]", "[Int!]"),
            ("Float", "Int"),
        ] {
            assert!(!fits(given, expected), "{given} as {expected}");
        }
    }
}
