//! Conditions on instants, dates, times of day and numbers: comparisons of one value with bounds.

use super::{
    DateFilter, DateTimeFilter, DurationFilter, NumberFilter, TimeFilter, asked::Scope,
    place::Place, sql::Sql, text::is_set,
};
use crate::{
    db::{bulk::Cell, dialect::Kind},
    error::Result,
    scalar::{Date, DateTime as Instant, Duration, Span, Time, TimeZone},
    value::{Slot, Value as Attribute},
};
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use sea_orm::Value;

/// Conditions on one value that is compared, as they are being written: each begins with AND.
struct Compared<'a> {
    sql: &'a mut Sql,
    place: &'a mut Place,
    /// SQL of the value; NULL where there is none.
    value: &'a str,
}

impl Compared<'_> {
    /// Compares with a bound.
    fn test(&mut self, operator: &str, bound: impl Into<Value>) {
        let value = self.sql.push(" AND ").push(self.value);
        value.push(operator).bind(bound);
    }

    /// The conditions of these names that are given.
    fn bounds<T>(&mut self, given: &[(&str, &str, Option<T>)]) -> Result<()>
    where
        T: Copy + Into<Value>,
    {
        for (name, operator, bound) in given {
            if let Some(bound) = bound {
                self.place.leaf_at(name)?;
                self.test(operator, *bound);
            }
        }
        Ok(())
    }

    fn is_set(&mut self, given: Option<bool>) -> Result<()> {
        if let Some(is) = given {
            self.place.leaf_at("isSet")?;
            self.sql.push(" AND ").push(self.value).push(is_set(is));
        }
        Ok(())
    }
}

/// Writes conditions that `write` gives, in brackets.
fn compared(
    sql: &mut Sql,
    place: &mut Place,
    value: &str,
    write: impl FnOnce(&mut Compared<'_>) -> Result<()>,
) -> Result<()> {
    sql.push("(TRUE");
    write(&mut Compared {
        sql: &mut *sql,
        place,
        value,
    })?;
    sql.push(")");
    Ok(())
}

/// Writes conditions on a NUMBER.
pub(super) fn number(
    sql: &mut Sql,
    value: &str,
    filter: &NumberFilter,
    place: &mut Place,
) -> Result<()> {
    let NumberFilter {
        eq,
        any,
        lt,
        lte,
        gt,
        gte,
        is_set,
    } = filter;
    compared(sql, place, value, |compared| {
        compared.bounds(&[
            ("eq", " = ", *eq),
            ("lt", " < ", *lt),
            ("lte", " <= ", *lte),
            ("gt", " > ", *gt),
            ("gte", " >= ", *gte),
        ])?;
        if let Some(any) = any {
            compared.place.at("in", |place| {
                place.leaf()?;
                place.list(any)
            })?;
            let cells: Vec<Cell> = any.iter().copied().map(Cell::Double).collect();
            let value = compared.sql.push(" AND ").push(value);
            value.one_of(Kind::Double, &cells);
        }
        compared.is_set(*is_set)
    })
}

/// Writes conditions on a DATE, whose value counts days.
pub(super) fn date(
    sql: &mut Sql,
    value: &str,
    filter: &DateFilter,
    scope: &Scope<'_>,
    place: &mut Place,
) -> Result<()> {
    let DateFilter {
        time_zone,
        eq,
        before,
        after,
        on_or_before,
        on_or_after,
        in_last,
        in_next,
        is_set,
    } = filter;
    let zone = zone(time_zone.as_ref(), scope);
    let today = slot(&Attribute::Date(
        scope.now.with_timezone(&zone).date_naive(),
    ));
    let day = |date: &Option<Date>| date.as_ref().map(|date| slot(&Attribute::Date(date.0)));
    compared(sql, place, value, |compared| {
        compared.bounds(&[
            ("eq", " = ", day(eq)),
            ("before", " < ", day(before)),
            ("after", " > ", day(after)),
            ("onOrBefore", " <= ", day(on_or_before)),
            ("onOrAfter", " >= ", day(on_or_after)),
        ])?;
        for (name, span, sign) in [("inLast", in_last, -1.0), ("inNext", in_next, 1.0)] {
            let Some(span) = span else { continue };
            let days = compared.place.at(name, |place| {
                place.leaf()?;
                whole_days(span.0).ok_or_else(|| {
                    place.refuse("A date is so many whole days ago or ahead: give P7D, not PT12H.")
                })
            })?;
            let other = today + sign * days;
            compared.test(" >= ", today.min(other));
            compared.test(" <= ", today.max(other));
        }
        compared.is_set(*is_set)
    })
}

/// Writes conditions on a TIME, whose value counts seconds.
pub(super) fn time(
    sql: &mut Sql,
    value: &str,
    filter: &TimeFilter,
    place: &mut Place,
) -> Result<()> {
    let TimeFilter {
        eq,
        before,
        after,
        is_set,
    } = filter;
    let of_day = |time: &Option<Time>| time.as_ref().map(|time| slot(&Attribute::Time(time.0)));
    compared(sql, place, value, |compared| {
        compared.bounds(&[
            ("eq", " = ", of_day(eq)),
            ("before", " < ", of_day(before)),
            ("after", " > ", of_day(after)),
        ])?;
        compared.is_set(*is_set)
    })
}

/// Writes conditions on an instant; `bind` makes of one what the value is compared with.
pub(super) fn date_time<V: Copy + Into<Value>>(
    sql: &mut Sql,
    value: &str,
    filter: &DateTimeFilter,
    scope: &Scope<'_>,
    place: &mut Place,
    bind: impl Fn(DateTime<Utc>) -> V,
) -> Result<()> {
    let DateTimeFilter {
        time_zone,
        on,
        before,
        after,
        on_or_before,
        on_or_after,
        in_last,
        not_in_last,
        is_set,
    } = filter;
    let zone = zone(time_zone.as_ref(), scope);
    let instant = |given: &Option<Instant>| given.as_ref().map(|given| bind(given.0));
    let since = |span: Span| since(span, zone, scope.now);
    compared(sql, place, value, |compared| {
        compared.bounds(&[
            ("before", " < ", instant(before)),
            ("after", " > ", instant(after)),
            ("onOrBefore", " <= ", instant(on_or_before)),
            ("onOrAfter", " >= ", instant(on_or_after)),
        ])?;
        if let Some(day) = on {
            compared.place.leaf_at("on")?;
            compared.test(" >= ", bind(midnight(day.0, zone)));
            compared.test(" < ", bind(midnight(next(day.0), zone)));
        }
        if let Some(span) = in_last {
            compared.place.leaf_at("inLast")?;
            compared.test(" >= ", bind(since(span.0)));
            compared.test(" <= ", bind(scope.now));
        }
        if let Some(span) = not_in_last {
            compared.place.leaf_at("notInLast")?;
            compared.sql.push(" AND (TRUE");
            compared.test(" >= ", bind(since(span.0)));
            compared.test(" <= ", bind(scope.now));
            compared.sql.push(") IS NOT TRUE");
        }
        compared.is_set(*is_set)
    })
}

/// Writes conditions on the time that has passed since an instant.
pub(super) fn passed(
    sql: &mut Sql,
    value: &str,
    filter: &DurationFilter,
    scope: &Scope<'_>,
    place: &mut Place,
) -> Result<()> {
    let DurationFilter { lt, gt } = filter;
    let ago = |given: &Option<Duration>| given.as_ref().map(|of| scope.now - of.0.length());
    compared(sql, place, value, |compared| {
        compared.bounds(&[("lt", " > ", ago(lt)), ("gt", " < ", ago(gt))])
    })
}

fn zone(given: Option<&TimeZone>, scope: &Scope<'_>) -> Tz {
    given
        .and_then(|zone| zone.0.parse().ok())
        .unwrap_or(scope.zone)
}

/// The number that a value has in its slot.
fn slot(value: &Attribute) -> f64 {
    match value.slot() {
        Some(Slot::Number(number)) => number,
        Some(Slot::Text(_)) | None => 0.0,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "spans are bounded far below 2^53"
)]
fn whole_days(span: Span) -> Option<f64> {
    let seconds = span.seconds.unwrap_or_default();
    (seconds % 86_400 == 0).then(|| (span.days + seconds / 86_400) as f64)
}

/// From when on an instant is in the last time: of whole days the midnight that they begin with.
fn since(span: Span, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    if span.seconds.is_some() {
        return now - span.length();
    }
    let today = now.with_timezone(&zone).date_naive();
    let days = Days::new(u64::try_from(span.days).unwrap_or_default());
    midnight(today.checked_sub_days(days).unwrap_or(NaiveDate::MIN), zone)
}

/// The first instant of a day in a zone: where midnight is skipped, what comes next; where it comes twice, the first.
fn midnight(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let quarters = (0..=96).map(|n| midnight + chrono::TimeDelta::minutes(15 * n));
    quarters
        .filter_map(|local| zone.from_local_datetime(&local).earliest())
        .map(|instant| instant.to_utc())
        .next()
        .unwrap_or_else(|| midnight.and_utc())
}

fn next(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(NaiveDate::MAX)
}
