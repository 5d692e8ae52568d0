//! What Meta's API, 360dialog and Kaleyra have in common: the message, the answer, the webhook.

pub(crate) mod error;
pub(crate) mod webhook;

use crate::{
    call::Answer,
    outgoing::{Content, Outcome, Outgoing, Place},
};
use serde_json::{Value, json};

/// The message object. Numbers go without `+`; what is no number is the messenger's own id of a person.
pub(crate) fn message(outgoing: &Outgoing) -> Value {
    let mut message = json!({
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": outgoing.to.strip_prefix('+').unwrap_or(&outgoing.to),
        "biz_opaque_callback_data": outgoing.reference,
    });
    match &outgoing.content {
        Content::Text(text) => {
            message["type"] = "text".into();
            message["text"] = json!({ "body": text });
        }
        Content::Template(template) => {
            let components: Vec<Value> = template
                .components
                .iter()
                .map(|component| {
                    let parameters: Vec<Value> = component
                        .parameters
                        .iter()
                        .map(|(name, text)| match name {
                            Some(name) => json!({ "type": "text", "parameter_name": name, "text": text }),
                            None => json!({ "type": "text", "text": text }),
                        })
                        .collect();
                    match component.place {
                        Place::Header => json!({ "type": "header", "parameters": parameters }),
                        Place::Body => json!({ "type": "body", "parameters": parameters }),
                        Place::Button(index) => json!({
                            "type": "button", "sub_type": "url", "index": index.to_string(), "parameters": parameters
                        }),
                    }
                })
                .collect();
            message["type"] = "template".into();
            message["template"] = json!({
                "name": template.name,
                "language": { "policy": "deterministic", "code": template.language },
                "components": components,
            });
        }
    }
    message
}

/// What an answer of Meta's form says.
pub(crate) fn outcome(answer: &Answer) -> Outcome {
    if !answer.status.is_success() {
        return error::refusal(answer).map_or_else(|| answer.by_status(), Outcome::Refused);
    }
    match answer.body["messages"][0]["id"].as_str() {
        Some(id) => Outcome::Accepted {
            message_id: Some(id.to_owned()),
        },
        None => Outcome::Unknown {
            message: "The provider answered well, but named no message.".to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outgoing::{Component, TemplateContent};
    use reqwest::StatusCode;

    #[test]
    fn a_template_has_the_form_of_the_api() {
        let outgoing = Outgoing {
            reference: "delivery_7.1".to_owned(),
            to: "+919876543210".to_owned(),
            content: Content::Template(TemplateContent {
                name: "spring".to_owned(),
                language: "en_US".to_owned(),
                components: vec![
                    Component {
                        place: Place::Body,
                        parameters: vec![(None, "Ann".to_owned()), (None, "20 %".to_owned())],
                    },
                    Component {
                        place: Place::Button(1),
                        parameters: vec![(None, "x7".to_owned())],
                    },
                ],
                text: String::new(),
            }),
        };
        let expected = json!({
            "messaging_product": "whatsapp", "recipient_type": "individual", "to": "919876543210", "type": "template",
            "biz_opaque_callback_data": "delivery_7.1",
            "template": {"name": "spring", "language": {"policy": "deterministic", "code": "en_US"}, "components": [
                {"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "20 %"}]},
                {"type": "button", "sub_type": "url", "index": "1", "parameters": [{"type": "text", "text": "x7"}]}
            ]}
        });
        assert_eq!(message(&outgoing), expected);
    }

    #[test]
    fn an_answer_without_an_id_is_no_acceptance() {
        let answer = |status, body| Answer {
            status,
            retry_after: None,
            flaw: None,
            body,
        };
        let accepted =
            json!({"contacts": [{"input": "1", "wa_id": "1"}], "messages": [{"id": "wamid.X"}]});
        assert_eq!(
            outcome(&answer(StatusCode::OK, accepted)),
            Outcome::Accepted {
                message_id: Some("wamid.X".to_owned())
            }
        );
        assert!(matches!(
            outcome(&answer(StatusCode::OK, Value::Null)),
            Outcome::Unknown { .. }
        ));
    }
}
