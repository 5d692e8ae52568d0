//! ARRAY and OBJECT: any JSON that both databases keep exactly.
//!
//! What a JSON reader would change without a word is an error here: a number of more digits than a double holds, a key
//! that comes twice (readers keep the last).

use serde_json::{Map, Value as Json};

use super::error::{ValueError, quoted};
use super::strict::Strict;
use super::{MAX_CHARACTERS, number, refuse_nul};

const MAX_DEPTH: usize = 32;

pub(super) fn parse_array(text: &str) -> Result<Vec<Json>, ValueError> {
    match parse(text)? {
        Json::Array(items) => array(items),
        _ => Err(not_json(text, "a JSON array: write it as [\"a\", 1]")),
    }
}

pub(super) fn parse_object(text: &str) -> Result<Map<String, Json>, ValueError> {
    match parse(text)? {
        Json::Object(entries) => object(entries),
        _ => Err(not_json(
            text,
            "a JSON object: write it as {\"key\": \"value\"}",
        )),
    }
}

/// Admits the items, with numbers in one form.
pub(super) fn array(mut items: Vec<Json>) -> Result<Vec<Json>, ValueError> {
    for item in &mut items {
        admit(item, 1)?;
    }
    refuse_length(&items)?;
    Ok(items)
}

/// Admits the entries, with numbers in one form.
pub(super) fn object(mut entries: Map<String, Json>) -> Result<Map<String, Json>, ValueError> {
    for (key, value) in &mut entries {
        refuse_nul(key)?;
        admit(value, 1)?;
    }
    refuse_length(&entries)?;
    Ok(entries)
}

/// Reads any JSON strictly. The caller still has to admit it.
pub(super) fn parse(text: &str) -> Result<Json, ValueError> {
    let Strict(json) = serde_json::from_str(text).map_err(|error| {
        let reason = error.to_string();
        if reason.starts_with("recursion limit") {
            return too_deep();
        }
        not_json(text, &format!("valid JSON ({reason})"))
    })?;
    refuse_long_numbers(text)?;
    Ok(json)
}

/// Finds numbers in text that is known to be JSON, where their digits are still all there.
fn refuse_long_numbers(text: &str) -> Result<(), ValueError> {
    let (mut is_string, mut is_escaped, mut start) = (false, false, None);
    for (at, byte) in text.bytes().enumerate() {
        let is_number =
            !is_string && matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if is_number {
            // The e of true and false counts as a number without digits, which harms nobody.
            start.get_or_insert(at);
        } else if let Some(start) = start.take()
            && number::is_too_long(&text[start..at])
        {
            return Err(ValueError::number_too_long(&text[start..at]));
        }
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            _ => {}
        }
    }
    Ok(())
}

fn admit(json: &mut Json, depth: usize) -> Result<(), ValueError> {
    if depth >= MAX_DEPTH && (json.is_array() || json.is_object()) {
        return Err(too_deep());
    }
    match json {
        Json::Null | Json::Bool(_) => Ok(()),
        Json::String(text) => refuse_nul(text),
        Json::Number(given) => {
            let written = given.to_string();
            if number::is_too_long(&written) {
                return Err(ValueError::number_too_long(&written));
            }
            // 1.0 and 1 are one number, and the databases do not agree on which of them to give back.
            if let Some(whole) = given.as_f64().and_then(number::to_json) {
                *given = whole;
            }
            Ok(())
        }
        Json::Array(items) => items.iter_mut().try_for_each(|item| admit(item, depth + 1)),
        Json::Object(entries) => entries.iter_mut().try_for_each(|(key, value)| {
            refuse_nul(key)?;
            admit(value, depth + 1)
        }),
    }
}

fn refuse_length(json: &impl serde::Serialize) -> Result<(), ValueError> {
    let written = serde_json::to_string(json).unwrap_or_default();
    if written.len() > MAX_CHARACTERS && written.chars().count() > MAX_CHARACTERS {
        return Err(ValueError::too_long(
            "is longer than 10,000 characters as JSON: shorten it".to_owned(),
        ));
    }
    Ok(())
}

fn not_json(text: &str, expected: &str) -> ValueError {
    ValueError::wrong(format!("{} is not {expected}", quoted(text)))
}

fn too_deep() -> ValueError {
    ValueError::out_of_range(format!(
        "is nested more than {MAX_DEPTH} levels deep: flatten it"
    ))
}

/// Whether two lists mean the same.
pub(super) fn same_items(one: &[Json], two: &[Json]) -> bool {
    one.len() == two.len() && one.iter().zip(two).all(|(one, two)| is_same(one, two))
}

/// Whether two objects mean the same, in whatever order their keys stand.
pub(super) fn same_entries(one: &Map<String, Json>, two: &Map<String, Json>) -> bool {
    let has_same = |(key, value)| two.get(key).is_some_and(|other| is_same(value, other));
    one.len() == two.len() && one.iter().all(has_same)
}

fn is_same(one: &Json, two: &Json) -> bool {
    match (one, two) {
        (Json::Number(one), Json::Number(two)) => one == two || one.as_f64() == two.as_f64(),
        (Json::Array(one), Json::Array(two)) => same_items(one, two),
        (Json::Object(one), Json::Object(two)) => same_entries(one, two),
        _ => one == two,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ValueErrorCode::{self, NumberTooLong, OutOfRange, TooLong, WrongType};
    use serde_json::json;

    #[test]
    fn reads() {
        assert_eq!(parse_array(" [] "), Ok(vec![]));
        let items =
            parse_array(r#"[1.0, -0.0, 1e2, 2.5, "1.0", true, null, {"a": [3.0]}]"#).unwrap();
        let expected = json!([1, 0, 100, 2.5, "1.0", true, null, {"a": [3]}]);
        assert_eq!(Json::Array(items), expected);
        let entries =
            parse_object(r#"{"number in text": "12345678901234567890 \" 12345678901234567890"}"#);
        assert!(entries.is_ok());
    }

    #[test]
    fn refuses() {
        let table: [(&str, ValueErrorCode, &str); 11] = [
            ("a, b", WrongType, "not valid JSON"),
            ("[1,]", WrongType, "not valid JSON"),
            ("['a']", WrongType, "not valid JSON"),
            ("[1] 2", WrongType, "not valid JSON"),
            ("[NaN]", WrongType, "not valid JSON"),
            ("[1e999]", WrongType, "not valid JSON"),
            ("{}", WrongType, "array"),
            ("[\"\\u0000\"]", WrongType, "U+0000"),
            (
                "[{\"a\": 1, \"b\": {\"c\": 1, \"\\u0063\": 2}}]",
                WrongType,
                "comes twice",
            ),
            (
                "[0.1000000000000000055511151231257827]",
                NumberTooLong,
                "TEXT",
            ),
            ("[12345678901234567]", NumberTooLong, "TEXT"),
        ];
        for (text, code, part) in table {
            let error = parse_array(text).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
        assert_eq!(parse_object("[]").unwrap_err().code, WrongType);
        assert_eq!(
            parse_object(r#"{"\u0000": 1}"#).unwrap_err().code,
            WrongType
        );
    }

    #[test]
    fn limits_depth_and_length() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse_array(&nested(MAX_DEPTH)).is_ok());
        for depth in [MAX_DEPTH + 1, 127, 128, 100_000] {
            assert_eq!(parse_array(&nested(depth)).unwrap_err().code, OutOfRange);
        }
        let text = |length: usize| format!("[\"{}\"]", "ä".repeat(length - 4));
        assert!(parse_array(&text(MAX_CHARACTERS)).is_ok());
        assert_eq!(
            parse_array(&text(MAX_CHARACTERS + 1)).unwrap_err().code,
            TooLong
        );
    }

    #[test]
    fn keeps_small_and_great_numbers_exactly() {
        // Depends on serde_json's float_roundtrip.
        for text in [
            "1.23456789012345e-50",
            "1.7976931348623e308",
            "5.12345678901234e-200",
        ] {
            let items = parse_array(&format!("[{text}]")).unwrap();
            assert_eq!(items[0].as_f64(), text.parse().ok());
            assert_eq!(
                parse_array(&Json::Array(items.clone()).to_string()),
                Ok(items)
            );
        }
    }

    #[test]
    fn compares_by_meaning() {
        let same = |one: &Json, two: &Json| is_same(one, two);
        assert!(same(
            &json!({"a": 1, "b": [1.0]}),
            &json!({"b": [1], "a": 1.0})
        ));
        assert!(!same(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert!(!same(&json!([1, 2]), &json!([2, 1])));
        assert!(!same(&json!("1"), &json!(1)));
    }
}
