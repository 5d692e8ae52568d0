//! Properties: whatever is written reads back equal, and reading never panics.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use chrono_tz::Tz;
use entity::attribute::AttributeType;
use proptest::prelude::*;
use serde_json::Value as Json;

use super::Value;

fn text() -> impl Strategy<Value = String> {
    // Everything a cell can hold but U+0000: quotes, separators, line ends, what spreadsheets run, other planes.
    prop_oneof![
        any::<String>().prop_map(|text| text.replace('\0', "")),
        "[ =+@\\-\"',;\\\\\\t\\r\\n{}\\[\\]0-9eE.a-z€😀\u{301}]{0,30}",
    ]
}

/// At most 15 digits, a point somewhere.
fn number() -> impl Strategy<Value = f64> {
    (-999_999_999_999_999_i64..=999_999_999_999_999, 0u32..=7).prop_map(|(digits, decimals)| {
        format!("{digits}e-{decimals}").parse::<f64>().unwrap() + 0.0
    })
}

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        number().prop_map(Json::from),
        text().prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::from),
            prop::collection::btree_map(text(), inner, 0..6)
                .prop_map(|entries| entries.into_iter().collect::<Json>()),
        ]
    })
}

fn value() -> impl Strategy<Value = Value> {
    let date = (1i32..=9999, 1u32..=366)
        .prop_filter_map("a day", |(year, day)| NaiveDate::from_yo_opt(year, day));
    let time = (0u32..86_400).prop_filter_map("a time", |second| {
        NaiveTime::from_num_seconds_from_midnight_opt(second, 0)
    });
    let instant = (-62_135_596_800_000_000_i64..253_402_300_800_000_000)
        .prop_filter_map("an instant", DateTime::<Utc>::from_timestamp_micros);
    let place = (
        -900_000i32..=900_000,
        -1_800_000i32..=1_800_000,
        prop::option::of(text()),
    );
    prop_oneof![
        text().prop_map(Value::Text),
        number().prop_map(Value::Number),
        date.prop_map(Value::Date),
        time.prop_map(Value::Time),
        instant.prop_map(Value::DateTime),
        any::<bool>().prop_map(Value::Boolean),
        prop::collection::vec(json(), 0..6).prop_map(Value::Array),
        prop::collection::btree_map(text(), json(), 0..6)
            .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        place.prop_map(|(latitude, longitude, name)| Value::Location {
            latitude: f64::from(latitude) / 10_000.0,
            longitude: f64::from(longitude) / 10_000.0,
            name,
        }),
    ]
}

proptest! {
    #[test]
    fn stored_reads_back_equal(value in value()) {
        let stored = value.to_json();
        prop_assert_eq!(Value::from_stored(value.kind(), &stored), Some(value.clone()));
        let reread: Json = serde_json::from_str(&stored.to_string()).unwrap();
        prop_assert_eq!(Value::from_stored(value.kind(), &reread), Some(value));
    }

    #[test]
    fn a_cell_reads_back_equal(value in value()) {
        let cell = value.to_cell();
        prop_assert_eq!(Value::parse(value.kind(), &cell, Tz::Asia__Kolkata), Ok(value));
    }

    #[test]
    fn the_api_takes_what_it_answers(value in value()) {
        let answer = value.to_json();
        prop_assert_eq!(Value::from_json(value.kind(), &answer, Tz::UTC), Ok(value));
    }

    #[test]
    fn any_text_is_read_or_refused(cell in text(), kind in 0usize..9) {
        if let Ok(value) = Value::parse(AttributeType::ALL[kind], &cell, Tz::Europe__Berlin) {
            let again = Value::parse(value.kind(), &value.to_cell(), Tz::UTC);
            prop_assert_eq!(again, Ok(value));
        }
    }

    #[test]
    fn any_date_or_time_is_read_or_refused(cell in "[0-9]{2,4}[-:T. Z+é0-9]{0,26}", kind in 2usize..5) {
        if let Ok(value) = Value::parse(AttributeType::ALL[kind], &cell, Tz::Europe__Berlin) {
            prop_assert_eq!(Value::from_stored(value.kind(), &value.to_json()), Some(value));
        }
    }

    #[test]
    fn any_json_is_taken_or_refused(json in json(), kind in 0usize..9) {
        let _ = Value::from_json(AttributeType::ALL[kind], &json, Tz::UTC);
    }
}
