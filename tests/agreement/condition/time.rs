//! Conditions on dates, times of day and instants.

use super::Conditions;
use crate::agreement::{data, world::text};
use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use serde_json::Value;

impl Conditions<'_> {
    pub(super) fn date(&mut self, drawn: Option<Value>) -> (&'static str, Value) {
        let names = [
            "eq",
            "before",
            "after",
            "onOrBefore",
            "onOrAfter",
            "inLast",
            "inNext",
        ];
        let name = *self.random.pick(&names);
        let wanted = match name {
            "inLast" | "inNext" => self.duration(false),
            _ => drawn.unwrap_or_else(|| data::date(&mut self.random, self.world.made).into()),
        };
        (name, wanted)
    }

    pub(super) fn time(&mut self, drawn: Option<Value>) -> (&'static str, Value) {
        let drawn = drawn.map_or_else(|| data::time(&mut self.random), |drawn| text(&drawn));
        // Seconds may be left out where there are none.
        let short = drawn.strip_suffix(":00").filter(|_| self.random.once_in(2));
        let wanted = short.unwrap_or(&drawn).into();
        (*self.random.pick(&["eq", "before", "after"]), wanted)
    }

    pub(super) fn instant(&mut self, drawn: Option<Value>) -> (&'static str, Value) {
        let drawn = drawn.map_or_else(
            || data::instant(&mut self.random, self.world.made),
            |drawn| text(&drawn),
        );
        let instant: DateTime<Utc> = drawn.parse().unwrap();
        let name = *self.random.pick(&[
            "on",
            "before",
            "after",
            "onOrBefore",
            "onOrAfter",
            "inLast",
            "notInLast",
        ]);
        let wanted = match name {
            "on" => {
                let zone = self.random.pick(&data::ZONES);
                instant.with_timezone(zone).date_naive().to_string()
            }
            "inLast" | "notInLast" => return (name, self.duration(true)),
            _ => {
                let off = *self.random.pick(&[-1, 0, 0, 0, 1]);
                let east = FixedOffset::east_opt(*self.random.pick(&[0, 19_800, -18_000])).unwrap();
                let written = (instant + TimeDelta::microseconds(off)).with_timezone(&east);
                // The first and the last day have no offset to carry them out of the calendar.
                match drawn.starts_with("0001") {
                    true => drawn,
                    false => written.to_rfc3339_opts(SecondsFormat::AutoSi, false),
                }
            }
        };
        (name, wanted.into())
    }

    /// Whole days, and others where they are taken.
    pub(super) fn duration(&mut self, has_hours: bool) -> Value {
        let number = self.random.below(9);
        let written = match self.random.below(if has_hours { 7 } else { 4 }) {
            0 | 1 => format!("P{number}D"),
            2 => "P1W".to_owned(),
            3 if !has_hours => "PT48H".to_owned(),
            3 | 4 => format!("PT{}H", 12 * number),
            5 => format!("P{number}DT6H30M"),
            _ => "P2000D".to_owned(),
        };
        written.into()
    }
}
