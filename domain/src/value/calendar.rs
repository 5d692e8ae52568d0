//! DATE, TIME and DATETIME. Years 0001 to 9999, seconds to 59, microseconds at most.

use chrono::{
    DateTime, Datelike, FixedOffset, LocalResult, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc,
};
use chrono_tz::Tz;

use super::error::{ValueError, quoted};

const MAX_FRACTION_DIGITS: usize = 6;

/// Reads `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<NaiveDate, ValueError> {
    if !is_shaped(text, "dddd-dd-dd") {
        let given = quoted(text);
        return Err(ValueError::wrong(format!(
            "{given} is not a date: write year-month-day, such as 2024-12-31"
        )));
    }
    let year = i32::try_from(number(&text[..4])).unwrap_or_default();
    NaiveDate::from_ymd_opt(year, number(&text[5..7]), number(&text[8..]))
        .filter(|_| year > 0)
        .ok_or_else(|| {
            ValueError::out_of_range(format!(
                "{} is no day of the calendar: check year, month and day",
                quoted(text)
            ))
        })
}

/// Reads `HH:MM` or `HH:MM:SS`.
pub(super) fn time(text: &str) -> Result<NaiveTime, ValueError> {
    if !is_shaped(text, "dd:dd") && !is_shaped(text, "dd:dd:dd") {
        let given = quoted(text);
        return Err(ValueError::wrong(format!(
            "{given} is not a time: write hours:minutes or hours:minutes:seconds, such as 14:30"
        )));
    }
    clock(text).ok_or_else(|| no_such_time(text))
}

/// Reads RFC 3339, or the same without seconds, or without an offset, which is then a time in `zone`. Where clocks went
/// back and a local time came twice, it is the earlier.
pub(super) fn date_time(text: &str, zone: Tz) -> Result<DateTime<Utc>, ValueError> {
    let wrong = || {
        ValueError::wrong(format!(
            "{} is not a date with time: write it as 2024-12-31T14:30:00Z or 2024-12-31 14:30",
            quoted(text)
        ))
    };
    let (day, rest) = text.split_at_checked(10).ok_or_else(wrong)?;
    let rest = rest.strip_prefix(['T', 't', ' ']).ok_or_else(wrong)?;
    let (time, offset) = split_offset(rest);
    let (clock_text, fraction) = time.split_once('.').unwrap_or((time, ""));
    let has_fraction = clock_text.len() < time.len();
    let is_clock =
        is_shaped(clock_text, "dd:dd:dd") || (!has_fraction && is_shaped(clock_text, "dd:dd"));
    let is_fraction =
        has_fraction != fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_shaped(day, "dddd-dd-dd") || !is_clock || !is_fraction {
        return Err(wrong());
    }
    let micros = microseconds(fraction).ok_or_else(|| {
        ValueError::out_of_range(format!(
            "{} has more than 6 digits of a second's fraction: write at most microseconds",
            quoted(text)
        ))
    })?;
    let clock = clock(clock_text).ok_or_else(|| no_such_time(text))?;
    let local = date(day)?.and_time(clock) + TimeDelta::microseconds(micros);
    let instant = match offset {
        None => in_zone(local, zone)?,
        Some(offset) => seconds_east(offset)
            .and_then(FixedOffset::east_opt)
            .and_then(|offset| offset.from_local_datetime(&local).single())
            .ok_or_else(|| no_such_time(text))?
            .to_utc(),
    };
    // An offset can carry the first or last day of the calendar over its edge.
    if !(1..=9999).contains(&instant.year()) {
        return Err(no_such_time(text));
    }
    Ok(instant)
}

fn in_zone(local: chrono::NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, ValueError> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(instant) | LocalResult::Ambiguous(instant, _) => Ok(instant.to_utc()),
        LocalResult::None => Err(ValueError::out_of_range(format!(
            "{local} does not exist in {zone}, as clocks went forward over it: write another time, or one with an \
             offset such as +02:00"
        ))),
    }
}

/// Splits `Z` or `±HH:MM` off the end.
fn split_offset(text: &str) -> (&str, Option<&str>) {
    let length = if text.ends_with(['Z', 'z']) { 1 } else { 6 };
    match text
        .len()
        .checked_sub(length)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((time, offset)) if length == 1 || offset.starts_with(['+', '-']) => {
            (time, Some(offset))
        }
        _ => (text, None),
    }
}

fn seconds_east(offset: &str) -> Option<i32> {
    let (sign, rest) = match offset.as_bytes().first()? {
        b'+' => (1, &offset[1..]),
        b'-' => (-1, &offset[1..]),
        _ => return Some(0),
    };
    if !is_shaped(rest, "dd:dd") {
        return None;
    }
    let (hours, minutes) = (number(&rest[..2]), number(&rest[3..]));
    let seconds = i32::try_from(hours * 3600 + minutes * 60).ok()?;
    (hours < 24 && minutes < 60).then_some(sign * seconds)
}

/// Zeros beyond the microseconds change nothing; anything else there would be lost.
fn microseconds(fraction: &str) -> Option<i64> {
    let digits = fraction.trim_end_matches('0');
    if digits.len() > MAX_FRACTION_DIGITS {
        return None;
    }
    format!("{digits:0<MAX_FRACTION_DIGITS$}").parse().ok()
}

fn clock(text: &str) -> Option<NaiveTime> {
    let seconds = text.get(6..).map_or(0, number);
    NaiveTime::from_hms_opt(number(&text[..2]), number(&text[3..5]), seconds)
}

fn no_such_time(text: &str) -> ValueError {
    let given = quoted(text);
    ValueError::out_of_range(format!(
        "{given} is no time of a day: hours go to 23, minutes and seconds to 59, offsets to 23:59, years from 0001 to 9999"
    ))
}

/// Whether the text is as long as the shape, with a digit for each `d` and the same character for all else.
fn is_shaped(text: &str, shape: &str) -> bool {
    let fits = |(given, wanted): (u8, u8)| match wanted {
        b'd' => given.is_ascii_digit(),
        _ => given == wanted,
    };
    text.len() == shape.len() && text.bytes().zip(shape.bytes()).all(fits)
}

/// The number of a few digits that were checked before.
fn number(digits: &str) -> u32 {
    digits
        .bytes()
        .fold(0, |sum, byte| sum * 10 + u32::from(byte - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::ValueErrorCode::{OutOfRange, WrongType};

    #[test]
    fn reads_dates() {
        for text in ["2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(text).unwrap().to_string(), text);
        }
        for text in [
            "2023-02-29",
            "2024-13-01",
            "2024-00-10",
            "2024-04-31",
            "0000-01-01",
        ] {
            assert_eq!(date(text).unwrap_err().code, OutOfRange, "{text}");
        }
        for text in [
            "31.12.2024",
            "12/31/2024",
            "2024-1-5",
            "45291",
            "2024-01-01T00:00:00",
            "2024-01-0é",
            "äääää",
        ] {
            assert_eq!(date(text).unwrap_err().code, WrongType, "{text}");
        }
    }

    #[test]
    fn reads_times() {
        for (text, expected) in [
            ("00:00", "00:00:00"),
            ("23:59:59", "23:59:59"),
            ("14:30", "14:30:00"),
        ] {
            assert_eq!(time(text).unwrap().to_string(), expected);
        }
        for text in ["24:00", "12:60", "12:00:60"] {
            assert_eq!(time(text).unwrap_err().code, OutOfRange, "{text}");
        }
        for text in ["9:30", "2pm", "14:30:00.5", "14.30", "1430"] {
            assert_eq!(time(text).unwrap_err().code, WrongType, "{text}");
        }
    }

    #[test]
    fn reads_dates_with_times() {
        let table = [
            ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
            ("2024-05-01t10:00z", "2024-05-01T10:00:00Z"),
            ("2024-05-01T10:00:00.5+05:30", "2024-05-01T04:30:00.500Z"),
            (
                "2024-05-01T10:00:00.1234560000-00:00",
                "2024-05-01T10:00:00.123456Z",
            ),
            ("2024-05-01 10:00", "2024-05-01T08:00:00Z"),
            ("2024-01-01T10:00:07", "2024-01-01T09:00:07Z"),
            // The hour that came twice: the earlier, in summer time.
            ("2024-10-27T02:30", "2024-10-27T00:30:00Z"),
        ];
        for (text, expected) in table {
            let instant = date_time(text, Tz::Europe__Berlin).unwrap();
            let written = instant.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true);
            assert_eq!(written, expected, "{text}");
        }
    }

    #[test]
    fn refuses_dates_with_times() {
        let table = [
            (
                "2024-03-31T02:30",
                OutOfRange,
                "does not exist in Europe/Berlin",
            ),
            ("2024-02-30T10:00", OutOfRange, "no day"),
            ("2024-02-01T24:00", OutOfRange, "no time"),
            ("2024-02-01T23:59:60Z", OutOfRange, "no time"),
            ("2024-02-01T10:00:00+24:00", OutOfRange, "no time"),
            ("0001-01-01T00:00:00+01:00", OutOfRange, "no time"),
            ("9999-12-31T23:59:59-01:00", OutOfRange, "no time"),
            ("2024-05-01T10:00:00.1234567Z", OutOfRange, "microseconds"),
            ("2024-05-01", WrongType, "14:30"),
            ("2024-05-01T", WrongType, "14:30"),
            ("2024-05-01T10", WrongType, "14:30"),
            ("2024-05-01T10:00:00.Z", WrongType, "14:30"),
            ("2024-05-01T10:00.5Z", WrongType, "14:30"),
            ("2024-05-01T10:00:00+02", WrongType, "14:30"),
            ("2024-05-01T10:00:00 +02:00", WrongType, "14:30"),
            ("01.05.2024 10:00", WrongType, "14:30"),
            ("1714557600", WrongType, "14:30"),
            ("ää2024-05T10:00", WrongType, "14:30"),
        ];
        for (text, code, part) in table {
            let error = date_time(text, Tz::Europe__Berlin).unwrap_err();
            assert_eq!(error.code, code, "{text}");
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }
}
