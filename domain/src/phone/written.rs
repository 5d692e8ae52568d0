//! How phone numbers are written: which characters stand between the digits, and what is no phone number at all.

use super::error::{PhoneError, invalid, missing, special_characters, spreadsheet_number};

/// More than any number with all its ornaments has.
const MAX_CHARACTERS: usize = 64;

/// The digits of a written number.
pub(super) enum Written {
    /// Behind a `+`.
    International(String),
    Plain(String),
}

/// Reads the digits out of all that people write around them.
pub(super) fn read(raw: &str) -> Result<Written, PhoneError> {
    let text = bounded(raw)?;
    let text = match text.split_at_checked(4) {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("tel:") => rest,
        _ => text,
    };
    let mut digits = String::with_capacity(16);
    let mut has_plus = false;
    for (at, c) in text.char_indices() {
        if let Some(digit) = decimal(c) {
            digits.push(digit);
        } else if matches!(c, '+' | '＋') && !has_plus && digits.is_empty() {
            has_plus = true;
        } else if !is_separator(c) {
            return Err(odd(&text[at..], !digits.is_empty()));
        }
    }
    if digits.is_empty() {
        return Err(invalid("has no digits"));
    }
    Ok(if has_plus {
        Written::International(digits)
    } else {
        Written::Plain(digits)
    })
}

/// Without the `+` and all that stands between digits, which become those of ASCII; whatever else is there stays.
pub(super) fn bare(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '+' | '＋') && !is_separator(*c))
        .map(|c| decimal(c).unwrap_or(c))
        .collect()
}

/// Takes digits alone.
pub(super) fn read_digits(raw: &str) -> Result<&str, PhoneError> {
    let text = bounded(raw)?;
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(special_characters());
    }
    Ok(text)
}

fn bounded(raw: &str) -> Result<&str, PhoneError> {
    let text = crate::text::clean(raw);
    if text.is_empty() {
        return Err(missing());
    }
    if text.len() > MAX_CHARACTERS && text.chars().count() > MAX_CHARACTERS {
        return Err(invalid("is longer than 64 characters"));
    }
    if is_spreadsheet_number(text) {
        return Err(spreadsheet_number());
    }
    Ok(text)
}

/// `4.91E+11`, `919876543210.0` or `919,876,543,210`, with a comma for the point too.
fn is_spreadsheet_number(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    if let Some((mantissa, exponent)) = text.split_once(['e', 'E']) {
        let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        let (whole, decimals) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
        return [whole, decimals, exponent].into_iter().all(is_digits);
    }
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let is_group = |group: &str| group.len() == 3 && is_digits(group);
    if text.matches(',').count() > 1 && is_digits(first) && first.len() <= 3 && groups.all(is_group)
    {
        return true;
    }
    // Behind fewer digits, zeros are as likely a part of the number, as in 0800.00.
    text.split_once(['.', ','])
        .is_some_and(|(whole, decimals)| {
            whole.len() >= 7 && is_digits(whole) && matches!(decimals, "0" | "00")
        })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Also the digits that telephones show in Arabic, Persian, Devanagari, Bengali and full width.
fn decimal(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    let zero = match c {
        '٠'..='٩' => '٠',
        '۰'..='۹' => '۰',
        '०'..='९' => '०',
        '০'..='৯' => '০',
        '０'..='９' => '０',
        _ => return None,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10)
}

fn is_separator(c: char) -> bool {
    match c {
        '-' | '.' | '/' | '(' | ')' | '[' | ']' => true,
        '‐'..='―' | '−' | '－' | '．' | '／' | '（' | '）' => true,
        // What comes along unseen when a number is copied: soft hyphen, joiners, directional marks.
        '\u{ad}'
        | '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'
        | '\u{2066}'..='\u{2069}' => true,
        _ => c.is_whitespace(),
    }
}

/// A character that belongs to no number. An extension is never dropped: without it, somebody else answers.
fn odd(rest: &str, has_digits: bool) -> PhoneError {
    let rest = rest.trim_start_matches(';').to_lowercase();
    let begins = [
        "x",
        "ext",
        "#",
        ",",
        "доб",
        "durchwahl",
        "dw",
        "poste",
        "int",
    ];
    let is_extension = has_digits
        && rest.chars().any(|c| decimal(c).is_some())
        && begins.iter().any(|begin| rest.starts_with(begin));
    if is_extension {
        invalid("has an extension or a second number")
    } else {
        invalid("has letters or signs that no phone number has")
    }
}
