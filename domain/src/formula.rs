//! Cells that a spreadsheet would run as a formula, made harmless on the way out and restored on the way in.
//!
//! A cell that begins with `=`, `+`, `-`, `@`, a tab or a line break is a formula to most spreadsheets, and what a stranger wrote into their
//! profile would run on the desk of whoever opens the file. An apostrophe before it says "text". What nobody can run is left as it is: phone
//! numbers with `+`, numbers, and places. So that every value comes back as it was, one that begins with apostrophes and then such a
//! character gets one more; reading takes one away.

use std::borrow::Cow;

/// Says "text" to a spreadsheet.
const MARK: char = '\'';

/// What a formula begins with, the wide forms of East Asian keyboards included.
fn begins_formula(text: &str) -> bool {
    text.starts_with([
        '=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}',
    ])
}

/// The cell as it can be shown by any spreadsheet.
pub fn guard(cell: &str) -> Cow<'_, str> {
    if begins_formula(cell.trim_start_matches(MARK)) && !is_harmless(cell) {
        return Cow::Owned(format!("{MARK}{cell}"));
    }
    Cow::Borrowed(cell)
}

/// The cell as it was before [`guard`].
pub fn restore(cell: &str) -> &str {
    match cell.strip_prefix(MARK) {
        Some(rest) if begins_formula(rest.trim_start_matches(MARK)) => rest,
        _ => cell,
    }
}

/// A phone number, or one or two numbers: a sign, then nothing that computes.
fn is_harmless(cell: &str) -> bool {
    let (first, second) = cell
        .split_once(',')
        .map_or((cell, None), |(first, second)| (first, Some(second)));
    is_number(first) && second.is_none_or(is_number)
}

/// A sign, digits, and a decimal point among them.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_made_text_and_numbers_stay() {
        for (cell, guarded) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
            ("\t=1", "'\t=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("'=1", "''=1"),
            ("+4915112345678", "+4915112345678"),
            ("'+4915112345678", "''+4915112345678"),
            ("-1.5", "-1.5"),
            ("-33.9,18.4", "-33.9,18.4"),
            ("-1,=2", "'-1,=2"),
            ("-", "'-"),
            ("it's", "it's"),
            ("'tis", "'tis"),
            ("", ""),
        ] {
            assert_eq!(guard(cell), guarded);
            assert_eq!(restore(&guard(cell)), cell);
        }
    }

    proptest! {
        #[test]
        fn what_went_out_comes_back(cell in "['=+@\t-]{0,4}.{0,5}") {
            let guarded = guard(&cell);
            prop_assert_eq!(restore(&guarded), cell.as_str());
        }
    }
}
