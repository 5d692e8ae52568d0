//! LOCATION: `latitude,longitude`, or a JSON object that may name the place.

use serde_json::{Map, Value as Json};

use super::error::{ValueError, quoted};
use super::{Value, json, number, refuse_nul, text};

pub(super) fn parse(cell: &str) -> Result<Value, ValueError> {
    if cell.starts_with('{') {
        let Json::Object(entries) = json::parse(cell)? else {
            return Err(wrong(&quoted(cell)));
        };
        return from_object(&entries);
    }
    // Three commas are a decimal comma's doing: which of them parts the two numbers cannot be known.
    let (latitude, longitude) = cell
        .split_once(',')
        .filter(|(_, longitude)| !longitude.contains(','))
        .ok_or_else(|| wrong(&quoted(cell)))?;
    let latitude = number::parse(latitude.trim())?;
    let longitude = number::parse(longitude.trim())?;
    place(latitude, longitude, None)
}

pub(super) fn from_object(entries: &Map<String, Json>) -> Result<Value, ValueError> {
    let (mut latitude, mut longitude, mut name) = (None, None, None);
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("latitude", Json::Number(given)) => latitude = Some(number::from_json(given)?),
            ("longitude", Json::Number(given)) => longitude = Some(number::from_json(given)?),
            ("name", Json::String(given)) => {
                refuse_nul(given)?;
                name = Some(text(given)?);
            }
            ("name", Json::Null) => {}
            _ => return Err(wrong(&format!("{} in it", quoted(key)))),
        }
    }
    let (Some(latitude), Some(longitude)) = (latitude, longitude) else {
        return Err(wrong("an object without latitude or longitude"));
    };
    place(latitude, longitude, name)
}

fn place(latitude: f64, longitude: f64, name: Option<String>) -> Result<Value, ValueError> {
    if !(-90.0..=90.0).contains(&latitude) || !(-180.0..=180.0).contains(&longitude) {
        return Err(ValueError::out_of_range(format!(
            "{latitude},{longitude} is not on earth: the latitude comes first and goes from -90 to 90, the longitude \
             from -180 to 180"
        )));
    }
    Ok(Value::Location {
        latitude,
        longitude,
        name,
    })
}

fn wrong(given: &str) -> ValueError {
    ValueError::wrong(format!(
        "{given} is not a location: write latitude,longitude with decimal points, such as 52.52,13.405, or an object \
         with the numbers latitude and longitude and a text name"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ValueErrorCode::{self, NumberTooLong, OutOfRange, WrongType};

    #[test]
    fn reads() {
        let table = [
            ("52.52,13.405", 52.52, 13.405, None),
            (" -90 , 180 ", -90.0, 180.0, None),
            (r#"{"latitude": 1, "longitude": -2.5}"#, 1.0, -2.5, None),
            (
                r#"{"longitude": 2, "name": "Café", "latitude": 1}"#,
                1.0,
                2.0,
                Some("Café"),
            ),
            (
                r#"{"latitude": 1, "longitude": 2, "name": null}"#,
                1.0,
                2.0,
                None,
            ),
        ];
        for (cell, latitude, longitude, name) in table {
            let expected = Value::Location {
                latitude,
                longitude,
                name: name.map(str::to_owned),
            };
            assert_eq!(parse(cell.trim()), Ok(expected), "{cell}");
        }
    }

    #[test]
    fn refuses() {
        let table: [(&str, ValueErrorCode); 11] = [
            ("Berlin", WrongType),
            ("52,52,13,405", WrongType),
            ("52.52;13.405", WrongType),
            ("52.52", WrongType),
            ("a,b", WrongType),
            ("90.1,0", OutOfRange),
            ("13.405,181", OutOfRange),
            ("1.234567890123456,0", NumberTooLong),
            (r#"{"latitude": 1, "longitude": 2, "zoom": 3}"#, WrongType),
            (r#"{"latitude": "1", "longitude": 2}"#, WrongType),
            (r#"{"latitude": 1}"#, WrongType),
        ];
        for (cell, code) in table {
            assert_eq!(parse(cell).unwrap_err().code, code, "{cell}");
        }
        let nul = parse(r#"{"latitude": 1, "longitude": 2, "name": "\u0000"}"#);
        assert_eq!(nul.unwrap_err().code, WrongType);
    }
}
