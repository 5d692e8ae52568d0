//! What a filter compares of a value: the same form in the document of every contact, in the filter that looks for it, and on both
//! databases.

use super::{Slot, Value};
use crate::text;
use serde_json::{Value as Json, json};

impl Value {
    /// The value as filters compare it. Texts are folded, whole; a NUMBER, DATE or TIME is the number that its slot holds, and a DATETIME
    /// counts microseconds since 1970; the items of an ARRAY are told apart by [`item`]; a LOCATION is its point on the unit sphere, so that a
    /// distance needs no more than multiplication; of an OBJECT there is no more than that it is there.
    #[must_use]
    pub fn comparable(&self) -> Json {
        match self {
            Self::Text(text) => text::fold(text).into(),
            Self::Number(number) => json!(number),
            Self::Date(_) | Self::Time(_) => match self.slot() {
                Some(Slot::Number(number)) => json!(number),
                Some(Slot::Text(_)) | None => Json::Null,
            },
            Self::DateTime(instant) => instant.timestamp_micros().into(),
            Self::Boolean(yes) => (*yes).into(),
            Self::Array(items) => items.iter().map(|value| Json::from(item(value))).collect(),
            Self::Object(_) => true.into(),
            Self::Location {
                latitude,
                longitude,
                ..
            } => json!(on_sphere(*latitude, *longitude)),
        }
    }
}

/// An item of an ARRAY as a text that equals another's exactly where the items are equal: texts without regard to case and accents,
/// numbers by their value, whatever else by its JSON with sorted keys.
#[must_use]
pub fn item(item: &Json) -> String {
    match item {
        Json::String(text) => format!("s{}", text::fold(text)),
        Json::Number(number) => format!("n{}", number.as_f64().unwrap_or_default() + 0.0),
        other => format!("j{}", canonical(other)),
    }
}

/// JSON with sorted keys, and with numbers by their value.
fn canonical(json: &Json) -> String {
    match json {
        Json::Number(number) => (number.as_f64().unwrap_or_default() + 0.0).to_string(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(canonical).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(entries) => {
            let mut keys: Vec<&String> = entries.keys().collect();
            keys.sort();
            let entry =
                |key: &String| format!("{}:{}", Json::from(key.as_str()), canonical(&entries[key]));
            let entries: Vec<String> = keys.into_iter().map(entry).collect();
            format!("{{{}}}", entries.join(","))
        }
        other => other.to_string(),
    }
}

/// A place in degrees as a point on the unit sphere.
#[must_use]
pub fn on_sphere(latitude: f64, longitude: f64) -> [f64; 3] {
    let (latitude, longitude) = (latitude.to_radians(), longitude.to_radians());
    [
        latitude.cos() * longitude.cos(),
        latitude.cos() * longitude.sin(),
        latitude.sin(),
    ]
}

/// The mean radius of the earth in metres (IUGG).
const EARTH: f64 = 6_371_008.8;

/// The square of the chord between two points on the unit sphere that are this many metres apart.
#[must_use]
pub fn chord_squared(metres: f64) -> f64 {
    let half = (metres / EARTH / 2.0).min(std::f64::consts::FRAC_PI_2);
    let chord = 2.0 * half.sin();
    chord * chord
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_equal_where_they_mean_the_same() {
        let same = [
            (json!("Müller"), json!("MULLER")),
            (json!(1), json!(1.0)),
            (json!(-0.0), json!(0)),
            (json!({ "b": 1, "a": [1.0] }), json!({ "a": [1], "b": 1.0 })),
        ];
        for (one, other) in same {
            assert_eq!(item(&one), item(&other), "{one} {other}");
        }
        let other = [
            (json!("1"), json!(1)),
            (json!(true), json!("true")),
            (json!(true), json!(1)),
            (json!(null), json!("null")),
            (json!([1, 2]), json!([12])),
            (json!({ "a": 1 }), json!({ "a": 1, "b": 2 })),
        ];
        for (one, other) in other {
            assert_ne!(item(&one), item(&other), "{one} {other}");
        }
    }

    #[test]
    fn a_chord_tells_a_distance() {
        let squared = |one: [f64; 3], other: [f64; 3]| -> f64 {
            one.iter().zip(other).map(|(a, b)| (a - b) * (a - b)).sum()
        };
        let (berlin, potsdam) = (on_sphere(52.52, 13.405), on_sphere(52.3906, 13.0645));
        let apart = squared(berlin, potsdam);
        // 27 kilometres, as any map says.
        assert!(chord_squared(26_000.0) < apart && apart < chord_squared(28_000.0));
        assert!(chord_squared(1e9) >= squared(on_sphere(90.0, 0.0), on_sphere(-90.0, 0.0)));
    }
}
