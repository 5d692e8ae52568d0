//! Conditions on texts, numbers, places, lists and sets.

use super::{given, list};
use domain::text::fold;
use serde_json::Value;

/// `same` makes of texts that count as the same one text.
pub(super) fn text(value: Option<&str>, conditions: &Value, same: impl Fn(&str) -> String) -> bool {
    let value = value.map(&same);
    let value = value.as_deref();
    given(conditions).all(|(name, wanted)| {
        let one = || same(wanted.as_str().unwrap());
        let is_listed = || {
            let mut texts = list(wanted).iter().map(|text| same(text.as_str().unwrap()));
            value.is_some_and(|value| texts.any(|text| text == value))
        };
        match name.as_str() {
            "eq" => value.is_some_and(|value| value == one()),
            "in" => is_listed(),
            "notIn" => !is_listed(),
            "contains" => value.is_some_and(|value| value.contains(&one())),
            "startsWith" => value.is_some_and(|value| value.starts_with(&one())),
            "endsWith" => value.is_some_and(|value| value.ends_with(&one())),
            "isSet" => value.is_some() == *wanted,
            other => panic!("{other} is no condition on a text"),
        }
    })
}

/// A phone number without all that does not count.
pub(super) fn digits(text: &str) -> String {
    text.replace(['+', ' ', '-', '–', '.', '/', '(', ')', '[', ']'], "")
}

pub(super) fn number(value: Option<f64>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| {
        let bound = wanted.as_f64();
        let compared = value.zip(bound);
        match name.as_str() {
            "eq" => compared.is_some_and(|(value, bound)| value == bound),
            "in" => list(wanted)
                .iter()
                .any(|one| value.is_some() && value == one.as_f64()),
            "lt" => compared.is_some_and(|(value, bound)| value < bound),
            "lte" => compared.is_some_and(|(value, bound)| value <= bound),
            "gt" => compared.is_some_and(|(value, bound)| value > bound),
            "gte" => compared.is_some_and(|(value, bound)| value >= bound),
            "isSet" => value.is_some() == *wanted,
            other => panic!("{other} is no condition on a number"),
        }
    })
}

pub(super) fn boolean(value: Option<&Value>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| match name.as_str() {
        "eq" => value == Some(wanted),
        "isSet" => value.is_some() == *wanted,
        other => panic!("{other} is no condition on a boolean"),
    })
}

pub(super) fn reference(value: Option<&Value>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| {
        let is_listed = || value.is_some_and(|value| list(wanted).contains(value));
        match name.as_str() {
            "in" => is_listed(),
            "notIn" => !is_listed(),
            "isSet" => value.is_some() == *wanted,
            other => panic!("{other} is no condition on a reference"),
        }
    })
}

pub(super) fn set(has: &[Value], conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| match name.as_str() {
        "anyOf" => list(wanted).iter().any(|id| has.contains(id)),
        "allOf" => list(wanted).iter().all(|id| has.contains(id)),
        "noneOf" => !list(wanted).iter().any(|id| has.contains(id)),
        "isEmpty" => has.is_empty() == *wanted,
        other => panic!("{other} is no condition on a set"),
    })
}

pub(super) fn array(items: Option<&[Value]>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| {
        let has = |item: &Value| {
            items.is_some_and(|items| items.iter().any(|other| same_item(item, other)))
        };
        match name.as_str() {
            "anyOf" => list(wanted).iter().any(has),
            "allOf" => items.is_some() && list(wanted).iter().all(has),
            "noneOf" => !list(wanted).iter().any(has),
            "isEmpty" => items.is_some_and(|items| items.is_empty() == *wanted),
            "isSet" => items.is_some() == *wanted,
            other => panic!("{other} is no condition on an array"),
        }
    })
}

fn same_item(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::String(one), Value::String(other)) => fold(one) == fold(other),
        _ => same_json(one, other),
    }
}

/// A number is its value, however it is written.
fn same_json(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .zip(other)
                    .all(|(one, other)| same_json(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let is_there =
                |(key, value)| other.get(key).is_some_and(|there| same_json(value, there));
            one.len() == other.len() && one.iter().all(is_there)
        }
        _ => one == other,
    }
}

pub(super) fn location(value: Option<&Value>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| match name.as_str() {
        "within" => {
            value.is_some_and(|place| distance(place, wanted) <= wanted["radius"].as_f64().unwrap())
        }
        "isSet" => value.is_some() == *wanted,
        other => panic!("{other} is no condition on a place"),
    })
}

/// Metres between two places, by the haversine.
pub(in crate::agreement) fn distance(one: &Value, other: &Value) -> f64 {
    const MEAN_RADIUS: f64 = 6_371_008.8;
    let degrees = |place: &Value, field: &str| place[field].as_f64().unwrap().to_radians();
    let (latitude, longitude) = (
        (degrees(one, "latitude"), degrees(other, "latitude")),
        (degrees(one, "longitude"), degrees(other, "longitude")),
    );
    let haversine = |(one, other): (f64, f64)| ((one - other) / 2.0).sin().powi(2);
    let part = haversine(latitude) + latitude.0.cos() * latitude.1.cos() * haversine(longitude);
    2.0 * MEAN_RADIUS * part.sqrt().min(1.0).asin()
}
