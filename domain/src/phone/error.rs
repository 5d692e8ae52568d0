//! Why a text is no phone number.

use super::Country;

/// What is wrong, as the schema's issue codes name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PhoneErrorCode {
    /// Nothing there.
    Missing,
    /// No number that exists.
    Invalid,
    /// More than digits where digits alone are allowed.
    SpecialCharacters,
    /// A spreadsheet took it for a quantity.
    SpreadsheetNumber,
}

impl PhoneErrorCode {
    /// The name in the schema.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "PHONE_MISSING",
            Self::Invalid => "PHONE_INVALID",
            Self::SpecialCharacters => "PHONE_HAS_SPECIAL_CHARACTERS",
            Self::SpreadsheetNumber => "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER",
        }
    }
}

/// A text that was refused. The message begins in lower case, to stand behind a header and a colon; it does not repeat
/// the number, which some may not see.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct PhoneError {
    /// For a program.
    pub code: PhoneErrorCode,
    /// For a person.
    pub message: String,
}

pub(super) fn missing() -> PhoneError {
    PhoneError {
        code: PhoneErrorCode::Missing,
        message: "is empty: write a phone number".to_owned(),
    }
}

pub(super) fn invalid(reason: &str) -> PhoneError {
    PhoneError {
        code: PhoneErrorCode::Invalid,
        message: format!("{reason}: write one number, such as +919876543210"),
    }
}

pub(super) fn not_valid(country: Option<Country>) -> PhoneError {
    let message = match country {
        Some(country) => format!(
            "is not a valid phone number, neither as it is nor in {country} (+{}): check the digits and the country",
            country.calling_code()
        ),
        None => "is not a valid phone number: write it with + and the country's code, or choose its country".to_owned(),
    };
    PhoneError {
        code: PhoneErrorCode::Invalid,
        message,
    }
}

pub(super) fn special_characters() -> PhoneError {
    PhoneError {
        code: PhoneErrorCode::SpecialCharacters,
        message: "has more than digits: write digits alone, such as 919876543210, without +, spaces or brackets"
            .to_owned(),
    }
}

pub(super) fn spreadsheet_number() -> PhoneError {
    PhoneError {
        code: PhoneErrorCode::SpreadsheetNumber,
        message: "looks like a number that a spreadsheet changed: format the column as text and write the number again"
            .to_owned(),
    }
}
