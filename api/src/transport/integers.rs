//! Whether integers fit `Int`. async-graphql finds that out only when a resolver reads its argument: too late for a request error, and in a mutation
//! too late for the fields before it. All other scalars say so when the document is validated.

use std::collections::HashMap;
use std::fmt;

use async_graphql::Value;
use async_graphql::registry::{MetaInputValue, MetaType, MetaTypeName, Registry};
use async_graphql_value::Value as Literal;

use super::refusal::Refusal;

/// Of each type of input the types of its fields, without what says that they are lists or required; a scalar has none.
#[derive(Debug, Default)]
pub(super) struct Inputs(HashMap<String, HashMap<String, String>>);

/// Those that every schema has, be they used or not.
const BUILT_IN: [&str; 5] = ["Int", "Float", "String", "Boolean", "ID"];

/// The name of a type without what says that it is a list or required.
pub(super) fn concrete(of: &str) -> &str {
    MetaTypeName::concrete_typename(of)
}

macro_rules! check {
    ($(#[$doc:meta])* $name:ident, $value:ident) => {
        $(#[$doc])*
        pub(super) fn $name(&self, of: &str, value: &$value, place: fmt::Arguments<'_>) -> Result<(), Refusal> {
            match value {
                $value::Number(number) if of == "Int" => {
                    let whole = number.is_i64() || number.is_u64();
                    match number.as_i64().map(i32::try_from) {
                        Some(Ok(_)) => Ok(()),
                        _ if whole => Err(Refusal::invalid(format!(
                            "Invalid value for {place}: {number} is no Int, which has 32 bits."
                        ))),
                        _ => Ok(()),
                    }
                }
                $value::List(items) => items.iter().try_for_each(|item| self.$name(of, item, place)),
                $value::Object(fields) => {
                    let Some(types) = self.0.get(of) else {
                        return Ok(());
                    };
                    let known = fields.iter().filter_map(|(name, value)| Some((types.get(name.as_str())?, value)));
                    known.into_iter().try_for_each(|(of, value)| self.$name(of, value, place))
                }
                _ => Ok(()),
            }
        }
    };
}

impl Inputs {
    pub(super) fn of(registry: &Registry) -> Self {
        let name = |(name, field): (&String, &MetaInputValue)| {
            (name.clone(), concrete(&field.ty).to_owned())
        };
        let objects = registry
            .types
            .iter()
            .filter_map(|(object, kind)| match kind {
                MetaType::InputObject { input_fields, .. } => {
                    Some((object.clone(), input_fields.iter().map(name).collect()))
                }
                MetaType::Scalar { .. } | MetaType::Enum { .. } => {
                    Some((object.clone(), HashMap::new()))
                }
                _ => None,
            });
        Self(objects.collect())
    }

    /// Whether a variable can be of this type.
    pub(super) fn knows(&self, of: &str) -> bool {
        self.0.contains_key(of) || BUILT_IN.contains(&of)
    }

    check!(
        /// Refuses a literal of this type, at a place as a person would name it.
        check_literal, Literal
    );
    check!(
        /// The same of a variable's value.
        check_variable, Value
    );
}
