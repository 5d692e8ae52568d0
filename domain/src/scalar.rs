//! The scalars of the API: written forms that are more than a string. Here, since filters are stored in them.
//!
//! A value that is not of the form is refused before anything is executed. In answers the form is always the one described.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{
    DateTime as Instant, NaiveDate, NaiveTime, SecondsFormat, SubsecRound, TimeDelta, Timelike, Utc,
};

/// Declares a scalar whose value is kept as it is written; `$read` gives its one form, or none.
macro_rules! text_scalar {
    ($(#[$($doc:tt)*])* $visibility:vis $name:ident, $options:tt, $read:expr) => {
        $(#[$($doc)*])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        $visibility struct $name($visibility String);

        $(#[$($doc)*])*
        #[Scalar $options]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let read: fn(&str) -> Option<String> = $read;
                read_text(value, |text| read(text).map(Self))
            }

            fn is_valid(value: &Value) -> bool {
                Self::parse(value.clone()).is_ok()
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.clone())
            }
        }
    };
}

/// Declares a scalar of chrono's.
macro_rules! time_scalar {
    ($(#[$($doc:tt)*])* $visibility:vis $name:ident($inner:ty), $options:tt, $read:expr, $write:expr) => {
        $(#[$($doc)*])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        $visibility struct $name($visibility $inner);

        $(#[$($doc)*])*
        #[Scalar $options]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                let read: fn(&str) -> Option<$inner> = $read;
                read_text(value, |text| read(text).map(Self))
            }

            fn is_valid(value: &Value) -> bool {
                Self::parse(value.clone()).is_ok()
            }

            fn to_value(&self) -> Value {
                let write: fn(&$inner) -> String = $write;
                Value::String(write(&self.0))
            }
        }
    };
}

fn read_text<T: ScalarType + async_graphql::InputType>(
    value: Value,
    read: impl Fn(&str) -> Option<T>,
) -> InputValueResult<T> {
    let read = match &value {
        Value::String(text) => read(text),
        _ => None,
    };
    read.ok_or_else(|| {
        InputValueError::expected_type(value).with_extension("code", "BAD_USER_INPUT")
    })
}

time_scalar!(
    /// An instant of RFC 3339, such as `2026-11-21T14:30:00Z`; in answers always UTC, to the microsecond at most. In inputs with any
    /// offset; what is finer than a microsecond is cut.
    pub DateTime(Instant<Utc>),
    (specified_by_url = "https://www.rfc-editor.org/rfc/rfc3339"),
    |text| Some(Instant::parse_from_rfc3339(text).ok()?.to_utc().trunc_subsecs(6)),
    |instant| instant.to_rfc3339_opts(SecondsFormat::AutoSi, true)
);

time_scalar!(
    /// A calendar date of ISO 8601: `YYYY-MM-DD`.
    pub Date(NaiveDate),
    (specified_by_url = "https://www.iso.org/iso-8601-date-and-time-format.html"),
    |text| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10),
    |date| date.format("%Y-%m-%d").to_string()
);

time_scalar!(
    /// A local time of day of ISO 8601: `HH:MM` or `HH:MM:SS`; in answers always with seconds.
    pub Time(NaiveTime),
    (specified_by_url = "https://www.iso.org/iso-8601-date-and-time-format.html"),
    |text| ["%H:%M:%S", "%H:%M"]
        .iter()
        .find_map(|form| NaiveTime::parse_from_str(text, form).ok())
        .filter(|time| time.nanosecond() < 1_000_000_000),
    |time| time.format("%H:%M:%S").to_string()
);

time_scalar!(
    /// A duration of ISO 8601 in weeks or in days, hours, minutes and seconds, such as `PT24H`, `P7D` or `PT1M30S`. Never negative, at most
    /// 100,000 days.
    pub Duration(Span),
    (specified_by_url = "https://www.iso.org/iso-8601-date-and-time-format.html"),
    read_duration,
    write_duration
);

text_scalar!(
    /// A phone number of E.164 with its `+`, such as `+4915112345678`.
    pub PhoneNumber,
    (specified_by_url = "https://www.itu.int/rec/T-REC-E.164"),
    |text| {
        let digits = text.strip_prefix('+')?;
        let fits = (5..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| text.to_owned())
    }
);

text_scalar!(
    /// An e-mail address, such as `name@example.com`.
    pub EmailAddress,
    (specified_by_url = "https://www.rfc-editor.org/rfc/rfc5322#section-3.4.1"),
    |text| Some(crate::email::normalise(text).ok()?.address)
);

text_scalar!(
    /// A country: two letters of ISO 3166-1, such as `DE`; in answers in capitals. Countries without telephones of their own are not
    /// known.
    pub CountryCode,
    (specified_by_url = "https://www.iso.org/iso-3166-country-codes.html"),
    |text| crate::contact::country(text).ok()?
);

text_scalar!(
    /// A language tag of BCP 47, such as `de` or `pt-BR`.
    pub Locale,
    (specified_by_url = "https://www.rfc-editor.org/info/bcp47"),
    |text| crate::contact::language(text).ok()?
);

text_scalar!(
    /// A time zone by its IANA name, such as `Europe/Berlin`.
    pub TimeZone,
    (specified_by_url = "https://www.iana.org/time-zones"),
    |text| crate::workspace::checked_zone("timeZone", text).ok()
);

text_scalar!(
    /// An absolute URL.
    pub Url,
    (name = "URL", specified_by_url = "https://url.spec.whatwg.org/"),
    |text| text.contains("://").then(|| text.to_owned())
);

/// Days, and time beside them: a filter tells a day, which begins at midnight, from 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Whole days.
    pub days: i64,
    /// Seconds beside them; none where whole days were meant, if only those of today (`P0D`).
    pub seconds: Option<i64>,
}

impl Span {
    /// How long it is; a day has 24 hours.
    pub fn length(self) -> TimeDelta {
        TimeDelta::days(self.days) + TimeDelta::seconds(self.seconds.unwrap_or_default())
    }
}

impl From<TimeDelta> for Span {
    fn from(length: TimeDelta) -> Self {
        let seconds = length.num_seconds().max(0);
        Self {
            days: seconds / 86_400,
            seconds: Some(seconds % 86_400).filter(|rest| *rest > 0 || seconds == 0),
        }
    }
}

/// So much that no sum with an instant leaves the calendar.
const MAX_DAYS: i64 = 100_000;

fn write_duration(span: &Span) -> String {
    let Span { days, seconds } = *span;
    let is_time = seconds.is_some();
    let seconds = seconds.unwrap_or_default();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let mut text = String::from("P");
    if days > 0 {
        text.push_str(&format!("{days}D"));
    }
    if hours + minutes + seconds > 0 {
        text.push('T');
        for (number, unit) in [(hours, 'H'), (minutes, 'M'), (seconds, 'S')] {
            if number > 0 {
                text.push_str(&format!("{number}{unit}"));
            }
        }
    }
    if text == "P" {
        return if is_time { "PT0S" } else { "P0D" }.to_owned();
    }
    text
}

fn read_duration(text: &str) -> Option<Span> {
    let rest = text.strip_prefix('P')?;
    let (date, time) = match rest.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, Some(time)),
        None => (rest, None),
    };
    if date.is_empty() && time.is_none() {
        return None;
    }
    let days = read_units(date, &[('W', 7), ('D', 1)])?;
    let seconds = match time {
        Some(time) => Some(read_units(time, &[('H', 3600), ('M', 60), ('S', 1)])?),
        None => None,
    };
    let seconds = seconds.filter(|seconds| *seconds > 0 || days == 0);
    let fits = days <= MAX_DAYS && seconds.is_none_or(|seconds| seconds <= MAX_DAYS * 86_400);
    fits.then_some(Span { days, seconds })
}

/// Numbers with units in their order, each at most once, summed by what they are worth.
fn read_units(mut text: &str, units: &[(char, i64)]) -> Option<i64> {
    let mut sum = 0_i64;
    for (unit, worth) in units {
        if let Some((number, rest)) = text.split_once(*unit) {
            let number = Some(number).filter(|n| n.bytes().all(|b| b.is_ascii_digit()))?;
            sum = sum.checked_add(number.parse::<i64>().ok()?.checked_mul(*worth)?)?;
            text = rest;
        }
    }
    text.is_empty().then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_written_form() {
        for (text, seconds, written) in [
            ("PT24H", 86_400, "PT24H"),
            ("PT0H", 0, "PT0S"),
            ("P7D", 604_800, "P7D"),
            ("P1W", 604_800, "P7D"),
            ("PT1M30S", 90, "PT1M30S"),
            ("P1DT1H", 90_000, "P1DT1H"),
            ("PT0S", 0, "PT0S"),
            ("P0D", 0, "P0D"),
            ("P0W", 0, "P0D"),
            ("P1DT0S", 86_400, "P1D"),
        ] {
            let duration = read_duration(text).expect(text);
            assert_eq!(duration.length().num_seconds(), seconds, "{text}");
            assert_eq!(write_duration(&duration), written);
        }
        for wrong in [
            "",
            "P",
            "PT",
            "1D",
            "P1",
            "P-1D",
            "PT1D",
            "P1H",
            "P1DT",
            "P99999999999999999999D",
            "PT1S1H",
        ] {
            assert_eq!(read_duration(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn times_are_refused_or_kept() {
        let time = |text: &str| {
            Time::parse(Value::from(text))
                .map(|time| time.to_value())
                .ok()
        };
        assert_eq!(time("14:30"), Some(Value::from("14:30:00")));
        assert_eq!(time("24:00"), None);
        assert_eq!(time("23:59:60"), None);
        let date = |text: &str| Date::parse(Value::from(text)).is_ok();
        assert!(date("2024-02-29") && !date("2023-02-29") && !date("2024-2-29"));
        let instant = |text: &str| {
            DateTime::parse(Value::from(text))
                .map(|i| i.to_value())
                .ok()
        };
        assert_eq!(
            instant("2024-01-01T00:00:00.1234567+01:00"),
            Some(Value::from("2023-12-31T23:00:00.123456Z"))
        );
        assert_eq!(instant("2024-01-01"), None);
    }
}
