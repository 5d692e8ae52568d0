//! The written forms of a contact's own fields, the same in mutations and in files.

use crate::{
    email::{self, Email},
    phone::{Country, PhoneError, PhoneErrorCode},
    value::{ValueError, ValueErrorCode},
};
use entity::{contact::ContactStatus, import_error::ImportErrorCode};

/// Why a text is not a value of its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For machines.
    pub code: ImportErrorCode,
    /// For people: what, and what to do.
    pub message: String,
}

impl Fault {
    /// A fault of this kind.
    pub fn new(code: ImportErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

impl From<ValueError> for Fault {
    fn from(error: ValueError) -> Self {
        let code = match error.code {
            ValueErrorCode::WrongType => ImportErrorCode::ValueOfWrongType,
            ValueErrorCode::OutOfRange => ImportErrorCode::ValueOutOfRange,
            ValueErrorCode::NumberTooLong => ImportErrorCode::NumberTooLong,
            ValueErrorCode::TooLong => ImportErrorCode::ValueTooLong,
        };
        Self::new(code, error.message)
    }
}

impl From<PhoneError> for Fault {
    fn from(error: PhoneError) -> Self {
        let code = match error.code {
            PhoneErrorCode::Missing => ImportErrorCode::PhoneMissing,
            PhoneErrorCode::Invalid => ImportErrorCode::PhoneInvalid,
            PhoneErrorCode::SpecialCharacters => ImportErrorCode::PhoneHasSpecialCharacters,
            PhoneErrorCode::SpreadsheetNumber => ImportErrorCode::PhoneLooksLikeASpreadsheetNumber,
        };
        Self::new(code, error.message)
    }
}

/// Characters of a text field.
const MAX_TEXT: usize = 500;

/// A plain text; none where nothing is left after trimming.
///
/// # Errors
/// When it is too long, or has a character that the databases cannot hold.
pub fn text(raw: &str) -> Result<Option<String>, Fault> {
    let text = raw.trim();
    if text.contains('\0') {
        return Err(Fault::new(
            ImportErrorCode::ValueOfWrongType,
            "The text has a NUL character; remove it.",
        ));
    }
    if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
        return Err(Fault::new(
            ImportErrorCode::ValueTooLong,
            format!("At most {MAX_TEXT} characters fit here."),
        ));
    }
    Ok(Some(text)
        .filter(|text| !text.is_empty())
        .map(str::to_owned))
}

/// An e-mail address; none where nothing is left after trimming.
///
/// # Errors
/// When it is not one.
pub fn email(raw: &str) -> Result<Option<Email>, Fault> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    email::normalise(raw)
        .map(Some)
        .map_err(|error| Fault::new(ImportErrorCode::EmailInvalid, error.to_string()))
}

/// A country in capitals; none where nothing is left after trimming.
///
/// # Errors
/// When it is not one.
pub fn country(raw: &str) -> Result<Option<String>, Fault> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    match raw.trim().parse::<Country>() {
        Ok(country) => Ok(Some(country.to_string())),
        Err(_) => {
            let message = "Not a country: write two letters (ISO 3166-1), such as DE.";
            Err(Fault::new(ImportErrorCode::ValueOfWrongType, message))
        }
    }
}

/// A language tag; none where nothing is left after trimming.
///
/// # Errors
/// When it is not one.
pub fn language(raw: &str) -> Result<Option<String>, Fault> {
    let tag = raw.trim().replace('_', "-");
    if tag.is_empty() {
        return Ok(None);
    }
    let mut parts = tag.split('-');
    let primary = parts
        .next()
        .is_some_and(|p| (2..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphabetic()));
    if primary
        && tag.len() <= 35
        && parts.all(|p| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric()))
    {
        return Ok(Some(tag));
    }
    let message = "Not a language: write a tag of BCP 47, such as de or pt-BR.";
    Err(Fault::new(ImportErrorCode::ValueOfWrongType, message))
}

/// A status by its name, or by 1 (active) and 0 (inactive).
///
/// # Errors
/// When it is neither.
pub fn status(raw: &str) -> Result<ContactStatus, Fault> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "1" | "active" | "true" | "yes" => Ok(ContactStatus::Active),
        "0" | "inactive" | "false" | "no" => Ok(ContactStatus::Inactive),
        _ => Err(Fault::new(
            ImportErrorCode::ValueOfWrongType,
            "Write 1 or ACTIVE, or 0 or INACTIVE.",
        )),
    }
}

/// Yes or no.
///
/// # Errors
/// When it is neither.
pub fn flag(raw: &str) -> Result<bool, Fault> {
    match raw.trim().to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => Err(Fault::new(
            ImportErrorCode::ValueOfWrongType,
            "Write true or false, yes or no, 1 or 0.",
        )),
    }
}
