//! Signatures of webhooks, in and out. Each is compared in constant time.

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// How far the clock of who signed may be from ours, in seconds: the scheme's own advice.
const TOLERANCE: i64 = 300;

/// Whether `header` (`sha256=` and hex) is Meta's signature of the raw body.
pub(crate) fn is_of_meta(app_secret: &str, header: Option<&str>, body: &[u8]) -> bool {
    let Some(signature) = header
        .and_then(|text| text.strip_prefix("sha256="))
        .and_then(from_hex)
    else {
        return false;
    };
    if app_secret.is_empty() {
        return false;
    }
    mac(app_secret.as_bytes(), &[body]).is_some_and(|mac| mac.verify_slice(&signature).is_ok())
}

/// The headers of Standard Webhooks: id, time stamp, and the signature of these and the body.
pub(crate) struct Signed<'a> {
    pub(crate) id: &'a str,
    /// Seconds since 1970.
    pub(crate) timestamp: &'a str,
    pub(crate) body: &'a [u8],
}

/// The bytes of a secret that is written `whsec_` and base64; none where it is not so written.
pub(crate) fn key(secret: &str) -> Option<Vec<u8>> {
    let bytes = BASE64_STANDARD
        .decode(secret.strip_prefix("whsec_")?)
        .ok()?;
    // The scheme's own bounds.
    (24..=64).contains(&bytes.len()).then_some(bytes)
}

/// Whether a text can be what messages over HTTP are signed with.
pub fn is_signing_secret(text: &str) -> bool {
    key(text).is_some()
}

impl Signed<'_> {
    /// The value of `webhook-signature`; none where the secret is no secret.
    pub(crate) fn sign(&self, secret: &str) -> Option<String> {
        let signature = self.mac(&key(secret)?)?.finalize().into_bytes();
        Some(format!("v1,{}", BASE64_STANDARD.encode(signature)))
    }

    /// Whether one of the signatures in `header`, which are separated by spaces, is of this secret, and was made within five minutes of `now`.
    pub(crate) fn is_signed_by(&self, secret: &str, header: &str, now: i64) -> bool {
        let Some(key) = key(secret) else {
            return false;
        };
        let is_fresh = self
            .timestamp
            .parse::<i64>()
            .is_ok_and(|at| at.abs_diff(now) <= TOLERANCE.unsigned_abs());
        is_fresh
            && header
                .split(' ')
                .filter_map(|signature| BASE64_STANDARD.decode(signature.strip_prefix("v1,")?).ok())
                .any(|signature| {
                    let mac = self.mac(&key);
                    mac.is_some_and(|mac| mac.verify_slice(&signature).is_ok())
                })
    }

    fn mac(&self, key: &[u8]) -> Option<Hmac<Sha256>> {
        let parts = [
            self.id.as_bytes(),
            b".",
            self.timestamp.as_bytes(),
            b".",
            self.body,
        ];
        mac(key, &parts)
    }
}

fn mac(key: &[u8], parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    for part in parts {
        mac.update(part);
    }
    Some(mac)
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() % 2 == 1 || !text.is_ascii() {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meta_signs_the_raw_body() {
        // printf '{"a":1}' | openssl dgst -sha256 -hmac secret
        let body = br#"{"a":1}"#;
        let signature = mac(b"secret", &[body])
            .expect("a key")
            .finalize()
            .into_bytes();
        let hex: String = signature.iter().map(|byte| format!("{byte:02x}")).collect();
        let header = format!("sha256={hex}");
        assert!(is_of_meta("secret", Some(&header), body));
        assert!(!is_of_meta("secret", Some(&header), br#"{"a": 1}"#));
        assert!(!is_of_meta("other", Some(&header), body));
        for wrong in [
            None,
            Some(""),
            Some("sha256="),
            Some("sha256=zz"),
            Some("sha256=0"),
            Some("sha1=00"),
        ] {
            assert!(!is_of_meta("secret", wrong, body), "{wrong:?}");
        }
        // Without a secret nothing is authentic, not even what is signed with none.
        let unsigned = mac(b"", &[body]).expect("a key").finalize().into_bytes();
        let hex: String = unsigned.iter().map(|byte| format!("{byte:02x}")).collect();
        assert!(!is_of_meta("", Some(&format!("sha256={hex}")), body));
    }

    #[test]
    fn the_example_of_standard_webhooks_holds() {
        // From the scheme's reference libraries.
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = Signed {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp: "1614265330",
            body: br#"{"test": 2432232314}"#,
        };
        let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        assert_eq!(signed.sign(secret).as_deref(), Some(expected));
        assert!(signed.is_signed_by(secret, expected, 1_614_265_330));
        assert!(signed.is_signed_by(secret, &format!("v1,AAAA {expected}"), 1_614_265_500));
        assert!(!signed.is_signed_by(secret, expected, 1_614_265_330 + 301));
        assert!(!signed.is_signed_by(secret, "v1,AAAA v1a,x", 1_614_265_330));
        assert!(!signed.is_signed_by("whsec_AAAA", expected, 1_614_265_330));
    }
}
