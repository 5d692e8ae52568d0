//! The values that contacts' attributes hold: one enum that knows the nine types, and nothing else does.
//!
//! A value is read from a cell of an import ([`Value::parse`]), from the API's JSON ([`Value::from_json`]) or from the
//! contact's document ([`Value::from_stored`]); it is written to the document ([`Value::to_json`]), to an export
//! ([`Value::to_cell`]) and for people ([`Value::to_text`]). Reading refuses what it cannot keep exactly: nothing is
//! rounded, cut or guessed. Which attribute a value belongs to, and where it is stored, is not known here.

mod calendar;
mod comparable;
mod error;
mod json;
mod location;
mod number;
mod slot;
mod strict;
mod write;

#[cfg(test)]
mod round_trip;
#[cfg(test)]
mod tests;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::attribute::AttributeType;
use serde_json::{Map, Value as Json};

pub use comparable::{chord_squared, item, on_sphere};
pub use entity::attribute::SlotKind;
pub use error::{ValueError, ValueErrorCode};
pub use slot::Slot;

/// How many characters a TEXT has at most, and an ARRAY or OBJECT when it is written as JSON.
pub const MAX_CHARACTERS: usize = 10_000;

/// A value of an attribute. Equal means equal in meaning: the order of an object's keys and the way a number is written
/// do not count.
#[derive(Debug, Clone)]
pub enum Value {
    /// Kept as given, spaces too.
    Text(String),
    /// Finite, at most 15 significant digits.
    Number(f64),
    /// A day of the years 0001 to 9999.
    Date(NaiveDate),
    /// To the second.
    Time(NaiveTime),
    /// To the microsecond.
    DateTime(DateTime<Utc>),
    /// Yes or no.
    Boolean(bool),
    /// Any JSON values, of several types too.
    Array(Vec<Json>),
    /// Any JSON object.
    Object(Map<String, Json>),
    /// A place in degrees (WGS 84).
    Location {
        /// From -90 to 90.
        latitude: f64,
        /// From -180 to 180.
        longitude: f64,
        /// What people call it.
        name: Option<String>,
    },
}

impl Value {
    /// Reads the written form of an import. White space around it does not count, except in a TEXT. A time without an
    /// offset is one in `zone`.
    pub fn parse(kind: AttributeType, cell: &str, zone: Tz) -> Result<Self, ValueError> {
        refuse_nul(cell)?;
        let trimmed = cell.trim();
        if trimmed.is_empty() && kind != AttributeType::Text {
            return Err(ValueError::wrong(format!(
                "is empty where a {kind} should be"
            )));
        }
        match kind {
            AttributeType::Text => text(cell).map(Self::Text),
            AttributeType::Number => number::parse(trimmed).map(Self::Number),
            AttributeType::Date => calendar::date(trimmed).map(Self::Date),
            AttributeType::Time => calendar::time(trimmed).map(Self::Time),
            AttributeType::DateTime => calendar::date_time(trimmed, zone).map(Self::DateTime),
            AttributeType::Boolean => boolean(trimmed).map(Self::Boolean),
            AttributeType::Array => json::parse_array(trimmed).map(Self::Array),
            AttributeType::Object => json::parse_object(trimmed).map(Self::Object),
            AttributeType::Location => location::parse(trimmed),
        }
    }

    /// Reads the JSON of a mutation: each type from its own JSON type, dates and times from their written form. A null
    /// is refused here, as clearing a value is not a value.
    pub fn from_json(kind: AttributeType, json: &Json, zone: Tz) -> Result<Self, ValueError> {
        if let Json::String(text) = json {
            refuse_nul(text)?;
        }
        match (kind, json) {
            (AttributeType::Text, Json::String(given)) => text(given).map(Self::Text),
            (AttributeType::Number, Json::Number(given)) => {
                number::from_json(given).map(Self::Number)
            }
            (AttributeType::Date, Json::String(given)) => calendar::date(given).map(Self::Date),
            (AttributeType::Time, Json::String(given)) => calendar::time(given).map(Self::Time),
            (AttributeType::DateTime, Json::String(given)) => {
                calendar::date_time(given, zone).map(Self::DateTime)
            }
            (AttributeType::Boolean, Json::Bool(given)) => Ok(Self::Boolean(*given)),
            (AttributeType::Array, Json::Array(given)) => {
                json::array(given.clone()).map(Self::Array)
            }
            (AttributeType::Object, Json::Object(given)) => {
                json::object(given.clone()).map(Self::Object)
            }
            (AttributeType::Location, Json::Object(given)) => location::from_object(given),
            _ => Err(error::wrong_json(kind, json)),
        }
    }

    /// Reads what [`Value::to_json`] wrote. None where the document holds something else, which only a hand in the
    /// database can do.
    #[must_use]
    pub fn from_stored(kind: AttributeType, json: &Json) -> Option<Self> {
        Some(match kind {
            AttributeType::Text => Self::Text(json.as_str()?.to_owned()),
            AttributeType::Number => Self::Number(json.as_f64()?),
            AttributeType::Date => Self::Date(calendar::date(json.as_str()?).ok()?),
            AttributeType::Time => Self::Time(calendar::time(json.as_str()?).ok()?),
            AttributeType::DateTime => {
                Self::DateTime(calendar::date_time(json.as_str()?, Tz::UTC).ok()?)
            }
            AttributeType::Boolean => Self::Boolean(json.as_bool()?),
            AttributeType::Array => Self::Array(json.as_array()?.clone()),
            AttributeType::Object => Self::Object(json.as_object()?.clone()),
            AttributeType::Location => location::from_object(json.as_object()?).ok()?,
        })
    }

    /// The type this is a value of.
    #[must_use]
    pub const fn kind(&self) -> AttributeType {
        match self {
            Self::Text(_) => AttributeType::Text,
            Self::Number(_) => AttributeType::Number,
            Self::Date(_) => AttributeType::Date,
            Self::Time(_) => AttributeType::Time,
            Self::DateTime(_) => AttributeType::DateTime,
            Self::Boolean(_) => AttributeType::Boolean,
            Self::Array(_) => AttributeType::Array,
            Self::Object(_) => AttributeType::Object,
            Self::Location { .. } => AttributeType::Location,
        }
    }
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => one == two,
            (Self::Number(one), Self::Number(two)) => one == two,
            (Self::Date(one), Self::Date(two)) => one == two,
            (Self::Time(one), Self::Time(two)) => one == two,
            (Self::DateTime(one), Self::DateTime(two)) => one == two,
            (Self::Boolean(one), Self::Boolean(two)) => one == two,
            (Self::Array(one), Self::Array(two)) => json::same_items(one, two),
            (Self::Object(one), Self::Object(two)) => json::same_entries(one, two),
            (
                Self::Location {
                    latitude,
                    longitude,
                    name,
                },
                Self::Location {
                    latitude: other_latitude,
                    longitude: other_longitude,
                    name: other_name,
                },
            ) => latitude == other_latitude && longitude == other_longitude && name == other_name,
            _ => false,
        }
    }
}

fn text(given: &str) -> Result<String, ValueError> {
    // Bytes first: counting the characters of a short text would be wasted on millions of cells.
    if given.len() > MAX_CHARACTERS && given.chars().count() > MAX_CHARACTERS {
        return Err(ValueError::too_long(
            "is longer than 10,000 characters: shorten it".to_owned(),
        ));
    }
    Ok(given.to_owned())
}

fn boolean(cell: &str) -> Result<bool, ValueError> {
    let is_one_of = |words: [&str; 3]| words.iter().any(|word| cell.eq_ignore_ascii_case(word));
    if is_one_of(["true", "yes", "1"]) {
        Ok(true)
    } else if is_one_of(["false", "no", "0"]) {
        Ok(false)
    } else {
        let given = error::quoted(cell);
        Err(ValueError::wrong(format!(
            "{given} is neither yes nor no: write true or false, yes or no, 1 or 0"
        )))
    }
}

/// PostgreSQL can store no U+0000, in text or in JSON.
fn refuse_nul(text: &str) -> Result<(), ValueError> {
    if text.contains('\0') {
        return Err(ValueError::wrong(
            "has the character U+0000 inside: remove it".to_owned(),
        ));
    }
    Ok(())
}
