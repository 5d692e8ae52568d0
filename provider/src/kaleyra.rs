//! WhatsApp by Kaleyra, version 2 of its API: Meta's message in an envelope. (Version 1 joins parameters by commas, which loses commas.)

use crate::{
    Headers, Limits, Provider,
    account::{Account, Field, exposed},
    call::{self, Answer, Caller, Failure},
    clock,
    event::{Event, Incoming, Person, Status, StatusChange, Told},
    meta::{self, error, webhook},
    outgoing::{Outcome, Outgoing},
    whatsapp_cloud,
};
use chrono::DateTime;
use serde_json::{Value, json};

/// That of Europe; the settings name another.
const BASE: &str = "https://api.eu.kaleyra.io";

/// See the module.
pub(crate) struct Kaleyra;

impl Kaleyra {
    async fn post(caller: &Caller, account: &Account, message: Value) -> Result<Answer, Outcome> {
        let settings = &account.settings;
        let url = format!(
            "{}/v2/{}/whatsapp/{}/messages",
            account.base_url(Some(BASE)),
            settings.account_id.as_deref().unwrap_or_default(),
            settings.phone_number.as_deref().unwrap_or_default(),
        );
        let request = caller.post(&url).map(|request| {
            request
                .header("api-key", exposed(account.credentials.api_key.as_ref()))
                .json(&json!({ "messaging_object": message }))
        });
        call::send(request).await
    }
}

/// Some answers name the message outside of `messages`.
fn outcome(answer: &Answer) -> Outcome {
    match meta::outcome(answer) {
        Outcome::Unknown { message } => {
            let places = [
                &answer.body["message_id"],
                &answer.body["id"],
                &answer.body["data"]["message_id"],
            ];
            match places.into_iter().find_map(Value::as_str) {
                Some(id) => Outcome::Accepted {
                    message_id: Some(id.to_owned()),
                },
                None => Outcome::Unknown { message },
            }
        }
        outcome => outcome,
    }
}

#[async_trait::async_trait]
impl Provider for Kaleyra {
    fn required(&self) -> &'static [Field] {
        &[Field::AccountId, Field::PhoneNumber, Field::ApiKey]
    }

    fn home(&self) -> Option<&'static str> {
        Some(BASE)
    }

    fn sent(&self) -> &'static [Field] {
        &[Field::ApiKey]
    }

    fn limits(&self) -> Limits {
        whatsapp_cloud::limits(20)
    }

    /// No call that only looks is known: an empty message is refused for being empty once the key has been taken.
    async fn verify(&self, caller: &Caller, account: &Account) -> Result<(), Failure> {
        let answer = match Self::post(caller, account, json!({})).await {
            Ok(answer) => answer,
            Err(Outcome::Refused(refusal)) => {
                return Err(Failure {
                    code: refusal.code,
                    message: refusal.message,
                });
            }
            Err(_) => {
                return Err(Failure {
                    code: "UNREACHABLE".to_owned(),
                    message: "The provider did not answer.".to_owned(),
                });
            }
        };
        match answer.status.as_u16() {
            200..=299 | 400 | 422 => Ok(()),
            _ => Err(answer.failure(None)),
        }
    }

    async fn send(&self, caller: &Caller, account: &Account, outgoing: &Outgoing) -> Outcome {
        match Self::post(caller, account, meta::message(outgoing)).await {
            Ok(answer) => outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    /// It signs nothing: that the caller knows the secret path is all the proof there is.
    fn is_authentic(&self, _account: &Account, _headers: &dyn Headers, _body: &[u8]) -> bool {
        true
    }

    fn read(&self, body: &[u8]) -> Result<Vec<Told>, String> {
        let body: Value =
            serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
        if body["meta_object"].is_object() {
            return Ok(status(&body)
                .map(|change| Event::Status(change).into())
                .into_iter()
                .collect());
        }
        if let Some(message) = incoming(&body) {
            return Ok(vec![Event::Message(message).into()]);
        }
        Err("neither `meta_object` nor `from` and `wanumber`".to_owned())
    }
}

/// The outer id is WhatsApp's, the inner one Kaleyra's own: either may be the one that we were told.
fn status(body: &Value) -> Option<StatusChange> {
    let inner = &body["meta_object"]["value"]["statuses"][0];
    let ids = [&body["message_id"], &inner["id"]];
    Some(StatusChange {
        message_ids: ids
            .into_iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        reference: inner["biz_opaque_callback_data"]
            .as_str()
            .map(str::to_owned),
        status: webhook::named(
            body["status"]
                .as_str()
                .or_else(|| inner["status"].as_str())?,
        )?,
        at: webhook::instant(&inner["timestamp"]),
        fault: error::fault(&inner["errors"]),
    })
    .map(|mut change| {
        // NOT-SENT comes without errors.
        if change.status == Status::Failed && change.fault.is_none() {
            change.fault = Some(crate::event::Fault {
                code: body["status"].as_str().unwrap_or("FAILED").to_owned(),
                message: "Kaleyra did not send it.".to_owned(),
                is_opt_out: false,
                is_retryable: false,
            });
        }
        change
    })
}

/// The profile of a callback is the customer's own; these are the names that Kaleyra proposes.
fn incoming(body: &Value) -> Option<Incoming> {
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    let at = body["created_at"]
        .as_str()
        .and_then(|at| DateTime::parse_from_rfc3339(at).ok());
    Some(Incoming {
        id: text("message_id").or_else(|| text("id"))?,
        from: Person {
            address: Some(text("from")?),
            profile_name: text("name"),
            ..Person::default()
        },
        at: at.map_or_else(
            || webhook::instant(&body["created_at"]),
            |at| clock::exact(at.to_utc()),
        ),
        kind: text("type").unwrap_or_else(|| "text".to_owned()),
        text: text("body"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_has_two_names_of_its_message() {
        let body = json!({
            "meta_object": {"value": {"statuses": [{"id": "k-1", "status": "sent", "timestamp": "1700000000"}]}, "field": "messages"},
            "extra_info": {}, "status": "NOT-SENT", "message_id": "wamid.9"
        });
        let events = Kaleyra.read(body.to_string().as_bytes()).expect("reads");
        let Event::Status(change) = &events[0].event else {
            panic!("{events:?}");
        };
        assert_eq!(change.message_ids, ["wamid.9", "k-1"]);
        assert_eq!(change.status, Status::Failed);
        assert!(change.fault.is_some());
    }

    #[test]
    fn a_message_is_read_by_the_proposed_names() {
        let body = json!({
            "id": "m1", "from": "919876543210", "name": "Ann", "type": "text", "body": "Hi", "wanumber": "1", "created_at": "2026-01-02T03:04:05Z"
        });
        let events = Kaleyra.read(body.to_string().as_bytes()).expect("reads");
        assert!(
            matches!(&events[0].event, Event::Message(message) if message.text.as_deref() == Some("Hi"))
        );
        assert!(Kaleyra.read(b"{}").is_err());
    }
}
