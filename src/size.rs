//! Sizes and times as people write them: `2GiB`, `500 MB`, `2s`.

use std::{fmt, str::FromStr, time::Duration};

const UNITS: [(&str, u64); 9] = [
    ("b", 1),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
];

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = split(text);
        let bytes = match unit.as_str() {
            "" => Some(1),
            unit => UNITS
                .iter()
                .find(|(name, _)| *name == unit)
                .map(|(_, bytes)| *bytes),
        };
        let size = number
            .zip(bytes)
            .and_then(|(number, bytes)| number.checked_mul(bytes));
        match size {
            Some(size) if size > 0 => Ok(Self(size)),
            _ => Err("give a whole number and a unit, such as 500MB or 2GiB".to_owned()),
        }
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = UNITS[1..5]
            .iter()
            .rev()
            .find(|(_, bytes)| self.0.is_multiple_of(*bytes));
        match whole {
            Some((name, bytes)) => {
                let name = name.to_uppercase().replace('I', "i");
                write!(f, "{}{name}", self.0 / bytes)
            }
            None => write!(f, "{}", self.0),
        }
    }
}

/// Reads `2s`, `500ms` or `1m`; nothing is no time.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = split(text);
    let duration = number.and_then(|number| match unit.as_str() {
        "ms" => Some(Duration::from_millis(number)),
        "s" | "" => Some(Duration::from_secs(number)),
        "m" | "min" => number.checked_mul(60).map(Duration::from_secs),
        _ => None,
    });
    // An upper bound, so that sums of times cannot overflow.
    let sane = |duration: &Duration| !duration.is_zero() && *duration <= Duration::from_secs(3600);
    duration
        .filter(sane)
        .ok_or_else(|| "give a time up to an hour, such as 2s or 500ms".to_owned())
}

/// The number, and the unit in small letters.
fn split(text: &str) -> (Option<u64>, String) {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (
        text[..end].parse().ok(),
        text[end..].trim().to_ascii_lowercase(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_and_written() {
        for (text, bytes) in [
            ("2GiB", 2 << 30),
            ("500 MB", 500_000_000),
            ("1048576", 1 << 20),
            ("7b", 7),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
        for bad in ["", "GiB", "-1", "1.5GiB", "2 bananas", "0", "99999999999TB"] {
            assert!(bad.parse::<Size>().is_err(), "{bad}");
        }
        assert_eq!(Size(2 << 30).to_string(), "2GiB");
        assert_eq!(Size(1_500).to_string(), "1500");
    }

    #[test]
    fn times_are_read() {
        assert_eq!(duration("2s"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("2"), Ok(Duration::from_secs(2)));
        assert_eq!(duration("500 ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1m"), Ok(Duration::from_secs(60)));
        for bad in ["", "s", "0s", "2h", "999999999999m", "1.5s"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
