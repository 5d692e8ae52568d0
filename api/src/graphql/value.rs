//! Typed values of attributes: an interface, and a type for each of the nine.

use super::{
    attribute::Attribute,
    error::{Failure, Result},
    loader::Loader,
};
use async_graphql::{Context, Interface, Object};
use domain::scalar::{Date, DateTime, Time};
use domain::{value::Value, workspace};
use serde_json::Value as Json;

/// A contact's value of an attribute. Ask for the fields of the type with `... on NumberValue { number }`; no field name has two types, so
/// one selection may name all.
#[derive(Interface)]
#[graphql(
    field(
        name = "attribute",
        ty = "Attribute",
        desc = "The attribute whose value it is."
    ),
    field(
        name = "json",
        ty = "Json",
        desc = "The value as JSON, as AttributeType describes it."
    ),
    field(
        name = "text",
        ty = "Result<String, Failure>",
        desc = "The value written for people, times in the workspace's time zone."
    )
)]
pub(crate) enum AttributeValue {
    Text(TextValue),
    Number(NumberValue),
    Date(DateValue),
    Time(TimeValue),
    DateTime(DateTimeValue),
    Boolean(BooleanValue),
    Array(ArrayValue),
    Object(ObjectValue),
    Location(LocationValue),
}

impl AttributeValue {
    /// The value that a contact's document holds for the attribute.
    pub(super) fn read(attribute: &Attribute, document: &Json) -> Option<Self> {
        let json = document.get(attribute.0.id.0.to_string())?;
        let value = Value::from_stored(attribute.0.r#type, json)?;
        let held = Held {
            attribute: attribute.clone(),
            value,
        };
        Some(match held.value {
            Value::Text(_) => Self::Text(TextValue(held)),
            Value::Number(number) => Self::Number(NumberValue(held, number)),
            Value::Date(date) => Self::Date(DateValue(held, Date(date))),
            Value::Time(time) => Self::Time(TimeValue(held, Time(time))),
            Value::DateTime(instant) => Self::DateTime(DateTimeValue(held, DateTime(instant))),
            Value::Boolean(boolean) => Self::Boolean(BooleanValue(held, boolean)),
            Value::Array(_) => Self::Array(ArrayValue(held)),
            Value::Object(_) => Self::Object(ObjectValue(held)),
            Value::Location { .. } => Self::Location(LocationValue(held)),
        })
    }
}

/// A value and whose it is.
struct Held {
    attribute: Attribute,
    value: Value,
}

impl Held {
    async fn text(&self, ctx: &Context<'_>) -> Result<String> {
        let workspace = Loader::of(ctx)?.workspace().await?;
        Ok(self.value.to_text(workspace::zone(&workspace)))
    }
}

/// Declares one of the nine types: what all have, and what it has of its own.
macro_rules! value_type {
    ($(#[$($doc:tt)*])* $name:ident($($own:ty)?) { $($fields:tt)* }) => {
        $(#[$($doc)*])*
        pub(crate) struct $name(Held $(, $own)?);

        $(#[$($doc)*])*
        #[Object]
        impl $name {
            /// The attribute whose value it is.
            async fn attribute(&self) -> Attribute {
                self.0.attribute.clone()
            }

            /// The value as JSON, as AttributeType describes it.
            async fn json(&self) -> Json {
                self.0.value.to_json()
            }

            /// The value written for people, times in the workspace's time zone.
            async fn text(&self, ctx: &Context<'_>) -> Result<String, Failure> {
                self.0.text(ctx).await
            }

            $($fields)*
        }
    };
}

value_type!(
    /// A text; it is in `text`.
    TextValue() {}
);

value_type!(
    /// A number.
    NumberValue(f64) {
        /// The number: at most 15 significant digits.
        async fn number(&self) -> f64 {
            self.1
        }
    }
);

value_type!(
    /// A calendar date.
    DateValue(Date) {
        /// The date.
        async fn date(&self) -> Date {
            self.1
        }
    }
);

value_type!(
    /// A local time of day.
    TimeValue(Time) {
        /// The time of day.
        async fn time(&self) -> Time {
            self.1
        }
    }
);

value_type!(
    /// An instant.
    DateTimeValue(DateTime) {
        /// The instant, in UTC.
        async fn date_time(&self) -> DateTime {
            self.1
        }
    }
);

value_type!(
    /// Yes or no.
    BooleanValue(bool) {
        /// Yes or no.
        async fn boolean(&self) -> bool {
            self.1
        }
    }
);

value_type!(
    /// A list of any JSON values.
    ArrayValue() {
        /// Its items, in order; null is an item too.
        async fn items(&self) -> Vec<Option<&Json>> {
            let items = match &self.0.value {
                Value::Array(items) => items.as_slice(),
                _ => &[],
            };
            items.iter().map(|item| Some(item).filter(|item| !item.is_null())).collect()
        }
    }
);

value_type!(
    /// A JSON object; it is in `json`.
    ObjectValue() {}
);

value_type!(
    /// A place.
    LocationValue() {
        /// Degrees (WGS 84), -90 to 90.
        async fn latitude(&self) -> f64 {
            self.place().0
        }

        /// Degrees (WGS 84), -180 to 180.
        async fn longitude(&self) -> f64 {
            self.place().1
        }

        /// What people call it.
        async fn name(&self) -> Option<&str> {
            self.place().2
        }
    }
);

impl LocationValue {
    fn place(&self) -> (f64, f64, Option<&str>) {
        match &self.0.value {
            Value::Location {
                latitude,
                longitude,
                name,
            } => (*latitude, *longitude, name.as_deref()),
            _ => (0.0, 0.0, None),
        }
    }
}
