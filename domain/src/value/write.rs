//! The three forms a value is written in: stored, exported, and for people.

use chrono::{DateTime, NaiveTime, SecondsFormat, Timelike, Utc};
use chrono_tz::Tz;
use serde_json::{Map, Value as Json};

use super::{Value, number};

impl Value {
    /// The form in the contact's document and in the API: what [`Value::from_stored`] reads.
    #[must_use]
    pub fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => Json::String(text.clone()),
            Self::Number(number) => number_json(*number),
            Self::Date(_) | Self::Time(_) | Self::DateTime(_) => Json::String(self.to_cell()),
            Self::Boolean(boolean) => Json::Bool(*boolean),
            Self::Array(items) => Json::Array(items.clone()),
            Self::Object(entries) => Json::Object(entries.clone()),
            Self::Location {
                latitude,
                longitude,
                name,
            } => {
                let mut entries = Map::new();
                entries.insert("latitude".to_owned(), number_json(*latitude));
                entries.insert("longitude".to_owned(), number_json(*longitude));
                if let Some(name) = name {
                    entries.insert("name".to_owned(), Json::String(name.clone()));
                }
                Json::Object(entries)
            }
        }
    }

    /// The form in an export, which [`Value::parse`] reads back equal. Making it harmless to a spreadsheet is the
    /// export's business.
    #[must_use]
    pub fn to_cell(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) => number.to_string(),
            Self::Date(date) => date.to_string(),
            Self::Time(time) => time.format("%H:%M:%S").to_string(),
            Self::DateTime(instant) => date_time_cell(instant),
            Self::Boolean(boolean) => boolean.to_string(),
            Self::Array(items) => to_string(items),
            Self::Object(entries) => to_string(entries),
            Self::Location {
                latitude,
                longitude,
                name: None,
            } => format!("{latitude},{longitude}"),
            Self::Location { name: Some(_), .. } => self.to_json().to_string(),
        }
    }

    /// The form for people, times as the clocks in `zone` show them. Dates stay year-month-day, which every country
    /// reads alike.
    #[must_use]
    pub fn to_text(&self, zone: Tz) -> String {
        match self {
            Self::Text(_) | Self::Number(_) | Self::Date(_) => self.to_cell(),
            Self::Time(time) => clock_text(*time),
            Self::DateTime(instant) => {
                let local = instant.with_timezone(&zone).naive_local();
                format!("{} {}", local.date(), clock_text(local.time()))
            }
            Self::Boolean(true) => "yes".to_owned(),
            Self::Boolean(false) => "no".to_owned(),
            Self::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
            Self::Object(entries) => {
                let entry = |(key, value)| format!("{key}: {}", plain(value));
                entries.iter().map(entry).collect::<Vec<_>>().join(", ")
            }
            Self::Location {
                latitude,
                longitude,
                name: None,
            } => format!("{latitude}, {longitude}"),
            Self::Location {
                latitude,
                longitude,
                name: Some(name),
            } => format!("{name} ({latitude}, {longitude})"),
        }
    }
}

fn number_json(number: f64) -> Json {
    number::to_json(number).map_or(Json::Null, Json::Number)
}

/// With as many digits of the fraction as it has: none, three or six.
fn date_time_cell(instant: &DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

/// Seconds only where there are some.
fn clock_text(time: NaiveTime) -> String {
    let format = if time.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    time.format(format).to_string()
}

fn plain(json: &Json) -> String {
    match json {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn to_string(json: &impl serde::Serialize) -> String {
    serde_json::to_string(json).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::attribute::AttributeType as Type;

    #[test]
    fn writes_all_forms() {
        let table = [
            (Type::Text, " a ", "\" a \"", " a ", " a "),
            (Type::Number, "1.50", "1.5", "1.5", "1.5"),
            (Type::Number, "-2.0", "-2", "-2", "-2"),
            (Type::Number, "0.0000001", "1e-7", "0.0000001", "0.0000001"),
            (
                Type::Date,
                "0099-02-01",
                "\"0099-02-01\"",
                "0099-02-01",
                "0099-02-01",
            ),
            (Type::Time, "14:30", "\"14:30:00\"", "14:30:00", "14:30"),
            (
                Type::DateTime,
                "2024-05-01 14:30:05.25",
                "\"2024-05-01T12:30:05.250Z\"",
                "2024-05-01T12:30:05.250Z",
                "2024-05-01 14:30:05",
            ),
            (Type::Boolean, "YES", "true", "true", "yes"),
            (
                Type::Array,
                r#"["a", 1, {"b": null}]"#,
                r#"["a",1,{"b":null}]"#,
                r#"["a",1,{"b":null}]"#,
                r#"a, 1, {"b":null}"#,
            ),
            (
                Type::Object,
                r#"{"b": "x", "a": 1.0}"#,
                r#"{"a":1,"b":"x"}"#,
                r#"{"a":1,"b":"x"}"#,
                "a: 1, b: x",
            ),
            (
                Type::Location,
                "1.0, -2.5",
                r#"{"latitude":1,"longitude":-2.5}"#,
                "1,-2.5",
                "1, -2.5",
            ),
            (
                Type::Location,
                r#"{"latitude": 1, "longitude": 2, "name": "Café"}"#,
                r#"{"latitude":1,"longitude":2,"name":"Café"}"#,
                r#"{"latitude":1,"longitude":2,"name":"Café"}"#,
                "Café (1, 2)",
            ),
        ];
        for (kind, given, json, cell, text) in table {
            let value = Value::parse(kind, given, Tz::Europe__Berlin).unwrap();
            assert_eq!(value.to_json().to_string(), json);
            assert_eq!(value.to_cell(), cell);
            assert_eq!(value.to_text(Tz::Europe__Berlin), text);
        }
    }
}
