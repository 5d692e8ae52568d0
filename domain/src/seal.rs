//! Sealed texts: what the database must keep and nobody may read in it, such as the credentials of channels.
//!
//! XChaCha20-Poly1305 under a key that is derived from the installation's secret. A sealed text names its key and is bound to its place, so
//! that it cannot be moved to another row. After a change of the secret what the old one sealed can be read as long as the old one is
//! given too; whatever is written again is sealed by the new one.

use crate::error::{Error, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::Arc;

/// The first word of a sealed text: its form.
const VERSION: &str = "1";

/// Seals and opens. Cheap to clone; `Debug` shows nothing.
#[derive(Clone)]
pub struct Vault {
    /// The first one seals, any opens.
    keys: Arc<[Key]>,
}

struct Key {
    /// By which a sealed text names it: tells nothing of the key.
    name: String,
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault")
    }
}

impl Vault {
    /// Seals by `secret`; opens what that or one of the `old` ones sealed.
    ///
    /// # Errors
    /// Never in practice.
    pub fn new(secret: &[u8], old: &[impl AsRef<[u8]>]) -> Result<Self> {
        let secrets = std::iter::once(secret).chain(old.iter().map(AsRef::as_ref));
        let keys: Vec<Key> = secrets.map(Key::derive).collect::<Result<_>>()?;
        Ok(Self { keys: keys.into() })
    }

    /// Seals a text for `place`, such as `channel_7`.
    ///
    /// # Errors
    /// When the machine has no random numbers.
    pub fn seal(&self, place: &str, text: &[u8]) -> Result<String> {
        let key = &self.keys[0];
        let mut nonce = [0_u8; 24];
        getrandom::fill(&mut nonce)
            .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
        let payload = Payload {
            msg: text,
            aad: place.as_bytes(),
        };
        let sealed = key
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::Broken("a text cannot be sealed".to_owned()))?;
        let nonce = BASE64_URL_SAFE_NO_PAD.encode(nonce);
        let sealed = BASE64_URL_SAFE_NO_PAD.encode(sealed);
        Ok(format!("{VERSION}.{}.{nonce}.{sealed}", key.name))
    }

    /// What was sealed for `place`; none where no key at hand opens it.
    pub fn open(&self, place: &str, sealed: &str) -> Option<Vec<u8>> {
        let mut words = sealed.split('.');
        let (version, name) = (words.next()?, words.next()?);
        let nonce: [u8; 24] = BASE64_URL_SAFE_NO_PAD
            .decode(words.next()?)
            .ok()?
            .try_into()
            .ok()?;
        let text = BASE64_URL_SAFE_NO_PAD.decode(words.next()?).ok()?;
        if version != VERSION || words.next().is_some() {
            return None;
        }
        let key = self.keys.iter().find(|key| key.name == name)?;
        let payload = Payload {
            msg: &text,
            aad: place.as_bytes(),
        };
        key.cipher.decrypt(&XNonce::from(nonce), payload).ok()
    }

    /// Whether a text was sealed by the present secret.
    pub fn is_current(&self, sealed: &str) -> bool {
        sealed.split('.').nth(1) == Some(self.keys[0].name.as_str())
    }
}

impl Key {
    fn derive(secret: &[u8]) -> Result<Self> {
        let key = derived(secret, b"roster credentials\0key")?;
        let name = derived(secret, b"roster credentials\0name")?;
        Ok(Self {
            name: BASE64_URL_SAFE_NO_PAD.encode(&name[..6]),
            cipher: XChaCha20Poly1305::new(&key.into()),
        })
    }
}

/// The secret is random and long: one HMAC makes a key of it, and each purpose has its own.
fn derived(secret: &[u8], purpose: &[u8]) -> Result<[u8; 32]> {
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(secret)
        .map_err(|error| Error::Broken(error.to_string()))?;
    mac.update(purpose);
    Ok(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: [&str; 0] = [];

    #[test]
    fn a_sealed_text_opens_at_its_place_alone_and_tells_nothing() {
        let vault = Vault::new(b"a secret of this installation", &NONE).expect("a vault");
        let sealed = vault.seal("channel_1", b"EAAG-token").expect("seals");
        assert!(!sealed.contains("EAAG"));
        assert_ne!(
            sealed,
            vault.seal("channel_1", b"EAAG-token").expect("seals")
        );
        assert_eq!(
            vault.open("channel_1", &sealed).as_deref(),
            Some(&b"EAAG-token"[..])
        );
        assert_eq!(vault.open("channel_2", &sealed), None);
        let other = Vault::new(b"the secret of another one", &NONE).expect("a vault");
        assert_eq!(other.open("channel_1", &sealed), None);
        let mut forged = sealed.clone();
        forged.pop();
        for wrong in [
            forged.as_str(),
            "",
            "1",
            "1.a.b.c",
            "2.x.y.z",
            &format!("{sealed}.x"),
        ] {
            assert_eq!(vault.open("channel_1", wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_new_secret_reads_what_the_old_one_sealed() {
        let before = Vault::new(b"the old secret", &NONE).expect("a vault");
        let sealed = before.seal("channel_1", b"x").expect("seals");
        let after = Vault::new(b"the new secret", &["the old secret"]).expect("a vault");
        assert_eq!(after.open("channel_1", &sealed).as_deref(), Some(&b"x"[..]));
        assert!(!after.is_current(&sealed));
        let again = after.seal("channel_1", b"x").expect("seals");
        assert!(after.is_current(&again));
        assert_eq!(before.open("channel_1", &again), None);
    }
}
