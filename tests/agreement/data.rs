//! Values that are hard to tell apart, or hard to hold together.

use crate::harness::crowd::Generator;
use chrono::{DateTime, Days, NaiveTime, SecondsFormat, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

/// Where days begin, here and there.
pub(super) const ZONES: [Tz; 5] = [
    Tz::Europe__Berlin,
    Tz::America__New_York,
    Tz::Asia__Kolkata,
    Tz::Pacific__Kiritimati,
    Tz::UTC,
];

/// Divided by 1,000 and multiplied again, the microseconds since 1970 are others, as doubles have it.
pub(super) const ODD: &str = "2040-10-10T10:11:08.632057Z";

const TEXTS: [&str; 60] = [
    "=1+1",
    "'=1+1",
    "''@x",
    "+1 (2)",
    "-2",
    "＝SUM(A1)",
    "Müller",
    "MULLER",
    "muller",
    "Mullér-Lüdenscheid",
    "Straße",
    "STRASSE",
    "ß",
    "Zoë",
    "Łódź",
    "Ørsted",
    "Nguyễn Thị",
    "ΟΔΟΣ",
    "οδός",
    "İstanbul",
    "ılıca",
    "👩‍👩‍👧",
    "🙂",
    "🙂🙂🙂",
    "O'Brien",
    "\"quoted\"",
    "\"",
    "'",
    "100%",
    "50%_off",
    "a_b",
    "axb",
    "a\\b",
    "C:\\new\\table",
    "%",
    "_",
    "\\",
    "'; DROP TABLE contact; --",
    "$1 ?",
    "a  b",
    "tab\tin",
    "line\nbreak",
    "no\u{a0}break",
    "がく",
    "かく",
    "की",
    "का",
    "ﬁne Ⅳ",
    "e\u{301}te\u{301}",
    "été",
    "zero\u{200b}width",
    "\u{200b}",
    "null",
    "true",
    "0",
    "1e3",
    "{}",
    "[1]",
    "AND OR NOT NEAR(",
    "Anna Maria",
];

/// A text that every field takes as it is.
pub(super) fn text(random: &mut Generator) -> String {
    match random.below(10) {
        0 => long(random),
        1 | 2 => format!("{} {}", random.pick(&TEXTS), random.pick(&TEXTS)),
        3 => random.pick(&TEXTS).to_uppercase(),
        _ => (*random.pick(&TEXTS)).to_owned(),
    }
}

/// Alike for as long as an index holds of a text, or a little less, or a little more.
fn long(random: &mut Generator) -> String {
    let start = random.pick(&["Ä", "x", "ab ", "ß", "が", "🙂"]);
    let times = 196 + usize::try_from(random.below(8)).unwrap();
    let times = times / start.chars().count();
    let end = random.pick(&["", "a", "B", "é%", " z", "\\", "zzzz Ende"]);
    format!("{}{end}", start.repeat(times)).trim().to_owned()
}

/// A value of an attribute, for a contact.
pub(super) fn value(random: &mut Generator, kind: &str, now: DateTime<Utc>) -> Value {
    match kind {
        "TEXT" => match random.below(12) {
            0 => "".into(),
            1 => "  spaces around ".into(),
            _ => text(random).into(),
        },
        "NUMBER" => number(random).into(),
        "DATE" => date(random, now).into(),
        "TIME" => time(random).into(),
        "DATETIME" => instant(random, now).into(),
        "BOOLEAN" => random.once_in(2).into(),
        "ARRAY" => (0..random.below(4)).map(|_| item(random)).collect(),
        "OBJECT" => random.pick(&[json!({}), json!({ "a": [1, null] })]).clone(),
        _ => place(random),
    }
}

pub(super) fn number(random: &mut Generator) -> f64 {
    match random.below(4) {
        0 => *random.pick(&[
            0.0,
            -0.5,
            0.1,
            0.3,
            1e-7,
            123_456_789_012_345.0,
            -123_456_789_012.345,
            9e15,
        ]),
        _ => (random.part() * 20.0 - 10.0).round() / 2.0,
    }
}

pub(super) fn date(random: &mut Generator, now: DateTime<Utc>) -> String {
    match random.below(4) {
        0 => (*random.pick(&[
            "0001-01-01",
            "1969-12-31",
            "1970-01-01",
            "2024-02-29",
            "9999-12-31",
        ]))
        .to_owned(),
        _ => {
            let first = now.date_naive() - Days::new(10);
            (first + Days::new(random.below(21))).to_string()
        }
    }
}

pub(super) fn time(random: &mut Generator) -> String {
    match random.below(3) {
        0 => (*random.pick(&["00:00:00", "00:00:01", "12:00:00", "23:59:59"])).to_owned(),
        _ => format!("{:02}:{:02}:00", random.below(24), 15 * random.below(4)),
    }
}

/// Near the present, often where a day begins somewhere, often with microseconds; or far away.
pub(super) fn instant(random: &mut Generator, now: DateTime<Utc>) -> String {
    if random.once_in(5) {
        return (*random.pick(&[
            "0001-01-01T00:00:00Z",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2024-03-31T01:00:00Z",
            "2024-10-27T00:59:59.999Z",
            "2201-07-07T07:07:07.777777Z",
            ODD,
        ]))
        .to_owned();
    }
    let day = now.date_naive() - Days::new(8) + Days::new(random.below(17));
    let instant = if random.once_in(2) {
        let midnight = day.and_time(NaiveTime::MIN);
        let zone = random.pick(&ZONES);
        let midnight = zone.from_local_datetime(&midnight).earliest().unwrap();
        midnight.to_utc() - TimeDelta::microseconds(*random.pick(&[0, 1]))
    } else {
        let seconds = i64::try_from(random.below(24 * 60)).unwrap() * 60;
        let micros = *random.pick(&[0, 0, 1, 500, 123_456, 999_999]);
        let at = day.and_time(NaiveTime::MIN).and_utc();
        at + TimeDelta::seconds(seconds) + TimeDelta::microseconds(micros)
    };
    written(instant)
}

/// As the API writes it.
pub(super) fn written(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn item(random: &mut Generator) -> Value {
    match random.below(8) {
        0 => json!(null),
        1 => json!(true),
        2 => random
            .pick(&[
                json!([1, "a"]),
                json!([1, "A"]),
                json!({ "a": 1, "b": [2.5] }),
            ])
            .clone(),
        3 | 4 => number(random).into(),
        5 => random
            .pick(&["1", "true", "null", "a", "A", "ä"])
            .to_string()
            .into(),
        _ => text(random).into(),
    }
}

fn place(random: &mut Generator) -> Value {
    let mut near = |latitude: f64, longitude: f64, most: f64| {
        let mut degrees = |middle: f64, most: f64| {
            let degrees = middle + (random.part() * 2.0 - 1.0) * most;
            (degrees * 100.0).round() / 100.0
        };
        json!({ "latitude": degrees(latitude, most), "longitude": degrees(longitude, 2.0 * most) })
    };
    let (anywhere, berlin) = (near(0.0, 0.0, 90.0), near(52.52, 13.4, 0.3));
    let rare = [
        json!({ "latitude": 90, "longitude": 0 }),
        json!({ "latitude": -90, "longitude": 12 }),
        json!({ "latitude": 0, "longitude": 180 }),
        json!({ "latitude": 0, "longitude": -180 }),
        json!({ "latitude": 0.0001, "longitude": 179.9999, "name": "Dateline" }),
    ];
    match random.below(4) {
        0 => random.pick(&rare).clone(),
        1 => anywhere,
        _ => berlin,
    }
}
