//! WhatsApp by Meta's own Cloud API.

use crate::{
    Headers, Limits, Provider,
    account::{Account, Field, exposed},
    call::{self, Answer, Caller, Failure},
    event::Told,
    meta::{self, error, webhook},
    outgoing::{Outcome, Outgoing},
    signature,
    template::{self, RemoteTemplate},
};
use std::time::Duration;

const BASE: &str = "https://graph.facebook.com";
/// What is called where the settings name no version.
const VERSION: &str = "v23.0";
/// Templates of a page.
const PAGE: usize = 100;
/// Pages at most: an account has 6,000 templates at most.
const PAGES: usize = 100;

/// What a WhatsApp number is allowed where its settings say nothing else, whoever carries it.
pub(crate) fn limits(per_second: u32) -> Limits {
    Limits {
        per_second,
        pair: Duration::from_secs(6),
        pair_burst: 45,
    }
}

/// See the module.
pub(crate) struct WhatsAppCloud;

impl WhatsAppCloud {
    fn url(account: &Account, rest: &str) -> String {
        let version = account.settings.api_version.as_deref().unwrap_or(VERSION);
        format!("{}/{version}/{rest}", account.base_url(Some(BASE)))
    }

    fn failure(answer: &Answer) -> Failure {
        match error::refusal(answer) {
            Some(refusal) => Failure {
                code: refusal.code,
                message: refusal.message,
            },
            None => answer.failure(None),
        }
    }

    async fn get(
        caller: &Caller,
        account: &Account,
        url: &str,
        query: &[(&str, &str)],
    ) -> Result<Answer, Failure> {
        let token = exposed(account.credentials.access_token.as_ref());
        let request = caller
            .get(url)
            .map(|request| request.query(query).bearer_auth(token));
        let answer = call::fetch(request).await?;
        if answer.status.is_success() {
            Ok(answer)
        } else {
            Err(Self::failure(&answer))
        }
    }
}

#[async_trait::async_trait]
impl Provider for WhatsAppCloud {
    fn required(&self) -> &'static [Field] {
        &[Field::PhoneNumberId, Field::AccessToken, Field::AppSecret]
    }

    fn home(&self) -> Option<&'static str> {
        Some(BASE)
    }

    fn sent(&self) -> &'static [Field] {
        &[Field::AccessToken]
    }

    fn limits(&self) -> Limits {
        limits(80)
    }

    fn has_templates(&self) -> bool {
        true
    }

    async fn verify(&self, caller: &Caller, account: &Account) -> Result<(), Failure> {
        let number = account
            .settings
            .phone_number_id
            .as_deref()
            .unwrap_or_default();
        let url = Self::url(account, number);
        let fields = [("fields", "display_phone_number,verified_name")];
        Self::get(caller, account, &url, &fields).await?;
        Ok(())
    }

    async fn send(&self, caller: &Caller, account: &Account, outgoing: &Outgoing) -> Outcome {
        let number = account
            .settings
            .phone_number_id
            .as_deref()
            .unwrap_or_default();
        let token = exposed(account.credentials.access_token.as_ref());
        let request = caller
            .post(&Self::url(account, &format!("{number}/messages")))
            .map(|request| request.bearer_auth(token).json(&meta::message(outgoing)));
        match call::send(request).await {
            Ok(answer) => meta::outcome(&answer),
            Err(outcome) => outcome,
        }
    }

    async fn templates(
        &self,
        caller: &Caller,
        account: &Account,
    ) -> Result<Vec<RemoteTemplate>, Failure> {
        let Some(business) = &account.settings.business_account_id else {
            return Err(Failure {
                code: "INCOMPLETE".to_owned(),
                message: "Templates belong to the business account: set businessAccountId."
                    .to_owned(),
            });
        };
        let url = Self::url(account, &format!("{business}/message_templates"));
        let mut templates = Vec::new();
        let mut after = String::new();
        // The URL of the next page that an answer names is not called: who answers must not choose whom Roster calls.
        for _ in 0..PAGES {
            let limit = PAGE.to_string();
            let mut query = vec![
                ("fields", "name,language,status,category,components"),
                ("limit", limit.as_str()),
            ];
            if !after.is_empty() {
                query.push(("after", after.as_str()));
            }
            let answer = Self::get(caller, account, &url, &query).await?;
            templates.extend(template::of_answer(&answer, "data")?);
            let paging = &answer.body["paging"];
            if !paging["next"].is_string() {
                return Ok(templates);
            }
            let next = paging["cursors"]["after"].as_str();
            let no_cursor = || answer.broken("it has a next page, and no cursor that leads to it");
            next.ok_or_else(no_cursor)?.clone_into(&mut after);
        }
        Err(template::too_many(PAGES))
    }

    fn is_authentic(&self, account: &Account, headers: &dyn Headers, body: &[u8]) -> bool {
        let secret = exposed(account.credentials.app_secret.as_ref());
        signature::is_of_meta(secret, headers.get("x-hub-signature-256"), body)
    }

    fn read(&self, body: &[u8]) -> Result<Vec<Told>, String> {
        webhook::read(body)
    }
}
