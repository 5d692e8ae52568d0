//! LOCATION: `latitude,longitude`, or a JSON object that may name the place.

use serde_json::{Map, Value as Json};

use super::error::{ValueError, ValueErrorCode, quoted};
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
    let latitude = degrees(latitude.trim(), number::parse(latitude.trim()))?;
    let longitude = degrees(longitude.trim(), number::parse(longitude.trim()))?;
    place(latitude, longitude, None)
}

pub(super) fn from_object(entries: &Map<String, Json>) -> Result<Value, ValueError> {
    let (mut latitude, mut longitude, mut name) = (None, None, None);
    for (key, value) in entries {
        match (key.as_str(), value) {
            ("latitude", Json::Number(given)) => {
                latitude = Some(degrees(&given.to_string(), number::from_json(given))?);
            }
            ("longitude", Json::Number(given)) => {
                longitude = Some(degrees(&given.to_string(), number::from_json(given))?);
            }
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

/// A number of degrees, as it was read from `text`. Devices tell a place with all the digits of a double, which say no more than the first: of these, a tenth of a millimetre
/// is kept.
fn degrees(text: &str, read: Result<f64, ValueError>) -> Result<f64, ValueError> {
    read.or_else(|error| match text.parse::<f64>() {
        Ok(degrees) if error.code == ValueErrorCode::NumberTooLong && degrees.abs() <= 180.0 => {
            Ok((degrees * 1e9).round() / 1e9)
        }
        _ => Err(error),
    })
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
    use crate::value::ValueErrorCode::{NumberTooLong, OutOfRange, WrongType};

    #[test]
    fn reads() {
        let table = [
            ("52.52,13.405", 52.52, 13.405, None),
            (" -90 , 180 ", -90.0, 180.0, None),
            (
                "52.520006599999994,-13.404953999999975",
                52.5200066,
                -13.404954,
                None,
            ),
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
        let of_a_device =
            serde_json::json!({ "latitude": 52.520006599999994, "longitude": 1.0000000000000002 });
        let expected = Value::Location {
            latitude: 52.5200066,
            longitude: 1.0,
            name: None,
        };
        assert_eq!(from_object(of_a_device.as_object().unwrap()), Ok(expected));
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
            ("0,1234567890.1234567", NumberTooLong),
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
