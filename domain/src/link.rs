//! Signed links: whoever holds one may download one file for a short while, without a token.
//!
//! A link is its own proof, so any process with the same secret can answer it.

use crate::{
    clock,
    error::{Error, Result},
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How long a link is good.
const LIFETIME: TimeDelta = TimeDelta::minutes(15);

/// What a link opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The key in the object store.
    #[serde(rename = "k")]
    pub key: String,
    /// The name to save it under.
    #[serde(rename = "n")]
    pub name: String,
    /// Its media type.
    #[serde(rename = "m")]
    pub media_type: String,
    /// Seconds since 1970 from which on it is refused.
    #[serde(rename = "e")]
    expires: i64,
}

/// Makes links and checks them.
#[derive(Clone)]
pub struct Signer {
    secret: Vec<u8>,
    base: String,
}

impl Signer {
    /// Signs with `secret`; links begin with `public_url`.
    pub fn new(secret: impl Into<Vec<u8>>, public_url: &str) -> Self {
        Self {
            secret: secret.into(),
            base: format!("{}/files/", public_url.trim_end_matches('/')),
        }
    }

    /// A link to the object at `key`, good for 15 minutes.
    ///
    /// # Errors
    /// Never in practice.
    pub fn link(&self, key: &str, name: &str, media_type: &str) -> Result<String> {
        let expires = (clock::now() + LIFETIME).timestamp();
        let ticket = Ticket {
            key: key.to_owned(),
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            expires,
        };
        let text =
            serde_json::to_string(&ticket).map_err(|error| Error::Broken(error.to_string()))?;
        let payload = BASE64_URL_SAFE_NO_PAD.encode(text);
        let signature = BASE64_URL_SAFE_NO_PAD.encode(self.mac(&payload)?.finalize().into_bytes());
        Ok(format!("{}{payload}.{signature}", self.base))
    }

    /// What the last part of a link opens; none where it is forged, broken or too old: the caller tells them apart no further.
    pub fn open(&self, text: &str) -> Option<Ticket> {
        let (payload, signature) = text.split_once('.')?;
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).ok()?;
        self.mac(payload).ok()?.verify_slice(&signature).ok()?;
        let ticket: Ticket =
            serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
        Some(ticket).filter(|ticket| ticket.expires > clock::now().timestamp())
    }

    fn mac(&self, payload: &str) -> Result<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret)
            .map_err(|error| Error::Broken(error.to_string()))?;
        // The secret serves other ends too: what is signed here is good for nothing else.
        mac.update(b"roster file link\0");
        mac.update(payload.as_bytes());
        Ok(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_opens_what_it_was_made_for_and_nothing_else() {
        let signer = Signer::new("secret", "http://localhost:1/");
        let link = signer.link("a/b.csv", "b.csv", "text/csv").expect("signs");
        let text = link
            .strip_prefix("http://localhost:1/files/")
            .expect("begins with the public URL");
        assert_eq!(
            signer.open(text).map(|ticket| ticket.key),
            Some("a/b.csv".to_owned())
        );
        assert_eq!(Signer::new("other", "").open(text), None);
        let (payload, signature) = text.split_once('.').expect("two parts");
        let other = BASE64_URL_SAFE_NO_PAD.encode(r#"{"k":"x","n":"x","m":"x","e":99999999999}"#);
        for forged in [
            &format!("{other}.{signature}"),
            payload,
            "",
            ".",
            &format!("{payload}."),
        ] {
            assert_eq!(signer.open(forged), None, "{forged}");
        }
    }
}
