//! What belongs to no one type: dispatch, limits, messages.

use super::*;
use AttributeType as Type;
use ValueErrorCode::{TooLong, WrongType};
use serde_json::json;

#[test]
fn reads_text_as_it_is() {
    for cell in ["", " a ", "4.91E+11", "=1+1", "ä\r\nb"] {
        let value = Value::parse(Type::Text, cell, Tz::UTC);
        assert_eq!(value, Ok(Value::Text(cell.to_owned())));
    }
    let longest = "ä".repeat(MAX_CHARACTERS);
    assert!(Value::parse(Type::Text, &longest, Tz::UTC).is_ok());
    let error = Value::parse(Type::Text, &(longest + "a"), Tz::UTC).unwrap_err();
    assert_eq!(error.code, TooLong);
}

#[test]
fn reads_booleans() {
    let table = [
        ("true", true),
        (" YES ", true),
        ("1", true),
        ("False", false),
        ("no", false),
        ("0", false),
    ];
    for (cell, expected) in table {
        let value = Value::parse(Type::Boolean, cell, Tz::UTC);
        assert_eq!(value, Ok(Value::Boolean(expected)));
    }
    for cell in ["", "2", "y", "truee", "-1"] {
        let error = Value::parse(Type::Boolean, cell, Tz::UTC).unwrap_err();
        assert_eq!(error.code, WrongType, "{cell}");
    }
}

#[test]
fn refuses_nul_and_emptiness_everywhere() {
    for kind in Type::ALL {
        let error = Value::parse(kind, "\0", Tz::UTC).unwrap_err();
        assert_eq!(error.code, WrongType, "{kind}");
        assert!(Value::from_json(kind, &json!("a\0"), Tz::UTC).is_err());
        assert!(Value::from_json(kind, &Json::Null, Tz::UTC).is_err());
        assert_eq!(
            Value::parse(kind, "  ", Tz::UTC).is_ok(),
            kind == Type::Text
        );
    }
}

#[test]
fn takes_each_type_from_its_own_json() {
    let samples = [
        (Type::Text, json!("a")),
        (Type::Number, json!(1.5)),
        (Type::Date, json!("2024-02-29")),
        (Type::Time, json!("10:00:00")),
        (Type::DateTime, json!("2024-02-29T10:00:00Z")),
        (Type::Boolean, json!(true)),
        (Type::Array, json!([1, "a"])),
        (Type::Object, json!({"a": 1})),
        (Type::Location, json!({"latitude": 1, "longitude": 2})),
    ];
    for (kind, json) in &samples {
        let value = Value::from_json(*kind, json, Tz::UTC).unwrap();
        assert_eq!(value.kind(), *kind);
        assert_eq!(value.to_json(), *json);
        for (other, _) in samples
            .iter()
            .filter(|(other, _)| other != kind && *other != Type::Text)
        {
            let kept_apart = Value::from_json(*other, json, Tz::UTC).is_err();
            assert!(kept_apart || *other == Type::Object, "{kind} as {other}");
        }
    }
}

#[test]
fn a_message_repeats_little_of_the_value() {
    for kind in Type::ALL.into_iter().filter(|kind| *kind != Type::Text) {
        let error = Value::parse(kind, &"secret ".repeat(1000), Tz::UTC).unwrap_err();
        assert!(
            error.message.matches("secret").count() < 7,
            "{}",
            error.message
        );
    }
}
