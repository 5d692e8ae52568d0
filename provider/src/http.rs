//! Any system that speaks HTTP: messages go to its URL, signed by the scheme of Standard Webhooks, and it tells of messages and statuses
//! in the same way. The README has the bodies.

use crate::{
    Headers, Limits, Provider,
    account::{Account, Field, exposed},
    call::{self, Answer, Caller, Failure},
    clock,
    event::{Event, Fault, Incoming, Person, Status, StatusChange, Told},
    meta::webhook,
    outgoing::{Class, Content, Outcome, Outgoing, Refusal},
    signature::Signed,
};
use chrono::{DateTime, Utc};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;

/// See the module.
pub(crate) struct Http;

/// Tells a system that speaks HTTP of something that is no message, signed as messages are; any 2xx says that it was taken.
///
/// # Errors
/// Why it was not taken, or may not have been.
pub async fn notify(
    caller: &Caller,
    account: &Account,
    id: &str,
    body: &Value,
) -> Result<(), Failure> {
    let answer = call::fetch(Http::request(caller, account, id, body)).await?;
    if answer.status.is_success() {
        Ok(())
    } else {
        Err(answer.failure(None))
    }
}

impl Http {
    fn request(
        caller: &Caller,
        account: &Account,
        id: &str,
        body: &Value,
    ) -> Result<RequestBuilder, Failure> {
        let url = account.base_url(None);
        let (body, timestamp) = (body.to_string(), clock::now().timestamp().to_string());
        let signed = Signed {
            id,
            timestamp: &timestamp,
            body: body.as_bytes(),
        };
        let secret = exposed(account.credentials.signing_secret.as_ref());
        let signature = signed.sign(secret).ok_or_else(|| Failure {
            code: "INCOMPLETE".to_owned(),
            message: "signingSecret is whsec_ and base64 of 24 to 64 bytes.".to_owned(),
        })?;
        let request = caller.post(url)?;
        Ok(request
            .header("content-type", "application/json")
            .header("idempotency-key", id)
            .header("webhook-id", id)
            .header("webhook-timestamp", &timestamp)
            .header("webhook-signature", signature)
            .body(body))
    }
}

/// 2xx is an acceptance, whatever it says; an `id` in it is the message's name there.
fn outcome(answer: &Answer) -> Outcome {
    if answer.status.is_success() {
        let id = answer.body["id"].as_str();
        return Outcome::Accepted {
            message_id: id.map(|id| id.chars().take(256).collect()),
        };
    }
    match answer.status.as_u16() {
        410 => Outcome::refused(
            Class::Stop,
            "HTTP_410",
            "The URL is gone: the system wants no more messages.",
        ),
        // The system may say in words what is wrong with this message.
        400 | 422 => Outcome::Refused(Refusal {
            class: Class::Final,
            code: answer.body["code"]
                .as_str()
                .unwrap_or("HTTP_400")
                .chars()
                .take(100)
                .collect(),
            message: answer.body["message"]
                .as_str()
                .unwrap_or("The system refused the message.")
                .chars()
                .take(1_000)
                .collect(),
            retry_after: None,
        }),
        _ => answer.by_status(),
    }
}

#[async_trait::async_trait]
impl Provider for Http {
    fn required(&self) -> &'static [Field] {
        &[Field::BaseUrl, Field::SigningSecret]
    }

    fn home(&self) -> Option<&'static str> {
        None
    }

    fn sent(&self) -> &'static [Field] {
        &[]
    }

    fn limits(&self) -> Limits {
        Limits {
            per_second: 100,
            pair: Duration::ZERO,
            pair_burst: 0,
        }
    }

    fn has_service_window(&self) -> bool {
        false
    }

    async fn verify(&self, caller: &Caller, account: &Account) -> Result<(), Failure> {
        let id = format!("verify.{}", clock::now().timestamp_micros());
        notify(caller, account, &id, &json!({ "type": "verify", "id": id })).await
    }

    async fn send(&self, caller: &Caller, account: &Account, outgoing: &Outgoing) -> Outcome {
        let mut body = json!({ "type": "message", "id": outgoing.reference, "to": outgoing.to });
        match &outgoing.content {
            Content::Text(text) => body["text"] = text.as_str().into(),
            Content::Template(template) => {
                body["text"] = template.text.as_str().into();
                body["template"] = json!({ "name": template.name, "language": template.language });
            }
        }
        match call::send(Self::request(caller, account, &outgoing.reference, &body)).await {
            Ok(answer) => outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    fn is_authentic(&self, account: &Account, headers: &dyn Headers, body: &[u8]) -> bool {
        let parts =
            ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| headers.get(name));
        let [Some(id), Some(timestamp), Some(signature)] = parts else {
            return false;
        };
        let signed = Signed {
            id,
            timestamp,
            body,
        };
        let secret = exposed(account.credentials.signing_secret.as_ref());
        signed.is_signed_by(secret, signature, clock::now().timestamp())
    }

    fn read(&self, body: &[u8]) -> Result<Vec<Told>, String> {
        let said: Said = serde_json::from_slice(body).map_err(|error| error.to_string())?;
        let event = match said {
            Said::Message {
                id,
                from,
                name,
                picture,
                text,
                at,
            } => Event::Message(Incoming {
                id,
                from: Person {
                    address: Some(from),
                    profile_name: name,
                    picture_url: picture,
                    ..Person::default()
                },
                at: at.map_or_else(clock::now, clock::exact),
                kind: "text".to_owned(),
                text,
            }),
            Said::Status {
                id,
                message_id,
                status,
                at,
                code,
                message,
            } => {
                let status =
                    webhook::named(&status).ok_or_else(|| format!("unknown status `{status}`"))?;
                Event::Status(StatusChange {
                    message_ids: message_id.into_iter().collect(),
                    reference: id,
                    status,
                    at: at.map_or_else(clock::now, clock::exact),
                    fault: (status == Status::Failed).then(|| Fault {
                        code: code.unwrap_or_else(|| "FAILED".to_owned()),
                        message: message.unwrap_or_else(|| "The system said no more.".to_owned()),
                        is_opt_out: false,
                        is_retryable: false,
                    }),
                })
            }
        };
        Ok(vec![event.into()])
    }
}

/// The body of a webhook.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Said {
    Message {
        id: String,
        from: String,
        name: Option<String>,
        picture: Option<String>,
        text: Option<String>,
        at: Option<DateTime<Utc>>,
    },
    Status {
        id: Option<String>,
        message_id: Option<String>,
        status: String,
        at: Option<DateTime<Utc>>,
        code: Option<String>,
        message: Option<String>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_statuses_are_read_and_others_named() {
        let read = |body: &Value| Http.read(body.to_string().as_bytes());
        let message = json!({"type": "message", "id": "m1", "from": "ann", "text": "Hi"});
        assert!(
            matches!(&read(&message).expect("reads")[0].event, Event::Message(message) if message.id == "m1")
        );
        let status =
            json!({"type": "status", "id": "delivery_1.1", "status": "failed", "code": "E7"});
        let events = read(&status).expect("reads");
        assert!(
            matches!(&events[0].event, Event::Status(change) if change.fault.as_ref().is_some_and(|fault| fault.code == "E7"))
        );
        for wrong in [
            json!({}),
            json!({"type": "other"}),
            json!({"type": "message"}),
            json!({"type": "status", "status": "flying"}),
        ] {
            assert!(read(&wrong).is_err(), "{wrong}");
        }
    }
}
