//! An account at a provider: where it is, and what opens it.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// What is known of an account and is no secret. Which of these a provider needs says [`Provider::required`](crate::Provider::required).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Where its API is, without a slash at the end; none: the provider's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// The version in the path of Meta's API, such as `v23.0`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Meta's id of the number that sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number_id: Option<String>,
    /// Meta's id of the account that has the templates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_account_id: Option<String>,
    /// Kaleyra's SID.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// The number that sends, as Kaleyra has it in its path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
}

/// What opens an account. Never logged, never answered: `Debug` shows nothing of it.
#[derive(Debug, Clone, Default)]
pub struct Credentials {
    /// Meta: what calls are made with.
    pub access_token: Option<SecretString>,
    /// Meta: what its webhooks are signed with.
    pub app_secret: Option<SecretString>,
    /// 360dialog, Kaleyra: what calls are made with.
    pub api_key: Option<SecretString>,
    /// HTTP: what goes out and comes in is signed with, `whsec_` and base64.
    pub signing_secret: Option<SecretString>,
}

/// An account.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Where it is.
    pub settings: Settings,
    /// What opens it.
    pub credentials: Credentials,
}

/// One of the settings or credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the field of that name")]
pub enum Field {
    BaseUrl,
    PhoneNumberId,
    AccountId,
    PhoneNumber,
    AccessToken,
    AppSecret,
    ApiKey,
    SigningSecret,
}

impl Field {
    /// Its name, as the API has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::BaseUrl => "baseUrl",
            Self::PhoneNumberId => "phoneNumberId",
            Self::AccountId => "accountId",
            Self::PhoneNumber => "phoneNumber",
            Self::AccessToken => "accessToken",
            Self::AppSecret => "appSecret",
            Self::ApiKey => "apiKey",
            Self::SigningSecret => "signingSecret",
        }
    }

    /// Whether it is a credential.
    pub fn is_secret(self) -> bool {
        matches!(
            self,
            Self::AccessToken | Self::AppSecret | Self::ApiKey | Self::SigningSecret
        )
    }
}

impl Account {
    /// Whether a setting or credential is there.
    pub fn has(&self, field: Field) -> bool {
        let (settings, credentials) = (&self.settings, &self.credentials);
        match field {
            Field::BaseUrl => settings.base_url.is_some(),
            Field::PhoneNumberId => settings.phone_number_id.is_some(),
            Field::AccountId => settings.account_id.is_some(),
            Field::PhoneNumber => settings.phone_number.is_some(),
            Field::AccessToken => credentials.access_token.is_some(),
            Field::AppSecret => credentials.app_secret.is_some(),
            Field::ApiKey => credentials.api_key.is_some(),
            Field::SigningSecret => credentials.signing_secret.is_some(),
        }
    }

    /// Where its API is, without a slash at the end.
    pub(crate) fn base_url(&self, default: Option<&'static str>) -> &str {
        let url = self.settings.base_url.as_deref().or(default);
        url.unwrap_or_default().trim_end_matches('/')
    }
}

/// The text of a credential; empty where it is missing, which the provider refuses.
pub(crate) fn exposed(secret: Option<&SecretString>) -> &str {
    secret.map_or("", ExposeSecret::expose_secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_not_told_by_debug() {
        let account = Account {
            credentials: Credentials {
                access_token: Some("EAAG-very-secret".to_owned().into()),
                ..Credentials::default()
            },
            ..Account::default()
        };
        assert!(!format!("{account:?}").contains("very-secret"));
    }
}
