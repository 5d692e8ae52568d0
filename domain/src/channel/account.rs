//! A channel's account at its provider: what of it is kept in the open, and what is sealed.

use crate::{
    error::{Error, Result, UserError},
    seal::Vault,
    text,
};
use entity::{channel::Model, channel::Provider, id::ChannelId};
use provider::{Account, Caller, Credentials, Field, Settings};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Characters of a setting or a credential at most; Meta's tokens have some 200.
const LONGEST: usize = 2_000;

/// What speaks to providers: how calls are made, what opens accounts, and where webhooks come in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Providers {
    /// Makes the calls.
    pub caller: Caller,
    /// Opens and seals credentials.
    pub vault: Vault,
    /// What stands before the secret part of webhooks' URLs.
    webhooks: Arc<str>,
}

impl Providers {
    /// Webhooks' URLs begin with `public_url`.
    pub fn new(caller: Caller, vault: Vault, public_url: &str) -> Self {
        Self {
            caller,
            vault,
            webhooks: format!("{}/webhooks/", public_url.trim_end_matches('/')).into(),
        }
    }

    /// Where a channel's provider sends its webhooks, secret part included; none where its credentials cannot be opened.
    pub fn webhook_url(&self, channel: &Model) -> Option<String> {
        let kept = self.kept(channel)?;
        Some(format!("{}{}", self.webhooks, kept.webhook_key?))
    }

    /// The account of a channel; none where its credentials were sealed by a secret that is not at hand.
    pub fn account(&self, channel: &Model) -> Option<Account> {
        self.opened(channel).map(|(account, _)| account)
    }

    /// The same with the key of its webhooks.
    pub(super) fn opened(&self, channel: &Model) -> Option<(Account, String)> {
        let kept = self.kept(channel)?;
        let account = Account {
            settings: settings(channel),
            credentials: Credentials {
                access_token: kept.access_token.map(SecretString::from),
                app_secret: kept.app_secret.map(SecretString::from),
                api_key: kept.api_key.map(SecretString::from),
                signing_secret: kept.signing_secret.map(SecretString::from),
            },
        };
        Some((account, kept.webhook_key?))
    }

    fn kept(&self, channel: &Model) -> Option<Kept> {
        let sealed = channel.credentials.as_deref()?;
        let text = self.vault.open(&place(channel.id), sealed)?;
        serde_json::from_slice(&text).ok()
    }

    /// The credentials of an account, sealed for a channel, with the key of its webhooks.
    pub(super) fn seal(
        &self,
        id: ChannelId,
        credentials: &Credentials,
        webhook_key: &str,
    ) -> Result<String> {
        let text = |secret: &Option<SecretString>| {
            secret
                .as_ref()
                .map(|secret| secret.expose_secret().to_owned())
        };
        let kept = Kept {
            access_token: text(&credentials.access_token),
            app_secret: text(&credentials.app_secret),
            api_key: text(&credentials.api_key),
            signing_secret: text(&credentials.signing_secret),
            webhook_key: Some(webhook_key.to_owned()),
        };
        let text = serde_json::to_vec(&kept).map_err(|error| Error::Broken(error.to_string()))?;
        self.vault.seal(&place(id), &text)
    }
}

/// What is sealed.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    access_token: Option<String>,
    app_secret: Option<String>,
    api_key: Option<String>,
    signing_secret: Option<String>,
    webhook_key: Option<String>,
}

fn place(id: ChannelId) -> String {
    id.to_string()
}

/// The settings of a channel's account.
pub fn settings(channel: &Model) -> Settings {
    serde_json::from_value(channel.settings.clone()).unwrap_or_default()
}

/// How a channel's provider is spoken to.
pub fn provider_of(channel: &Model) -> &'static dyn provider::Provider {
    provider::of(kind(channel.provider))
}

/// Messages a second that a channel sends at most.
pub fn rate_limit(channel: &Model) -> i32 {
    let allowed = provider_of(channel).limits().per_second;
    channel
        .rate_limit
        .unwrap_or_else(|| i32::try_from(allowed).unwrap_or(i32::MAX))
}

fn kind(provider: Provider) -> provider::Kind {
    match provider {
        Provider::WhatsAppCloud => provider::Kind::WhatsAppCloud,
        Provider::Dialog360 => provider::Kind::Dialog360,
        Provider::Kaleyra => provider::Kind::Kaleyra,
        Provider::Http => provider::Kind::Http,
    }
}

/// By which a webhook's channel is found.
pub(crate) fn webhook_hash(key: &str) -> String {
    text::hex(&Sha256::digest(key.as_bytes()))
}

/// What changes in an account: of each field, left out: stays; null or empty: gone.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "each is the account's field of that name")]
pub struct AccountChange {
    pub base_url: Option<Option<String>>,
    pub api_version: Option<Option<String>>,
    pub phone_number_id: Option<Option<String>>,
    pub business_account_id: Option<Option<String>>,
    pub account_id: Option<Option<String>>,
    pub phone_number: Option<Option<String>>,
    pub access_token: Option<Option<SecretString>>,
    pub app_secret: Option<Option<SecretString>>,
    pub api_key: Option<Option<SecretString>>,
    pub signing_secret: Option<Option<SecretString>>,
}

impl AccountChange {
    /// Whether it changes what opens the account or where it is.
    pub(super) fn is_empty(&self) -> bool {
        self.base_url.is_none()
            && self.api_version.is_none()
            && self.phone_number_id.is_none()
            && self.business_account_id.is_none()
            && self.account_id.is_none()
            && self.phone_number.is_none()
            && self.access_token.is_none()
            && self.app_secret.is_none()
            && self.api_key.is_none()
            && self.signing_secret.is_none()
    }

    /// Whether it says something of a field.
    pub(super) fn names(&self, field: Field) -> bool {
        match field {
            Field::BaseUrl => self.base_url.is_some(),
            Field::PhoneNumberId => self.phone_number_id.is_some(),
            Field::AccountId => self.account_id.is_some(),
            Field::PhoneNumber => self.phone_number.is_some(),
            Field::AccessToken => self.access_token.is_some(),
            Field::AppSecret => self.app_secret.is_some(),
            Field::ApiKey => self.api_key.is_some(),
            Field::SigningSecret => self.signing_secret.is_some(),
        }
    }

    /// Applies the change; all that does not hold is reported at once.
    pub(super) fn apply(self, account: &mut Account, caller: &Caller, errors: &mut Vec<UserError>) {
        let (settings, credentials) = (&mut account.settings, &mut account.credentials);
        put(
            &mut settings.base_url,
            self.base_url,
            "settings.baseUrl",
            errors,
            |text| caller.url_fault(text),
        );
        for (field, change, name) in [
            (&mut settings.api_version, self.api_version, "apiVersion"),
            (
                &mut settings.phone_number_id,
                self.phone_number_id,
                "phoneNumberId",
            ),
            (
                &mut settings.business_account_id,
                self.business_account_id,
                "businessAccountId",
            ),
            (&mut settings.account_id, self.account_id, "accountId"),
            (&mut settings.phone_number, self.phone_number, "phoneNumber"),
        ] {
            put(
                field,
                change,
                &format!("settings.{name}"),
                errors,
                part_fault,
            );
        }
        for (field, change, name) in [
            (
                &mut credentials.access_token,
                self.access_token,
                "accessToken",
            ),
            (&mut credentials.app_secret, self.app_secret, "appSecret"),
            (&mut credentials.api_key, self.api_key, "apiKey"),
        ] {
            put_secret(field, change, name, errors, secret_fault);
        }
        let (field, change) = (&mut credentials.signing_secret, self.signing_secret);
        put_secret(field, change, "signingSecret", errors, signing_fault);
    }
}

/// What messages over HTTP are signed with.
pub(crate) fn signing_fault(text: &str) -> Option<String> {
    let what = "A signing secret is whsec_ and base64 of 24 to 64 bytes; openssl rand -base64 32 makes them.";
    (!provider::is_signing_secret(text)).then(|| what.to_owned())
}

fn put(
    field: &mut Option<String>,
    change: Option<Option<String>>,
    path: &str,
    errors: &mut Vec<UserError>,
    fault: impl Fn(&str) -> Option<String>,
) {
    let Some(change) = change else {
        return;
    };
    let text = change
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    match text.as_deref().and_then(fault) {
        Some(message) => errors.push(UserError::new(path, "INVALID", message)),
        None => *field = text,
    }
}

fn put_secret(
    field: &mut Option<SecretString>,
    change: Option<Option<SecretString>>,
    name: &str,
    errors: &mut Vec<UserError>,
    fault: impl Fn(&str) -> Option<String>,
) {
    let Some(change) = change else {
        return;
    };
    let text = change.filter(|text| !text.expose_secret().trim().is_empty());
    match text
        .as_ref()
        .and_then(|text| fault(text.expose_secret().trim()))
    {
        Some(message) => {
            let path = format!("credentials.{name}");
            errors.push(UserError::new(&path, "INVALID", message));
        }
        None => *field = text.map(|text| text.expose_secret().trim().to_owned().into()),
    }
}

/// What stands in a path of a URL must not be more than one part of it.
fn part_fault(text: &str) -> Option<String> {
    let is_part = text.len() <= 100
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"._-+".contains(&b))
        && !text.contains("..");
    (!is_part).then(|| "At most 100 letters, digits, and . _ - +.".to_owned())
}

/// What stands in a header has no control characters.
fn secret_fault(text: &str) -> Option<String> {
    let fits = text.len() <= LONGEST && text.bytes().all(|b| b.is_ascii_graphic());
    (!fits).then(|| format!("At most {LONGEST} visible ASCII characters."))
}
