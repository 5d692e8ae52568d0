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
        Self(given(filter.to_value()))
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
