//! What a slot column holds of a value: its place in a sort order.

use chrono::{NaiveDate, Timelike};

use super::Value;
use crate::text;

/// What goes into a slot column.
#[derive(Debug, Clone, PartialEq)]
pub enum Slot {
    /// For `n1..n10`.
    Number(f64),
    /// For `s1..s10`: folded, at most [`text::SLOT_CHARACTERS`] characters.
    Text(String),
}

impl Value {
    /// The sort key and pre-filter of this value; None for the types that own no slot. A DATE counts days since 1970,
    /// a TIME seconds of the day, a DATETIME milliseconds since 1970 with the microseconds as fraction.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        match self {
            Self::Text(text) => Some(Slot::Text(text::fold_prefix(text, text::SLOT_CHARACTERS))),
            Self::Number(number) => Some(Slot::Number(*number)),
            Self::Date(date) => {
                let days = (*date - NaiveDate::default()).num_days();
                Some(Slot::Number(exact(days)))
            }
            Self::Time(time) => Some(Slot::Number(f64::from(time.num_seconds_from_midnight()))),
            Self::DateTime(instant) => {
                Some(Slot::Number(exact(instant.timestamp_micros()) / 1000.0))
            }
            Self::Boolean(_) | Self::Array(_) | Self::Object(_) | Self::Location { .. } => None,
        }
    }
}

/// Days and microseconds of the years 1 to 9999; those after 2255 are beyond 2^53 and lose single microseconds, in the
/// sort order alone.
#[expect(clippy::cast_precision_loss, reason = "said above")]
fn exact(count: i64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono_tz::Tz;
    use entity::attribute::{AttributeType as Type, SlotKind};

    #[test]
    fn fills_slots() {
        let table = [
            (Type::Number, "-1.5", Some(Slot::Number(-1.5))),
            (Type::Date, "1970-01-02", Some(Slot::Number(1.0))),
            (Type::Date, "1969-12-31", Some(Slot::Number(-1.0))),
            (Type::Time, "01:00:01", Some(Slot::Number(3601.0))),
            (
                Type::DateTime,
                "1970-01-01T00:00:01.000500Z",
                Some(Slot::Number(1000.5)),
            ),
            (Type::Text, "Éa", Some(Slot::Text("ea".to_owned()))),
            (Type::Boolean, "yes", None),
            (Type::Array, "[]", None),
            (Type::Object, "{}", None),
            (Type::Location, "1,2", None),
        ];
        for (kind, cell, expected) in table {
            let slot = Value::parse(kind, cell, Tz::UTC).unwrap().slot();
            let slot_kind = slot.as_ref().map(|slot| match slot {
                Slot::Number(_) => SlotKind::Number,
                Slot::Text(_) => SlotKind::Text,
            });
            assert_eq!(slot_kind, kind.slot_kind());
            assert_eq!(slot, expected, "{cell}");
        }
    }

    #[test]
    fn cuts_text() {
        let value = Value::Text("Ä".repeat(5000));
        assert_eq!(value.slot(), Some(Slot::Text("a".repeat(200))));
    }
}
