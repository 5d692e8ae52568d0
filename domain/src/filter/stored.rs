//! Filters that are kept: as JSON, in the form in which they were given.

use super::{ContactFilter, Scope};
use crate::{
    attribute::Attributes,
    db::Tx,
    error::{Error, Result},
    scalar::TimeZone,
    segment,
    viewer::Viewer,
    workspace,
};
use async_graphql::{InputType, Pos, Value};
use sea_orm::ConnectionTrait;
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

    /// A filter at `filter` of an input, as it is to be kept.
    ///
    /// # Errors
    /// BAD_USER_INPUT with the path to what does not fit; FORBIDDEN where it speaks of what is masked.
    pub(crate) async fn checked(
        tx: &Tx,
        viewer: &Viewer,
        filter: Option<ContactFilter>,
    ) -> Result<Option<Json>> {
        let Some(filter) = filter else {
            return Ok(None);
        };
        // Whoever deletes an attribute looks for the filters that name it.
        workspace::lock(tx, viewer).await?;
        let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
        let attributes = Attributes::load(&**tx, viewer).await?;
        let rules = segment::rules(&**tx, viewer).await?;
        let scope = Scope::given(viewer, &workspace, &attributes, &rules);
        super::check(tx.get_database_backend(), &scope, &filter, "filter")?;
        Ok(Some(Self::new(filter, &workspace.time_zone).0))
    }

    /// A filter that a person wrote as JSON, as they would in GraphQL.
    ///
    /// # Errors
    /// BAD_USER_INPUT with what does not fit.
    pub fn parse(json: &Json) -> Result<ContactFilter> {
        let value = Value::from_json(json.clone());
        let value = value.map_err(|error| Error::bad_input("filter", error.to_string()))?;
        let read = ContactFilter::parse(Some(value)).map_err(|error| {
            Error::bad_input("filter", error.into_server_error(Pos::default()).message)
        })?;
        // What it does not know, the derive passes over: in GraphQL the schema has refused it before.
        match unknown(json, &given(read.to_value()), "filter") {
            Some(path) => Err(Error::bad_input(
                &path,
                format!("A ContactFilter has no {path}."),
            )),
            None => Ok(read),
        }
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

/// The path to a key that was given and was not read.
fn unknown(given: &Json, read: &Json, path: &str) -> Option<String> {
    match (given, read) {
        (Json::Object(given), Json::Object(read)) => given.iter().find_map(|(key, value)| {
            let path = format!("{path}.{key}");
            match read.get(key) {
                Some(read) => unknown(value, read, &path),
                None => (!value.is_null()).then_some(path),
            }
        }),
        (Json::Array(given), Json::Array(read)) => given
            .iter()
            .zip(read)
            .enumerate()
            .find_map(|(n, (given, read))| unknown(given, read, &format!("{path}.{n}"))),
        _ => None,
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
        &mut filter.conversation_opened_at,
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
    fn what_a_filter_does_not_know_is_named() {
        for (json, path) in [
            (json!({ "nome": {} }), "filter.nome"),
            (
                json!({ "or": [{}, { "name": { "equal": "a" } }] }),
                "filter.or.1.name.equal",
            ),
        ] {
            let error = Stored::parse(&json).unwrap_err().to_string();
            assert!(error.contains(path), "{error}");
        }
        let fits = json!({ "not": { "name": { "in": ["a"] }, "email": null }, "attribute": { "key": "a", "array": { "anyOf": [1, { "b": 2 }] } } });
        assert!(Stored::parse(&fits).is_ok());
    }

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
