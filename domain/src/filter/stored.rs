//! Filters that are kept: as JSON, in the form in which they were given.

use super::ContactFilter;
use crate::{
    error::{Error, Result},
    scalar::TimeZone,
};
use async_graphql::{InputType, Value};
use serde_json::Value as Json;

/// A filter as it is stored: what was not given is not there.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored(pub Json);

impl Stored {
    /// Keeps a filter with the zone in which its days begin: a workspace that moves changes no saved filter.
    pub fn new(mut filter: ContactFilter, zone: &str) -> Self {
        settle(&mut filter, zone);
        let mut json = given(filter.to_value());
        keep_items(&filter, &mut json);
        Self(json)
    }

    /// The filter.
    ///
    /// # Errors
    /// Where a hand in the database or another version wrote it.
    pub fn read(json: &Json) -> Result<ContactFilter> {
        let value = Value::from_json(json.clone()).ok();
        let read = value.and_then(|value| ContactFilter::parse(Some(value)).ok());
        read.ok_or_else(|| Error::Broken("a stored filter cannot be read".to_owned()))
    }
}

/// The value as JSON, without nulls.
fn given(value: Value) -> Json {
    match value {
        Value::Object(entries) => entries
            .into_iter()
            .filter(|(_, value)| *value != Value::Null)
            .map(|(key, value)| (key.to_string(), given(value)))
            .collect(),
        Value::List(items) => items.into_iter().map(given).collect(),
        value => value.into_json().unwrap_or_default(),
    }
}

/// Puts the items of ARRAY conditions in as they are: what the derive writes of a JSON number is a text.
fn keep_items(filter: &ContactFilter, json: &mut Json) {
    for (key, list) in [("and", &filter.and), ("or", &filter.or)] {
        for (n, inner) in list.iter().flatten().enumerate() {
            keep_items(inner, &mut json[key][n]);
        }
    }
    if let Some(inner) = filter.not.as_deref() {
        keep_items(inner, &mut json["not"]);
    }
    let attribute = filter.attribute.as_ref();
    let Some(array) = attribute.and_then(|attribute| attribute.array.as_ref()) else {
        return;
    };
    for (key, items) in [
        ("anyOf", &array.any_of),
        ("allOf", &array.all_of),
        ("noneOf", &array.none_of),
    ] {
        if let Some(items) = items {
            json["attribute"]["array"][key] = items.clone().into();
        }
    }
}

fn settle(filter: &mut ContactFilter, zone: &str) {
    let lists = [&mut filter.and, &mut filter.or]
        .into_iter()
        .flatten()
        .flatten();
    for inner in lists.chain(filter.not.as_deref_mut()) {
        settle(inner, zone);
    }
    let times = [
        &mut filter.created_at,
        &mut filter.first_contact_at,
        &mut filter.last_interaction_at,
        &mut filter.last_incoming_at,
    ];
    let attribute = filter.attribute.as_mut();
    let (date, date_time) =
        attribute.map_or((None, None), |of| (of.date.as_mut(), of.date_time.as_mut()));
    let zones = times
        .into_iter()
        .flatten()
        .chain(date_time)
        .map(|of| &mut of.time_zone);
    for kept in zones.chain(date.map(|of| &mut of.time_zone)) {
        kept.get_or_insert_with(|| TimeZone(zone.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_filter_is_read_as_it_was_stored() {
        for json in [
            json!({ "attribute": { "key": "a", "array": { "allOf": [-1.0] } } }),
            json!({ "attribute": { "key": "a", "array": { "anyOf": [-1, 1.5, "x", true, { "b": [1.0, null] }] } } }),
            json!({ "attribute": { "key": "a", "number": { "in": [-1.0, 0.1] } } }),
            json!({ "or": [{ "not": { "name": { "in": ["a", "b"] } } }], "blocked": false }),
        ] {
            let given = Stored::read(&json).unwrap();
            let Stored(stored) = Stored::new(given.clone(), "UTC");
            let text: Json = serde_json::from_str(&stored.to_string()).unwrap();
            assert_eq!(Stored::read(&text).unwrap(), given, "{json} {stored}");
        }
    }
}
