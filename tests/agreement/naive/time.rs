//! Conditions on dates, times of day and instants.

use super::given;
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;

/// What relative times are relative to.
pub(super) struct Clock {
    zone: Tz,
    now: DateTime<Utc>,
}

impl Clock {
    /// In the zone that the conditions name, or else in the workspace's.
    pub(super) fn new(workspace: Tz, conditions: &Value, now: DateTime<Utc>) -> Self {
        let named = conditions.get("timeZone").and_then(Value::as_str);
        let zone = named.map_or(workspace, |name| name.parse().unwrap());
        Self { zone, now }
    }

    fn day(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    pub(super) fn date(&self, value: Option<&str>, conditions: &Value) -> bool {
        let value = value.map(date);
        let today = self.day(self.now);
        given(conditions).all(|(name, wanted)| {
            let is = |compare: fn(&NaiveDate, &NaiveDate) -> bool| {
                value.is_some_and(|value| compare(&value, &date(wanted.as_str().unwrap())))
            };
            let days_off = || value.map(|value| (value - today).num_days());
            let days = || Span::read(wanted).length().num_days();
            match name.as_str() {
                "timeZone" => true,
                "eq" => is(NaiveDate::eq),
                "before" => is(NaiveDate::lt),
                "after" => is(NaiveDate::gt),
                "onOrBefore" => is(NaiveDate::le),
                "onOrAfter" => is(NaiveDate::ge),
                "inLast" => days_off().is_some_and(|off| (-days()..=0).contains(&off)),
                "inNext" => days_off().is_some_and(|off| (0..=days()).contains(&off)),
                "isSet" => value.is_some() == *wanted,
                other => panic!("{other} is no condition on a date"),
            }
        })
    }

    pub(super) fn instant(&self, value: Option<&Value>, conditions: &Value) -> bool {
        let value = value.map(instant);
        given(conditions).all(|(name, wanted)| {
            let is = |compare: fn(&DateTime<Utc>, &DateTime<Utc>) -> bool| {
                value.is_some_and(|value| compare(&value, &instant(wanted)))
            };
            let in_last = || value.is_some_and(|value| self.is_in_last(value, &Span::read(wanted)));
            match name.as_str() {
                "timeZone" => true,
                "on" => {
                    value.is_some_and(|value| self.day(value) == date(wanted.as_str().unwrap()))
                }
                "before" => is(DateTime::lt),
                "after" => is(DateTime::gt),
                "onOrBefore" => is(DateTime::le),
                "onOrAfter" => is(DateTime::ge),
                "inLast" => in_last(),
                "notInLast" => !in_last(),
                "isSet" => value.is_some() == *wanted,
                other => panic!("{other} is no condition on an instant"),
            }
        })
    }

    fn is_in_last(&self, value: DateTime<Utc>, span: &Span) -> bool {
        let is_recent = if span.whole_days {
            (self.day(self.now) - self.day(value)).num_days() <= span.length().num_days()
        } else {
            self.now - value <= span.length()
        };
        value <= self.now && is_recent
    }

    pub(super) fn passed_since(&self, value: Option<&str>, conditions: &Value) -> bool {
        let passed = value.map(|value| self.now - instant(&value.into()));
        given(conditions).all(|(name, wanted)| {
            let bound = Span::read(wanted).length();
            match name.as_str() {
                "lt" => passed.is_some_and(|passed| passed < bound),
                "gt" => passed.is_some_and(|passed| passed > bound),
                other => panic!("{other} is no condition on what has passed"),
            }
        })
    }
}

pub(super) fn of_day(value: Option<&str>, conditions: &Value) -> bool {
    given(conditions).all(|(name, wanted)| {
        // Of two texts of the same form the one that comes first is the earlier.
        let bound = || {
            let text = wanted.as_str().unwrap();
            if text.len() == 5 {
                format!("{text}:00")
            } else {
                text.to_owned()
            }
        };
        match name.as_str() {
            "eq" => value.is_some_and(|value| value == bound()),
            "before" => value.is_some_and(|value| *value < *bound()),
            "after" => value.is_some_and(|value| *value > *bound()),
            "isSet" => value.is_some() == *wanted,
            other => panic!("{other} is no condition on a time of day"),
        }
    })
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn instant(json: &Value) -> DateTime<Utc> {
    json.as_str().unwrap().parse().unwrap()
}

/// A duration of ISO 8601.
struct Span {
    weeks_to_seconds: [i64; 5],
    whole_days: bool,
}

impl Span {
    fn read(json: &Value) -> Self {
        let text = json.as_str().unwrap();
        let mut weeks_to_seconds = [0; 5];
        let mut number = String::new();
        for c in text.chars() {
            if c.is_ascii_digit() {
                number.push(c);
            } else if let Some(unit) = "WDHMS".find(c) {
                weeks_to_seconds[unit] = number.parse().unwrap();
                number.clear();
            }
        }
        Self {
            weeks_to_seconds,
            whole_days: !text.contains('T'),
        }
    }

    fn length(&self) -> TimeDelta {
        let [weeks, days, hours, minutes, seconds] = self.weeks_to_seconds;
        TimeDelta::days(7 * weeks + days)
            + TimeDelta::seconds(3600 * hours + 60 * minutes + seconds)
    }
}
