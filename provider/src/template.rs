//! Templates as providers list them.

use crate::call::{Answer, Failure};
use serde_json::Value;

/// A template of an account.
#[derive(Debug, Clone, PartialEq)]
pub struct RemoteTemplate {
    /// The provider's id of it, where it has one.
    pub id: Option<String>,
    /// Its name; with the language it is unique in the account.
    pub name: String,
    /// As the provider writes it, such as `en_US`.
    pub language: String,
    /// What it is for, such as `MARKETING`.
    pub category: String,
    /// Whether it may be sent.
    pub status: RemoteStatus,
    /// The text above, with its variables as `{{1}}` or `{{name}}`; none where there is none or it is no text.
    pub header: Option<String>,
    /// The text.
    pub body: String,
    /// The text below.
    pub footer: Option<String>,
    /// The URLs of its buttons, with their variables; none for buttons that have no URL.
    pub button_urls: Vec<Option<String>>,
    /// What the header is where it is no text, such as `IMAGE`: Roster cannot fill it.
    pub header_media: Option<String>,
}

/// Whether a template may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RemoteStatus {
    /// It waits to be looked at.
    Pending,
    /// It may be sent.
    Approved,
    /// It may not.
    Rejected,
    /// It may not for now.
    Paused,
}

/// The templates of a page, which stand at `key`. Whoever asks deletes what is not listed: what cannot be read fails the whole.
pub(crate) fn of_answer(answer: &Answer, key: &str) -> Result<Vec<RemoteTemplate>, Failure> {
    let items = answer.list(key)?.iter().map(of_meta);
    let all: Option<Vec<RemoteTemplate>> = items.collect();
    all.ok_or_else(|| answer.broken("it lists a template without a name or a language"))
}

/// The failure of an account that has still more behind so many pages.
pub(crate) fn too_many(pages: usize) -> Failure {
    Failure {
        code: "TOO_MANY_TEMPLATES".to_owned(),
        message: format!("The provider lists more than {pages} pages of templates."),
    }
}

/// One of Meta's templates, as its own pages and 360dialog's list have it.
fn of_meta(item: &Value) -> Option<RemoteTemplate> {
    let text = |key: &str| item[key].as_str().map(str::to_owned);
    let empty = Vec::new();
    let components = item["components"].as_array().unwrap_or(&empty);
    let part = |kind: &str| {
        components.iter().find(|part| {
            part["type"]
                .as_str()
                .is_some_and(|at| at.eq_ignore_ascii_case(kind))
        })
    };
    let words = |kind: &str| part(kind).and_then(|part| part["text"].as_str().map(str::to_owned));
    let format = part("HEADER").and_then(|part| part["format"].as_str());
    let buttons = part("BUTTONS").and_then(|part| part["buttons"].as_array());
    Some(RemoteTemplate {
        id: text("id").or_else(|| text("external_id")),
        name: text("name")?,
        language: text("language")?,
        category: text("category").unwrap_or_default().to_uppercase(),
        status: status(item["status"].as_str().unwrap_or_default()),
        header: words("HEADER"),
        body: words("BODY").unwrap_or_default(),
        footer: words("FOOTER"),
        button_urls: buttons
            .into_iter()
            .flatten()
            .map(|button| button["url"].as_str().map(str::to_owned))
            .collect(),
        header_media: format
            .filter(|format| !format.eq_ignore_ascii_case("TEXT"))
            .map(str::to_uppercase),
    })
}

fn status(text: &str) -> RemoteStatus {
    match text.to_uppercase().as_str() {
        "APPROVED" => RemoteStatus::Approved,
        "PAUSED" | "DISABLED" | "LIMIT_EXCEEDED" => RemoteStatus::Paused,
        "REJECTED" | "DELETED" | "ARCHIVED" => RemoteStatus::Rejected,
        // IN_APPEAL, PENDING, SUBMITTED and what may come: nothing that is not approved is sent.
        _ => RemoteStatus::Pending,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_template_is_read_from_its_components() {
        let item = json!({
            "id": "7", "name": "spring_sale", "language": "en_US", "status": "approved", "category": "marketing",
            "components": [
                {"type": "HEADER", "format": "TEXT", "text": "Hello {{1}}"},
                {"type": "BODY", "text": "You get {{1}} % until {{2}}."},
                {"type": "FOOTER", "text": "Say stop to end this"},
                {"type": "BUTTONS", "buttons": [
                    {"type": "QUICK_REPLY", "text": "Yes"},
                    {"type": "URL", "text": "Shop", "url": "https://shop.example/{{1}}"}
                ]}
            ]
        });
        let template = of_meta(&item).expect("a template");
        assert_eq!(template.status, RemoteStatus::Approved);
        assert_eq!(template.header.as_deref(), Some("Hello {{1}}"));
        assert_eq!(template.body, "You get {{1}} % until {{2}}.");
        assert_eq!(
            template.button_urls,
            [None, Some("https://shop.example/{{1}}".to_owned())]
        );
        assert_eq!(template.header_media, None);
    }

    #[test]
    fn what_is_not_approved_is_not_sent() {
        for (text, expected) in [
            ("IN_APPEAL", RemoteStatus::Pending),
            ("something new", RemoteStatus::Pending),
            ("PAUSED", RemoteStatus::Paused),
            ("rejected", RemoteStatus::Rejected),
        ] {
            assert_eq!(status(text), expected, "{text}");
        }
    }
}
