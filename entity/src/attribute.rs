//! The types a contact's attribute can have. What their values look like is the `domain` crate's `value` module.

use std::fmt;
use std::str::FromStr;

/// The type of an attribute: one for ever in a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AttributeType {
    /// Any text.
    Text,
    /// A decimal number of at most 15 significant digits.
    Number,
    /// A calendar day.
    Date,
    /// A time of day.
    Time,
    /// An instant.
    DateTime,
    /// Yes or no.
    Boolean,
    /// A JSON array.
    Array,
    /// A JSON object.
    Object,
    /// A place on earth.
    Location,
}

/// What kind of slot column copies an attribute's values, so that they sort and filter by an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// `n1..n10`.
    Number,
    /// `s1..s10`.
    Text,
}

impl AttributeType {
    /// Every type, in the order of the schema.
    pub const ALL: [Self; 9] = [
        Self::Text,
        Self::Number,
        Self::Date,
        Self::Time,
        Self::DateTime,
        Self::Boolean,
        Self::Array,
        Self::Object,
        Self::Location,
    ];

    /// The name in the schema, in the database and in an import's `key||TYPE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "TEXT",
            Self::Number => "NUMBER",
            Self::Date => "DATE",
            Self::Time => "TIME",
            Self::DateTime => "DATETIME",
            Self::Boolean => "BOOLEAN",
            Self::Array => "ARRAY",
            Self::Object => "OBJECT",
            Self::Location => "LOCATION",
        }
    }

    /// The slot that values of this type fit in, if any.
    #[must_use]
    pub const fn slot_kind(self) -> Option<SlotKind> {
        match self {
            Self::Number | Self::Date | Self::Time | Self::DateTime => Some(SlotKind::Number),
            Self::Text => Some(SlotKind::Text),
            Self::Boolean | Self::Array | Self::Object | Self::Location => None,
        }
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is none of [`AttributeType::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownAttributeType;

impl fmt::Display for UnknownAttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an attribute type: write one of ")?;
        let names = AttributeType::ALL.map(AttributeType::as_str);
        f.write_str(&names.join(", "))
    }
}

impl std::error::Error for UnknownAttributeType {}

impl FromStr for AttributeType {
    type Err = UnknownAttributeType;

    /// Case and surrounding spaces do not matter: headers are written by hand.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = text.trim();
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(name))
            .ok_or(UnknownAttributeType)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_its_own_names_in_any_case() {
        for kind in AttributeType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            let loose = format!(" {} ", kind.as_str().to_lowercase());
            assert_eq!(loose.parse(), Ok(kind));
        }
        for other in ["", "DATE TIME", "STRING"] {
            assert_eq!(other.parse::<AttributeType>(), Err(UnknownAttributeType));
        }
    }
}
