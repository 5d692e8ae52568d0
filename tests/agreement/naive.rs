//! What a filter means, written down as plainly as it can be: it looks at one contact, and at one condition after the other.
//!
//! All it shares with the product is the folding of texts. What an unset value does is in the `is_some_and` and `is_none_or`.

mod time;
mod value;

pub(super) use value::distance;

use super::world::World;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value};
use time::Clock;

/// Whether the filter holds for a person.
pub(super) fn holds(world: &World, person: &Value, filter: &Value, now: DateTime<Utc>) -> bool {
    given(filter).all(|(field, condition)| {
        let inner = |filter: &Value| holds(world, person, filter, now);
        let clock = Clock::new(world.zone, condition, now);
        let value = Some(&person[field]).filter(|value| !value.is_null());
        match field.as_str() {
            "and" => list(condition).iter().all(inner),
            "or" => list(condition).iter().any(inner),
            "not" => !inner(condition),
            "status" => list(condition).contains(&person["status"]),
            "blocked" | "optedOut" | "botActive" | "receivesSupportRequests" => {
                person[field] == *condition
            }
            "assignee" | "team" | "lastChannel" => value::reference(value, condition),
            "tags" | "channels" | "imports" => value::set(list(&person[field]), condition),
            "segments" => value::set(&segments(world, person, now), condition),
            "createdAt"
            | "firstContactAt"
            | "lastInteractionAt"
            | "lastIncomingAt"
            | "conversationOpenedAt" => clock.instant(value, condition),
            "sinceLastIncoming" => clock.passed_since(person["lastIncomingAt"].as_str(), condition),
            "attribute" => attribute(world, person, condition, now),
            "name" => value::text(
                person["displayName"].as_str(),
                condition,
                domain::text::fold,
            ),
            "phone" => value::text(value.and_then(Value::as_str), condition, value::digits),
            _ => value::text(value.and_then(Value::as_str), condition, domain::text::fold),
        }
    })
}

/// Whether a status is asked for anywhere in it.
pub(super) fn speaks_of_status(filter: &Value) -> bool {
    given(filter).any(|(field, condition)| match field.as_str() {
        "status" => true,
        "and" | "or" => list(condition).iter().any(speaks_of_status),
        "not" => speaks_of_status(condition),
        _ => false,
    })
}

/// What counts as given.
fn given(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let entries: &Map<String, Value> = object.as_object().unwrap();
    entries.iter().filter(|(_, value)| !value.is_null())
}

fn list(json: &Value) -> &[Value] {
    json.as_array().unwrap()
}

/// Those that name the person, and those of which a rule holds.
fn segments(world: &World, person: &Value, now: DateTime<Utc>) -> Vec<Value> {
    let mut segments = list(&person["segments"]).to_vec();
    for (id, rules) in &world.rules {
        if rules.iter().any(|rule| holds(world, person, rule, now)) {
            segments.push(id.as_str().into());
        }
    }
    segments
}

fn attribute(world: &World, person: &Value, filter: &Value, now: DateTime<Utc>) -> bool {
    let value = person["attributes"].get(filter["key"].as_str().unwrap());
    let as_text = value.and_then(Value::as_str);
    given(filter).all(|(kind, condition)| {
        let clock = Clock::new(world.zone, condition, now);
        match kind.as_str() {
            "key" => true,
            "isSet" => value.is_some() == *condition,
            "text" => value::text(as_text, condition, domain::text::fold),
            "number" => value::number(value.and_then(Value::as_f64), condition),
            "date" => clock.date(as_text, condition),
            "time" => time::of_day(as_text, condition),
            "dateTime" => clock.instant(value, condition),
            "boolean" => value::boolean(value, condition),
            "array" => value::array(value.map(list), condition),
            "location" => value::location(value, condition),
            other => panic!("{other} is no condition"),
        }
    })
}
