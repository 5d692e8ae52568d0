//! Phone numbers: what is written in a cell or typed by hand, as one E.164 number, or why it is none.
//!
//! The rules are libphonenumber's, and so is the data; the parsing is not the `phonenumber` crate's. That crate takes
//! 15 µs for a number, and 2 ms as soon as a file has several countries, since it keeps but 100 compiled patterns
//! for all of them. It also matches patterns at the start alone, so that numbers with digits to spare pass.

mod country;
mod error;
mod pattern;
mod plan;
mod written;

#[cfg(test)]
mod tests;

use std::fmt;

pub use country::{Country, UnknownCountry};
pub use error::{PhoneError, PhoneErrorCode};
use plan::Plans;
use written::Written;

/// A valid number with `+`, its country's code and digits alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct E164(String);

impl E164 {
    /// With the `+`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without the `+`, as WhatsApp names a person.
    #[must_use]
    pub fn digits(&self) -> &str {
        self.0.trim_start_matches('+')
    }

    /// With the `+`, owned.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for E164 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for E164 {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

/// Reads a number as people write it: with or without `+`, with spaces, dashes, dots, slashes and brackets.
///
/// Without `+` (or the country's way of dialling abroad, such as `00`) it is a number of `country`: where the digits
/// begin with the country's code and the rest is a valid number, that is what was meant; else the code is added.
/// Without a country the digits must begin with a country's code.
pub fn parse(raw: &str, country: Option<Country>) -> Result<E164, PhoneError> {
    let found = match written::read(raw)? {
        Written::International(digits) => Plans::get().international(&digits),
        Written::Plain(digits) => plain(&digits, country),
    };
    found.map(E164).ok_or_else(|| error::not_valid(country))
}

/// Reads a number of a broadcast list: digits alone, with the chosen country's code or without it.
pub fn parse_list(raw: &str, country: Option<Country>) -> Result<E164, PhoneError> {
    let digits = written::read_digits(raw)?;
    let found = plain(digits, country);
    found.map(E164).ok_or_else(|| error::not_valid(country))
}

/// What is left of a number, or of a part of one, without the `+` and all else that people write between digits.
#[must_use]
pub fn bare(text: &str) -> String {
    written::bare(text)
}

/// Loads the phone data, which takes a tenth of a second, so that the first number does not wait for it.
pub fn prepare() {
    Plans::get();
}

/// The digits of an E.164 number as they are dialled inside its country, where that differs: `015112345678` of `+4915112345678`.
#[must_use]
pub fn national(number: &str) -> Option<String> {
    Plans::get().national(number.strip_prefix('+')?)
}

fn plain(digits: &str, country: Option<Country>) -> Option<String> {
    let plans = Plans::get();
    match country {
        Some(country) => plans.plain(digits, country),
        None => plans.international(digits.strip_prefix("00").unwrap_or(digits)),
    }
}
