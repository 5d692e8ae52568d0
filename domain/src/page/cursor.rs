//! Cursors: the order they belong to, the stretch, and the keys of their row.

use super::{KeyKind, Order};
use crate::error::{Error, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::{QueryResult, Value};
use serde_json::Value as Json;

/// Where a cursor stands.
pub(super) struct Place {
    pub(super) stretch: usize,
    pub(super) keys: Vec<Value>,
}

/// What a key is called among the columns of a row.
pub(super) fn key_name(n: usize) -> String {
    format!("key_{n}")
}

/// The cursor of a row of the stretch `at`.
pub(super) fn write(order: &Order, at: usize, row: &QueryResult) -> Result<String> {
    let mut keys = Vec::new();
    for (n, key) in order.stretches[at].keys.iter().enumerate() {
        let name = key_name(n);
        keys.push(match key.kind {
            // PostgreSQL tells 32 bits from 64 and hands out neither as the other.
            KeyKind::Int => row
                .try_get::<i64>("", &name)
                .or_else(|_| row.try_get::<i32>("", &name).map(i64::from))?
                .into(),
            KeyKind::Double => Json::from(row.try_get::<f64>("", &name)?),
            KeyKind::Text => Json::from(row.try_get::<String>("", &name)?),
            KeyKind::Time => Json::from(
                row.try_get::<DateTime<Utc>>("", &name)?
                    .to_rfc3339_opts(SecondsFormat::Micros, true),
            ),
        });
    }
    Ok(BASE64_URL_SAFE_NO_PAD.encode(
        Json::from(vec![
            order.name.as_str().into(),
            at.into(),
            Json::Array(keys),
        ])
        .to_string(),
    ))
}

/// Where a cursor of the list stands.
pub(super) fn read(order: &Order, argument: &str, text: &str) -> Result<Place> {
    let read = || -> Option<Place> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        let (name, stretch, keys): (String, usize, Vec<Json>) =
            serde_json::from_slice(&bytes).ok()?;
        let kinds = &order.stretches.get(stretch)?.keys;
        if name != order.name || keys.len() != kinds.len() {
            return None;
        }
        let keys = keys
            .iter()
            .zip(kinds)
            .map(|(json, key)| key_value(json, key.kind))
            .collect::<Option<_>>()?;
        Some(Place { stretch, keys })
    };
    read().ok_or_else(|| Error::bad_input(argument, "Not a cursor of this list in this order."))
}

fn key_value(json: &Json, kind: KeyKind) -> Option<Value> {
    Some(match kind {
        KeyKind::Int => json.as_i64()?.into(),
        KeyKind::Double => json.as_f64()?.into(),
        KeyKind::Text => json.as_str().filter(|text| !text.contains('\0'))?.into(),
        KeyKind::Time => DateTime::parse_from_rfc3339(json.as_str()?)
            .ok()?
            .to_utc()
            .into(),
    })
}
