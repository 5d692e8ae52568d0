//! Why a text or a JSON is no value of a type.

use entity::attribute::AttributeType;
use serde_json::Value as Json;

/// How much of a refused value a message repeats: it stands in logs and in the Comments column.
const QUOTED_CHARACTERS: usize = 40;

/// What is wrong with a value, as the schema's issue codes name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ValueErrorCode {
    /// Not a written form of the type.
    WrongType,
    /// A written form of the type, of something that does not exist or cannot be kept exactly.
    OutOfRange,
    /// A number of more than 15 significant digits.
    NumberTooLong,
    /// More than 10,000 characters.
    TooLong,
}

impl ValueErrorCode {
    /// The name in the schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongType => "VALUE_OF_WRONG_TYPE",
            Self::OutOfRange => "VALUE_OUT_OF_RANGE",
            Self::NumberTooLong => "NUMBER_TOO_LONG",
            Self::TooLong => "VALUE_TOO_LONG",
        }
    }
}

/// A value that was refused. The message says what was wrong and what to write instead; it begins in lower case, to
/// stand behind a header and a colon.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueError {
    /// For a program.
    pub code: ValueErrorCode,
    /// For a person.
    pub message: String,
}

impl ValueError {
    pub(super) const fn wrong(message: String) -> Self {
        Self {
            code: ValueErrorCode::WrongType,
            message,
        }
    }

    pub(super) const fn out_of_range(message: String) -> Self {
        Self {
            code: ValueErrorCode::OutOfRange,
            message,
        }
    }

    pub(super) const fn too_long(message: String) -> Self {
        Self {
            code: ValueErrorCode::TooLong,
            message,
        }
    }

    pub(super) fn number_too_long(given: &str) -> Self {
        let given = quoted(given);
        Self {
            code: ValueErrorCode::NumberTooLong,
            message: format!(
                "{given} has more than 15 significant digits and would be rounded: keep it in an attribute of type TEXT"
            ),
        }
    }
}

/// The refused text in quotes, cut, on one line.
pub(super) fn quoted(given: &str) -> String {
    let mut shown: String = given
        .chars()
        .take(QUOTED_CHARACTERS)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    if given.chars().nth(QUOTED_CHARACTERS).is_some() {
        shown.pop();
        shown.push('…');
    }
    format!("\"{shown}\"")
}

/// A JSON of another type than the attribute's is given in.
pub(super) fn wrong_json(kind: AttributeType, given: &Json) -> ValueError {
    let expected = match kind {
        AttributeType::Text => "a string",
        AttributeType::Number => "a number",
        AttributeType::Date => "a string such as \"2024-12-31\"",
        AttributeType::Time => "a string such as \"14:30:00\"",
        AttributeType::DateTime => "a string such as \"2024-12-31T14:30:00Z\"",
        AttributeType::Boolean => "true or false",
        AttributeType::Array => "an array",
        AttributeType::Object => "an object",
        AttributeType::Location => "an object with latitude, longitude and, if you like, name",
    };
    let found = match given {
        Json::Null => "null",
        Json::Bool(_) => "a boolean",
        Json::Number(_) => "a number",
        Json::String(_) => "a string",
        Json::Array(_) => "an array",
        Json::Object(_) => "an object",
    };
    ValueError::wrong(format!(
        "is {found}, but the type is {kind}: give {expected}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_at_most_40_characters() {
        assert_eq!(quoted("a\nb"), "\"a b\"");
        let exact = "ä".repeat(40);
        assert_eq!(quoted(&exact), format!("\"{exact}\""));
        assert_eq!(quoted(&(exact + "b")), format!("\"{}…\"", "ä".repeat(39)));
    }
}
