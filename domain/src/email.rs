//! E-mail addresses: whether a text looks like one that can receive mail, and the key it is compared by.
//!
//! The check is pragmatic: what people have, not all that RFC 5322 allows. No quoted local parts, comments, display
//! names or IP literals; letters of any script in both parts.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

const MAX_LOCAL: usize = 64;
const MAX_TOTAL: usize = 254;
const MAX_LABEL: usize = 63;

/// An address that passed the check.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email {
    /// As given, without surrounding spaces.
    pub address: String,
    /// For comparing: composed and in lower case. The accent of an address counts, so this is no folding.
    pub key: String,
}

/// Why a text is no address, and what to write instead. Does not repeat the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct EmailError {
    /// For a person.
    pub message: String,
}

/// Checks an address and makes its key. Surrounding spaces are taken off.
pub fn normalise(raw: &str) -> Result<Email, EmailError> {
    let address = crate::text::clean(raw);
    check(address).map_err(|reason| EmailError {
        message: format!("not an e-mail address, {reason}: write it as name@example.com"),
    })?;
    Ok(Email {
        address: address.to_owned(),
        key: key(address),
    })
}

fn key(address: &str) -> String {
    if address.is_ascii() {
        return address.to_ascii_lowercase();
    }
    address.nfc().collect::<String>().to_lowercase()
}

fn check(address: &str) -> Result<(), Reason> {
    if address.is_empty() {
        return Err(Reason::Empty);
    }
    if address.len() > MAX_TOTAL {
        return Err(Reason::TooLong);
    }
    if address.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err(Reason::Space);
    }
    let (local, domain) = address.split_once('@').ok_or(Reason::NoAt)?;
    if domain.contains('@') {
        return Err(Reason::SecondAt);
    }
    if !is_local(local) {
        return Err(Reason::Local);
    }
    if !is_domain(domain) {
        return Err(Reason::Domain);
    }
    Ok(())
}

fn is_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL
        && local.split('.').all(|atom| !atom.is_empty())
        && local
            .chars()
            .all(|c| c == '.' || is_letter(c) || "!#$%&'*+-/=?^_`{|}~".contains(c))
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= MAX_LABEL
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c == '-' || is_letter(c))
    };
    let Some((_, top)) = domain.rsplit_once('.') else {
        return false;
    };
    // A last label of digits is an IP address written without its brackets.
    domain.split('.').all(is_label) && !top.bytes().all(|byte| byte.is_ascii_digit())
}

/// Letters and digits of any script, and the marks that some scripts need to write them.
fn is_letter(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || (!c.is_ascii()
            && (c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)))
}

enum Reason {
    Empty,
    TooLong,
    Space,
    NoAt,
    SecondAt,
    Local,
    Domain,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "it is empty",
            Self::TooLong => "it is longer than 254 characters",
            Self::Space => "it has a space or control character inside",
            Self::NoAt => "it has no @",
            Self::SecondAt => "it has more than one @",
            Self::Local => "the part before the @ is not valid",
            Self::Domain => "the domain after the @ is not valid",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts() {
        let long = format!("{}@example.com", "a".repeat(64));
        let table = [
            ("Ann.Lee@Example.COM", "ann.lee@example.com"),
            (" a+b@sub.example.co.uk\t", "a+b@sub.example.co.uk"),
            ("o'neil_x@1und1.de", "o'neil_x@1und1.de"),
            ("JOSÉ@Müller.DE", "josé@müller.de"),
            ("jose\u{301}@müller.de", "josé@müller.de"),
            ("कवि@उदाहरण.भारत", "कवि@उदाहरण.भारत"),
            ("x@xn--mller-kva.de", "x@xn--mller-kva.de"),
            (&long, &long),
        ];
        for (raw, key) in table {
            let email = normalise(raw).unwrap();
            assert_eq!(email.key, key, "{raw}");
            assert_eq!(email.address, raw.trim());
        }
    }

    #[test]
    fn refuses() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long_label = format!("a@{}.com", "b".repeat(64));
        let long = format!("a@{}com", "abcdefghi.".repeat(26));
        let table = [
            ("", "empty"),
            ("  ", "empty"),
            ("ann", "no @"),
            ("a@b@c.de", "more than one @"),
            ("a b@c.de", "space"),
            ("a\0@c.de", "control"),
            ("@c.de", "before the @"),
            (".a@c.de", "before the @"),
            ("a..b@c.de", "before the @"),
            ("\"a\"@c.de", "before the @"),
            ("Ann <a@c.de>", "space"),
            ("a@c.de,b@c.de", "more than one @"),
            ("a@localhost", "domain"),
            ("a@c.de.", "domain"),
            ("a@-c.de", "domain"),
            ("a@c_d.de", "domain"),
            ("a@127.0.0.1", "domain"),
            (&long_local, "before the @"),
            (&long_label, "domain"),
            (&long, "254"),
        ];
        for (raw, reason) in table {
            let message = normalise(raw).unwrap_err().message;
            assert!(message.contains(reason), "{raw}: {message}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(raw in any::<String>()) {
            let _ = normalise(&raw);
        }

        #[test]
        fn a_key_is_its_own_key(raw in "[a-zA-ZäÄéÉ]{1,8}@[a-zA-ZüÜ]{1,8}\\.[a-z]{2}") {
            let key = normalise(&raw).unwrap().key;
            prop_assert_eq!(normalise(&key).unwrap().key, key);
        }
    }
}
