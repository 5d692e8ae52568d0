//! The types of what a request brings, and whether what comes in variables can be of them. async-graphql finds an `Int` of more than 32 bits, and
//! something else in place of an object, only when a resolver reads its argument: too late for a request error, and in a mutation too late for the
//! fields before it.

use std::collections::HashMap;
use std::fmt::{Arguments, Display};

use async_graphql::Value;
use async_graphql::registry::{MetaInputValue, MetaType, MetaTypeName, Registry};
use serde_json::Number;

use super::refusal::Refusal;

/// The types of arguments and variables, by name.
#[derive(Debug, Default)]
pub(super) struct Inputs(HashMap<String, Input>);

/// What a type of input is.
#[derive(Debug)]
pub(super) enum Input {
    Scalar,
    Enum,
    Object(Places),
}

/// Arguments, or fields of an input object, by name.
pub(super) type Places = HashMap<String, Place>;

/// Where a value may stand.
#[derive(Debug)]
pub(super) struct Place {
    /// The type, whole: `[ID!]!`.
    pub(super) of: String,
    /// Whether it has a value where none is given.
    pub(super) has_default: bool,
}

/// Those that every schema has, be they used or not.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// How many bytes of a value an error repeats.
const SHOWN: usize = 40;

/// The name of a type without what says that it is a list or required.
pub(super) fn concrete(of: &str) -> &str {
    MetaTypeName::concrete_typename(of)
}

/// The places of a schema's fields or arguments.
pub(super) fn places<'a>(
    all: impl IntoIterator<Item = (&'a String, &'a MetaInputValue)>,
) -> Places {
    let place = |(name, meta): (&String, &MetaInputValue)| {
        let place = Place {
            of: meta.ty.clone(),
            has_default: meta.default_value.is_some(),
        };
        (name.clone(), place)
    };
    all.into_iter().map(place).collect()
}

impl Inputs {
    pub(super) fn of(registry: &Registry) -> Self {
        let inputs = registry.types.iter().filter_map(|(name, kind)| {
            let input = match kind {
                MetaType::InputObject { input_fields, .. } => Input::Object(places(input_fields)),
                MetaType::Scalar { .. } => Input::Scalar,
                MetaType::Enum { .. } => Input::Enum,
                _ => return None,
            };
            Some((name.clone(), input))
        });
        Self(inputs.collect())
    }

    pub(super) fn get(&self, of: &str) -> Option<&Input> {
        self.0.get(of)
    }

    /// Whether a variable can be of this type.
    pub(super) fn knows(&self, of: &str) -> bool {
        self.0.contains_key(of) || BUILT_IN.contains(&of)
    }

    /// Refuses a variable's value of this type, whose name has nothing that says that it is a list or required. `place` is as a person would name it.
    pub(super) fn check(
        &self,
        of: &str,
        value: &Value,
        place: Arguments<'_>,
    ) -> Result<(), Refusal> {
        match value {
            Value::Null => Ok(()),
            Value::List(items) => items
                .iter()
                .try_for_each(|item| self.check(of, item, place)),
            Value::Number(number) if of == "Int" => check_int(number, place),
            _ => match (self.get(of), value) {
                (Some(Input::Object(places)), Value::Object(fields)) => {
                    fields.iter().try_for_each(|(name, value)| {
                        let inner = places.get(name.as_str());
                        inner.map_or(Ok(()), |inner| {
                            self.check(concrete(&inner.of), value, place)
                        })
                    })
                }
                (Some(Input::Object(_)), _) => Err(no_object(of, value, place)),
                _ => Ok(()),
            },
        }
    }
}

/// Refuses a whole number that is no `Int`; of others async-graphql's validation says so.
pub(super) fn check_int(number: &Number, place: Arguments<'_>) -> Result<(), Refusal> {
    let whole = number.is_i64() || number.is_u64();
    let fits = number.as_i64().is_some_and(|n| i32::try_from(n).is_ok());
    if whole && !fits {
        return Err(Refusal::invalid(format!(
            "Invalid value for {place}: {number} is no Int, which has 32 bits."
        )));
    }
    Ok(())
}

/// Of something that stands where an object should.
pub(super) fn no_object(of: &str, value: &impl Display, place: Arguments<'_>) -> Refusal {
    Refusal::invalid(format!(
        "Invalid value for {place}: \"{of}\" is an object, and this is {}.",
        shown(value)
    ))
}

/// The beginning of a value.
pub(super) fn shown(value: &impl Display) -> String {
    let mut shown = value.to_string();
    if shown.len() > SHOWN {
        shown.truncate(shown.floor_char_boundary(SHOWN));
        shown.push('…');
    }
    shown
}
