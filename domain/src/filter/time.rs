//! Conditions on instants, dates, times of day and numbers: comparisons of one value with bounds.

use super::{
    DateFilter, DateTimeFilter, DurationFilter, NumberFilter, TimeFilter, asked::Scope,
    place::Place, sql::Sql, text::is_set,
};
use crate::{
    db::{bulk::Cell, dialect::Kind},
    error::Result,
    scalar::{Span, TimeZone},
    value::{Slot, Value as Attribute},
};
use chrono::{DateTime, Days, NaiveDate, TimeZone as _, Utc};
use chrono_tz::Tz;
use sea_orm::Value;

/// A value that is compared: SQL of it, and how a bound is bound.
pub(super) struct Compared<'a> {
    /// NULL where there is none.
    pub(super) value: &'a str,
}

impl Compared<'_> {
    fn test(&self, sql: &mut Sql, operator: &str, bound: impl Into<Value>) {
        sql.push(" AND ")
            .push(self.value)
            .push(operator)
            .bind(bound);
    }

    fn is_set(&self, sql: &mut Sql, is: bool) {
        sql.push(" AND ").push(self.value).push(is_set(is));
    }
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
    let compared = Compared { value };
    sql.push("(TRUE");
    for (name, operator, bound) in [
        ("eq", " = ", eq),
        ("lt", " < ", lt),
        ("lte", " <= ", lte),
        ("gt", " > ", gt),
        ("gte", " >= ", gte),
    ] {
        if let Some(bound) = bound {
            place.at(name, |place| place.leaf())?;
            compared.test(sql, operator, *bound);
        }
    }
    if let Some(any) = any {
        place.at("in", |place| {
            place.leaf()?;
            place.list(any)
        })?;
        let cells: Vec<Cell> = any.iter().copied().map(Cell::Double).collect();
        sql.push(" AND ").push(value).one_of(Kind::Double, &cells);
    }
    if let Some(is) = is_set {
        place.at("isSet", |place| place.leaf())?;
        compared.is_set(sql, *is);
    }
    sql.push(")");
    Ok(())
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
    let compared = Compared { value };
    sql.push("(TRUE");
    for (name, operator, bound) in [
        ("eq", " = ", eq),
        ("before", " < ", before),
        ("after", " > ", after),
        ("onOrBefore", " <= ", on_or_before),
        ("onOrAfter", " >= ", on_or_after),
    ] {
        if let Some(bound) = bound {
            place.at(name, |place| place.leaf())?;
            compared.test(sql, operator, slot(&Attribute::Date(bound.0)));
        }
    }
    let today = scope
        .now
        .with_timezone(&zone(time_zone.as_ref(), scope))
        .date_naive();
    for (name, span, sign) in [("inLast", in_last, -1), ("inNext", in_next, 1)] {
        let Some(span) = span else { continue };
        let days = place.at(name, |place| {
            place.leaf()?;
            whole_days(span.0).ok_or_else(|| {
                place.refuse("A date is so many whole days ago or ahead: give P7D, not PT12H.")
            })
        })?;
        let today = slot(&Attribute::Date(today));
        let (from, to) = if sign < 0 {
            (today - days, today)
        } else {
            (today, today + days)
        };
        compared.test(sql, " >= ", from);
        compared.test(sql, " <= ", to);
    }
    if let Some(is) = is_set {
        place.at("isSet", |place| place.leaf())?;
        compared.is_set(sql, *is);
    }
    sql.push(")");
    Ok(())
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
    let compared = Compared { value };
    sql.push("(TRUE");
    for (name, operator, bound) in [
        ("eq", " = ", eq),
        ("before", " < ", before),
        ("after", " > ", after),
    ] {
        if let Some(bound) = bound {
            place.at(name, |place| place.leaf())?;
            compared.test(sql, operator, slot(&Attribute::Time(bound.0)));
        }
    }
    if let Some(is) = is_set {
        place.at("isSet", |place| place.leaf())?;
        compared.is_set(sql, *is);
    }
    sql.push(")");
    Ok(())
}

/// Writes conditions on an instant; `bind` makes of one what the value is compared with.
pub(super) fn date_time<V: Into<Value>>(
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
    let compared = Compared { value };
    let zone = zone(time_zone.as_ref(), scope);
    sql.push("(TRUE");
    for (name, operator, bound) in [
        ("before", " < ", before),
        ("after", " > ", after),
        ("onOrBefore", " <= ", on_or_before),
        ("onOrAfter", " >= ", on_or_after),
    ] {
        if let Some(bound) = bound {
            place.at(name, |place| place.leaf())?;
            compared.test(sql, operator, bind(bound.0));
        }
    }
    if let Some(day) = on {
        place.at("on", |place| place.leaf())?;
        compared.test(sql, " >= ", bind(midnight(day.0, zone)));
        compared.test(sql, " < ", bind(midnight(next(day.0), zone)));
    }
    let since = |span: Span| since(span, zone, scope.now);
    if let Some(span) = in_last {
        place.at("inLast", |place| place.leaf())?;
        compared.test(sql, " >= ", bind(since(span.0)));
        compared.test(sql, " <= ", bind(scope.now));
    }
    if let Some(span) = not_in_last {
        place.at("notInLast", |place| place.leaf())?;
        sql.push(" AND (TRUE");
        compared.test(sql, " >= ", bind(since(span.0)));
        compared.test(sql, " <= ", bind(scope.now));
        sql.push(") IS NOT TRUE");
    }
    if let Some(is) = is_set {
        place.at("isSet", |place| place.leaf())?;
        compared.is_set(sql, *is);
    }
    sql.push(")");
    Ok(())
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
    let compared = Compared { value };
    sql.push("(TRUE");
    for (name, operator, bound) in [("lt", " > ", lt), ("gt", " < ", gt)] {
        if let Some(bound) = bound {
            place.at(name, |place| place.leaf())?;
            compared.test(sql, operator, scope.now - bound.0.length());
        }
    }
    sql.push(")");
    Ok(())
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
    (span.seconds % 86_400 == 0).then(|| (span.days + span.seconds / 86_400) as f64)
}

/// From when on an instant is in the last time: of whole days the midnight that they begin with.
fn since(span: Span, zone: Tz, now: DateTime<Utc>) -> DateTime<Utc> {
    if span.seconds > 0 || span.days == 0 {
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
