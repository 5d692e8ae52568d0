//! Webhooks of Meta's form.

use super::error;
use crate::clock;
use crate::event::{Event, Incoming, Person, Preference, Status, StatusChange, Told};
use chrono::{DateTime, Utc};
use serde_json::Value;

/// All that a body says: `entry[].changes[].value`.
pub(crate) fn read(body: &[u8]) -> Result<Vec<Told>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
    let entries = body["entry"]
        .as_array()
        .ok_or_else(|| "no `entry`".to_owned())?;
    let mut told = Vec::new();
    for change in entries
        .iter()
        .filter_map(|entry| entry["changes"].as_array())
        .flatten()
    {
        read_value(&change["value"], &mut told);
    }
    Ok(told)
}

/// What one `value` says.
fn read_value(value: &Value, told: &mut Vec<Told>) {
    let number_id = value["metadata"]["phone_number_id"].as_str();
    let mut tell = |event| {
        told.push(Told {
            number_id: number_id.map(str::to_owned),
            event,
        });
    };
    let list = |key: &str| value[key].as_array().into_iter().flatten();
    for message in list("messages") {
        if let Some(incoming) = incoming(message, &value["contacts"]) {
            tell(Event::Message(incoming));
        }
    }
    for status in list("statuses") {
        if let Some(change) = status_change(status) {
            tell(Event::Status(change));
        }
    }
    for preference in list("user_preferences") {
        let stop = match preference["value"].as_str() {
            Some("stop") => true,
            Some("resume") => false,
            _ => continue,
        };
        let person = person(preference, "wa_id");
        if person.address.is_some() || person.user_id.is_some() {
            let at = instant(&preference["timestamp"]);
            tell(Event::Preference(Preference { person, stop, at }));
        }
    }
}

fn incoming(message: &Value, contacts: &Value) -> Option<Incoming> {
    let mut from = person(message, "from");
    // The profile of who wrote stands beside the messages.
    let profiles = contacts.as_array().map_or(&[][..], Vec::as_slice);
    let profile = profiles
        .iter()
        .find(|contact| {
            let same = |key: &str, text: &Option<String>| {
                text.is_some() && contact[key].as_str() == text.as_deref()
            };
            same("wa_id", &from.address) || same("user_id", &from.user_id)
        })
        .or_else(|| profiles.first().filter(|_| profiles.len() == 1));
    if let Some(profile) = profile {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        from.profile_name = text(&profile["profile"]["name"]);
        from.picture_url = text(&profile["profile"]["picture"]);
        from.user_id = from.user_id.or_else(|| text(&profile["user_id"]));
    }
    if from.address.is_none() && from.user_id.is_none() {
        return None;
    }
    let kind = message["type"].as_str().unwrap_or("unknown").to_owned();
    Some(Incoming {
        id: message["id"].as_str()?.to_owned(),
        at: instant(&message["timestamp"]),
        text: said(message, &kind),
        kind,
        from,
    })
}

/// What a message says in words, wherever its kind keeps them.
fn said(message: &Value, kind: &str) -> Option<String> {
    let part = &message[kind];
    let places = [
        &part["body"],
        &part["caption"],
        &part["text"],
        &part["button_reply"]["title"],
        &part["list_reply"]["title"],
    ];
    places
        .into_iter()
        .find_map(Value::as_str)
        .map(str::to_owned)
}

fn person(of: &Value, address: &str) -> Person {
    let text = |value: &Value| {
        value
            .as_str()
            .map(str::trim)
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    };
    Person {
        address: text(&of[address]),
        user_id: text(&of["from_user_id"]).or_else(|| text(&of["user_id"])),
        ..Person::default()
    }
}

fn status_change(status: &Value) -> Option<StatusChange> {
    Some(StatusChange {
        message_ids: status["id"]
            .as_str()
            .map(str::to_owned)
            .into_iter()
            .collect(),
        reference: status["biz_opaque_callback_data"]
            .as_str()
            .map(str::to_owned),
        status: named(status["status"].as_str()?)?,
        at: instant(&status["timestamp"]),
        fault: error::fault(&status["errors"]),
    })
}

/// What a status is called; none for one that tells nothing of the way of a message.
pub(crate) fn named(status: &str) -> Option<Status> {
    Some(match status.to_ascii_lowercase().as_str() {
        "sent" => Status::Sent,
        "delivered" => Status::Delivered,
        // A voice message that was played has been seen.
        "read" | "played" => Status::Read,
        "failed" | "not-sent" | "undelivered" => Status::Failed,
        _ => return None,
    })
}

/// Seconds since 1970, as a text or a number. Without one it is now: the body has just come.
pub(crate) fn instant(value: &Value) -> DateTime<Utc> {
    let seconds = value
        .as_i64()
        .or_else(|| value.as_str().and_then(|text| text.parse().ok()));
    // What lies before WhatsApp or beyond tomorrow is no time of a message.
    let now = clock::now();
    seconds
        .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
        .filter(|at| at.timestamp() > 1_000_000_000 && *at <= now + chrono::TimeDelta::days(1))
        .unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn body(value: &Value) -> Vec<u8> {
        json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]})
            .to_string()
            .into_bytes()
    }

    #[test]
    fn a_message_comes_with_its_profile() {
        let value = json!({
            "metadata": {"phone_number_id": "5"},
            "contacts": [{"profile": {"name": "Ann"}, "wa_id": "919876543210"}],
            "messages": [{"from": "919876543210", "id": "wamid.1", "timestamp": "1700000000", "type": "text", "text": {"body": "Hi"}}]
        });
        let events = read(&body(&value)).expect("reads");
        let Event::Message(message) = &events[0].event else {
            panic!("{events:?}");
        };
        assert_eq!(events[0].number_id.as_deref(), Some("5"));
        assert_eq!(message.from.profile_name.as_deref(), Some("Ann"));
        assert_eq!(message.text.as_deref(), Some("Hi"));
        assert_eq!(message.at.timestamp(), 1_700_000_000);
    }

    #[test]
    fn a_person_may_have_no_number() {
        let value = json!({
            "contacts": [{"profile": {"name": "Ann"}, "user_id": "IN.abc123"}],
            "messages": [{"from_user_id": "IN.abc123", "id": "wamid.1", "timestamp": "1700000000", "type": "image", "image": {"caption": "Look"}}]
        });
        let events = read(&body(&value)).expect("reads");
        let Event::Message(message) = &events[0].event else {
            panic!("{events:?}");
        };
        assert_eq!(message.from.address, None);
        assert_eq!(message.from.user_id.as_deref(), Some("IN.abc123"));
        assert_eq!(message.text.as_deref(), Some("Look"));
    }

    #[test]
    fn statuses_and_preferences_are_told_and_what_means_nothing_is_not() {
        let value = json!({
            "statuses": [
                {"id": "wamid.1", "status": "delivered", "timestamp": "1700000000", "recipient_id": "1", "biz_opaque_callback_data": "d.1"},
                {"id": "wamid.2", "status": "failed", "timestamp": "1700000000", "errors": [{"code": 131_050, "title": "Stopped"}]},
                {"id": "wamid.3", "status": "warning", "timestamp": "1700000000"}
            ],
            "user_preferences": [{"wa_id": "1", "category": "marketing_messages", "value": "stop", "timestamp": 1_700_000_000}],
            "something_new": [{}]
        });
        let events = read(&body(&value)).expect("reads");
        assert_eq!(events.len(), 3, "{events:?}");
        let Event::Status(failed) = &events[1].event else {
            panic!("{events:?}");
        };
        assert!(failed.fault.as_ref().is_some_and(|fault| fault.is_opt_out));
        assert!(matches!(&events[2].event, Event::Preference(preference) if preference.stop));
    }

    #[test]
    fn what_is_not_of_this_form_is_an_error_and_no_panic() {
        for body in ["", "{", "[]", "null", "{\"entry\": 7}"] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        for body in [
            "{\"entry\": [7, {\"changes\": 7}, {\"changes\": [7]}]}",
            "{\"entry\":[{\"changes\":[{\"value\":{\"messages\":[{}],\"statuses\":[{\"status\":7}]}}]}]}",
        ] {
            assert_eq!(read(body.as_bytes()), Ok(Vec::new()), "{body}");
        }
    }
}
