//! Countries, as phone numbers know them.

use std::fmt;
use std::str::FromStr;

use super::plan::Plans;

/// An ISO 3166-1 alpha-2 code that has a numbering plan, in upper case.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country([u8; 2]);

/// A text that names no country, or one without telephones of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a country: write its code of two letters, such as IN")]
pub struct UnknownCountry;

impl Country {
    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // They are ASCII letters by construction.
        str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The number behind the `+`. Several countries can share one.
    #[must_use]
    pub fn calling_code(self) -> u16 {
        Plans::get().of(self).map_or(0, |plan| plan.code)
    }

    pub(super) fn of_region(id: &str) -> Option<Self> {
        match id.as_bytes() {
            [one, two] if one.is_ascii_uppercase() && two.is_ascii_uppercase() => {
                Some(Self([*one, *two]))
            }
            _ => None,
        }
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Country({self})")
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Country {
    type Err = UnknownCountry;

    /// In any case, spaces around it allowed.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::of_region(&text.trim().to_ascii_uppercase())
            .filter(|country| Plans::get().of(*country).is_some())
            .ok_or(UnknownCountry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_codes() {
        let table = [
            ("IN", "IN", 91),
            (" de ", "DE", 49),
            ("us", "US", 1),
            ("CA", "CA", 1),
            ("XK", "XK", 383),
        ];
        for (text, code, calling_code) in table {
            let country: Country = text.parse().unwrap();
            assert_eq!(
                (country.as_str(), country.calling_code()),
                (code, calling_code)
            );
        }
        for text in ["", "I", "IND", "ZZ", "001", "1N", "Ü", "ßß", "91"] {
            assert_eq!(text.parse::<Country>(), Err(UnknownCountry), "{text}");
        }
    }
}
