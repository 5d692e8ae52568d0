//! WhatsApp by 360dialog: Meta's messages, its own key and its own errors.

use crate::{
    Headers, Limits, Provider,
    account::{Account, Field, exposed},
    call::{self, Answer, Caller, Failure},
    event::Told,
    meta::{self, webhook},
    outgoing::{Class, Outcome, Outgoing, Refusal},
    template::{self, RemoteTemplate},
    whatsapp_cloud,
};

const BASE: &str = "https://waba-v2.360dialog.io";
const PAGE: usize = 100;
const PAGES: usize = 100;
/// The key of the templates of a page.
const LIST: &str = "waba_templates";

/// See the module.
pub(crate) struct Dialog360;

impl Dialog360 {
    async fn page(
        caller: &Caller,
        account: &Account,
        offset: usize,
        limit: usize,
    ) -> Result<Answer, Failure> {
        let url = format!("{}/v1/configs/templates", account.base_url(Some(BASE)));
        let request = caller.get(&url).map(|request| {
            request
                .query(&[("limit", limit), ("offset", offset)])
                .header(
                    "D360-API-KEY",
                    exposed(account.credentials.api_key.as_ref()),
                )
        });
        let answer = call::fetch(request).await?;
        if answer.status.is_success() {
            // Whoever shows something else behind this URL is no 360dialog.
            answer.list(LIST)?;
            Ok(answer)
        } else {
            let words = words(&answer);
            Err(answer.failure(words))
        }
    }
}

/// What an error says in words: 360dialog has had more than one place for them.
fn words(answer: &Answer) -> Option<String> {
    let body = &answer.body;
    let places = [
        &body["error"]["message"],
        &body["meta"]["developer_message"],
        &body["detail"],
        &body["message"],
        &body["errors"][0]["details"],
        &body["error"],
    ];
    places
        .into_iter()
        .find_map(|place| place.as_str())
        .map(str::to_owned)
}

/// What became of a message: errors of Meta's are told by their code; its own 400 is one number for unlike things, told apart by their words.
fn outcome(answer: &Answer) -> Outcome {
    if answer.status.is_success() || answer.body["error"]["code"].is_i64() {
        return meta::outcome(answer);
    }
    let status = answer.status.as_u16();
    let message = words(answer);
    let said = message.as_deref().unwrap_or_default().to_ascii_lowercase();
    let class = match status {
        429 | 503 => Class::SlowDown,
        400 if said.contains("rate limit") => Class::SlowDown,
        400 if said.contains("disabled") || said.contains("payment") => Class::Stop,
        400 => Class::Final,
        _ => return answer.by_status(),
    };
    Outcome::Refused(Refusal {
        class,
        code: format!("HTTP_{status}"),
        message: message.unwrap_or_else(|| format!("The provider answered {}.", answer.status)),
        retry_after: answer.retry_after,
    })
}

#[async_trait::async_trait]
impl Provider for Dialog360 {
    fn required(&self) -> &'static [Field] {
        &[Field::ApiKey]
    }

    fn home(&self) -> Option<&'static str> {
        Some(BASE)
    }

    fn sent(&self) -> &'static [Field] {
        &[Field::ApiKey]
    }

    fn limits(&self) -> Limits {
        whatsapp_cloud::limits(80)
    }

    fn has_templates(&self) -> bool {
        true
    }

    async fn verify(&self, caller: &Caller, account: &Account) -> Result<(), Failure> {
        Self::page(caller, account, 0, 1).await?;
        Ok(())
    }

    async fn send(&self, caller: &Caller, account: &Account, outgoing: &Outgoing) -> Outcome {
        let url = format!("{}/messages", account.base_url(Some(BASE)));
        let request = caller.post(&url).map(|request| {
            request
                .header(
                    "D360-API-KEY",
                    exposed(account.credentials.api_key.as_ref()),
                )
                .json(&meta::message(outgoing))
        });
        match call::send(request).await {
            Ok(answer) => outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    async fn templates(
        &self,
        caller: &Caller,
        account: &Account,
    ) -> Result<Vec<RemoteTemplate>, Failure> {
        let mut templates = Vec::new();
        for page in 0..PAGES {
            let answer = Self::page(caller, account, page * PAGE, PAGE).await?;
            let listed = template::of_answer(&answer, LIST)?;
            let is_last = listed.len() < PAGE;
            templates.extend(listed);
            if is_last {
                return Ok(templates);
            }
        }
        Err(template::too_many(PAGES))
    }

    /// It signs nothing: that the caller knows the secret path is all the proof there is.
    fn is_authentic(&self, _account: &Account, _headers: &dyn Headers, _body: &[u8]) -> bool {
        true
    }

    fn read(&self, body: &[u8]) -> Result<Vec<Told>, String> {
        webhook::read(body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::StatusCode;
    use serde_json::json;

    #[test]
    fn one_status_means_unlike_things() {
        let class = |status: u16, body| {
            let answer = Answer {
                status: StatusCode::from_u16(status).expect("a status"),
                retry_after: None,
                flaw: None,
                body,
            };
            match outcome(&answer) {
                Outcome::Refused(refusal) => refusal.class,
                other => panic!("{other:?}"),
            }
        };
        let own = |words: &str| json!({"error": {"message": words}});
        assert_eq!(
            class(400, own("You exceeded the endpoint rate limit")),
            Class::SlowDown
        );
        assert_eq!(
            class(400, own("Number disabled due to lack of payment")),
            Class::Stop
        );
        assert_eq!(class(400, own("no")), Class::Final);
        assert_eq!(class(401, json!({})), Class::Stop);
        assert_eq!(class(403, json!({})), Class::Stop);
        assert_eq!(class(503, json!(null)), Class::SlowDown);
        assert_eq!(class(500, json!(null)), Class::Later);
        assert_eq!(
            class(400, json!({"error": {"code": 131_026, "message": "x"}})),
            Class::Final
        );
    }
}
