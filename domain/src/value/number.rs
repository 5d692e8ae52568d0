//! NUMBER: a decimal point, at most 15 significant digits, so that a double keeps exactly what was written.

use serde_json::Number;

use super::error::{ValueError, quoted};

/// A double tells all decimal numbers of so many digits apart.
const MAX_SIGNIFICANT: usize = 15;

/// The greatest whole number that no neighbour is rounded to (2^53 - 1), in JavaScript clients too.
pub(super) const MAX: f64 = 9_007_199_254_740_991.0;

/// Up to here the nearest double is found by one exact division, by any reader.
const MAX_DECIMALS: usize = 22;

/// Reads a number as people and programs write it: no exponent, no thousands separators.
pub(super) fn parse(text: &str) -> Result<f64, ValueError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let is_decimal =
        all_digits(whole) && all_digits(decimals) && !(whole.is_empty() && decimals.is_empty());
    if !is_decimal || digits.ends_with('.') {
        return Err(not_a_number(text));
    }
    if significant(digits) > MAX_SIGNIFICANT {
        return Err(ValueError::number_too_long(text));
    }
    let number: f64 = text.parse().map_err(|_| not_a_number(text))?;
    if number.abs() > MAX || decimals.trim_end_matches('0').len() > MAX_DECIMALS {
        return Err(ValueError::out_of_range(format!(
            "{} is too large or too close to 0 to be kept exactly: keep it in an attribute of type TEXT",
            quoted(text)
        )));
    }
    // A sum with 0 turns -0 into 0, and leaves all else alone.
    Ok(number + 0.0)
}

/// Takes a JSON number, under the same rules. (One of more than 17 digits was rounded by whoever read the JSON.)
pub(super) fn from_json(given: &Number) -> Result<f64, ValueError> {
    if given.is_f64() {
        // Display writes no exponents.
        return parse(&given.as_f64().unwrap_or(f64::NAN).to_string());
    }
    parse(&given.to_string())
}

/// As JSON: without `.0` where it is whole.
pub(super) fn to_json(number: f64) -> Option<Number> {
    if number.fract() == 0.0 && number.abs() <= MAX {
        #[expect(clippy::cast_possible_truncation, reason = "whole, and within 2^53")]
        return Some(Number::from(number as i64));
    }
    Number::from_f64(number)
}

/// How many digits count: all between the first and the last that is not zero. An exponent is passed over.
pub(super) fn significant(number: &str) -> usize {
    let (mut count, mut zeros) = (0, 0);
    for byte in number
        .bytes()
        .take_while(|byte| !matches!(byte, b'e' | b'E'))
    {
        match byte {
            b'0' if count > 0 => zeros += 1,
            b'1'..=b'9' => {
                count += zeros + 1;
                zeros = 0;
            }
            _ => {}
        }
    }
    count
}

/// Whether a number (without its JSON around it) has more digits than are kept exactly.
pub(super) fn is_too_long(number: &str) -> bool {
    significant(number) > MAX_SIGNIFICANT
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn not_a_number(text: &str) -> ValueError {
    let has_digits = text.bytes().any(|byte| byte.is_ascii_digit());
    let only = |extra: &str| {
        has_digits
            && text
                .chars()
                .all(|c| c.is_ascii_digit() || extra.contains(c))
    };
    let given = quoted(text);
    ValueError::wrong(if only("+-.,eE") && text.contains(['e', 'E']) {
        format!(
            "{given} looks like a number that a spreadsheet shortened: format the column as text or as a number \
             without exponent and write all digits"
        )
    } else if only("+-,") && text.matches(',').count() == 1 {
        format!(
            "{given} has a comma: write the decimals behind a point, such as 1234.5, and no thousands separators"
        )
    } else if only("+-., '_\u{a0}\u{202f}\u{2019}") {
        format!(
            "{given} has separators: write a number with a decimal point alone, such as 1234567.5"
        )
    } else {
        format!("{given} is not a number: write digits with a decimal point, such as 1234.5")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ValueErrorCode::{self, NumberTooLong, OutOfRange, WrongType};

    #[test]
    fn reads() {
        let table = [
            ("0", 0.0),
            ("-0.00", 0.0),
            ("+007", 7.0),
            (".5", 0.5),
            ("-1234.5", -1234.5),
            ("123456789012345", 123_456_789_012_345.0),
            ("1234567890123450", 1_234_567_890_123_450.0),
            ("0.000123456789012345000", 0.000_123_456_789_012_345),
            ("9000000000000000", 9e15),
            ("0.0000000000000000000001", 1e-22),
        ];
        for (text, expected) in table {
            let number = parse(text).unwrap();
            assert_eq!(number.to_bits(), f64::to_bits(expected), "{text}");
        }
    }

    #[test]
    fn refuses() {
        let table: [(&str, ValueErrorCode, &str); 18] = [
            ("abc", WrongType, "not a number"),
            ("NaN", WrongType, "not a number"),
            ("inf", WrongType, "not a number"),
            ("-", WrongType, "not a number"),
            (".", WrongType, "not a number"),
            ("5.", WrongType, "separators"),
            ("--5", WrongType, "separators"),
            ("0x10", WrongType, "not a number"),
            ("٣", WrongType, "not a number"),
            ("4.91E+11", WrongType, "spreadsheet"),
            ("4,91e11", WrongType, "spreadsheet"),
            ("1,5", WrongType, "comma"),
            ("1,234,567", WrongType, "separators"),
            ("1.234.567,5", WrongType, "separators"),
            ("1 000", WrongType, "separators"),
            ("1234567890123456", NumberTooLong, "TEXT"),
            ("10000000000000000", OutOfRange, "TEXT"),
            ("0.00000000000000000000001", OutOfRange, "TEXT"),
        ];
        for (text, code, part) in table {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }

    #[test]
    fn takes_json_numbers() {
        let read = |text: &str| from_json(&serde_json::from_str(text).unwrap());
        assert_eq!(read("1e3"), Ok(1000.0));
        assert_eq!(read("-0.0").map(f64::to_bits), Ok(0.0_f64.to_bits()));
        assert_eq!(read("0.30000000000000004").unwrap_err().code, NumberTooLong);
        assert_eq!(
            read("18446744073709551615").unwrap_err().code,
            NumberTooLong
        );
        assert_eq!(read("1e300").unwrap_err().code, OutOfRange);
        assert_eq!(read("1e-300").unwrap_err().code, OutOfRange);
    }

    #[test]
    fn counts_significant_digits() {
        let table = [
            ("0", 0),
            ("0.10", 1),
            ("-100.50", 4),
            ("1.5e20", 2),
            ("1001000", 4),
        ];
        for (text, expected) in table {
            assert_eq!(significant(text), expected, "{text}");
        }
    }
}
