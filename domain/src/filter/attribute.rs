//! Conditions on custom attributes: each type has its own, and they are refused for others.

use super::{
    AttributeFilter, BooleanFilter, DateTimeFilter, LocationFilter,
    asked::Scope,
    place::Place,
    sql::Sql,
    text::{self, Source, is_set},
    time,
};
use crate::{
    db::dialect,
    error::Result,
    value::{self, Slot, Value},
};
use chrono::{DateTime, Utc};
use entity::attribute::{AttributeType, Model};

/// The greatest distance on the earth, and some.
const MAX_RADIUS: f64 = 20_100_000.0;

/// Writes the one condition that is given.
pub(super) fn write(
    sql: &mut Sql,
    filter: &AttributeFilter,
    scope: &Scope<'_>,
    place: &mut Place,
) -> Result<()> {
    let Some(attribute) = scope.attributes.by_key(&filter.key) else {
        let message = format!(
            "There is no attribute \"{}\": it may have been deleted.",
            filter.key
        );
        return place.at("key", |place| Err(place.refuse(message)));
    };
    let given = one_condition(filter, attribute, place)?;
    let key = attribute.id.0.to_string();
    let write = |sql: &mut Sql, slot: Option<&str>, place: &mut Place| {
        let at = At { key: &key, slot };
        place.at(given, |place| at.write(sql, filter, scope, place))
    };
    match attribute.readable_slot() {
        Some(slot) => sql.on_slot(|sql, table| write(sql, Some(&format!("{table}.{slot}")), place)),
        None => write(sql, None, place),
    }
}

/// The name of the condition beside the key.
fn one_condition(
    filter: &AttributeFilter,
    attribute: &Model,
    place: &Place,
) -> Result<&'static str> {
    let AttributeFilter {
        key: _,
        text,
        number,
        date,
        time,
        date_time,
        boolean,
        array,
        location,
        is_set,
    } = filter;
    let given: Vec<(&str, Option<AttributeType>)> = [
        ("text", text.is_some(), Some(AttributeType::Text)),
        ("number", number.is_some(), Some(AttributeType::Number)),
        ("date", date.is_some(), Some(AttributeType::Date)),
        ("time", time.is_some(), Some(AttributeType::Time)),
        (
            "dateTime",
            date_time.is_some(),
            Some(AttributeType::DateTime),
        ),
        ("boolean", boolean.is_some(), Some(AttributeType::Boolean)),
        ("array", array.is_some(), Some(AttributeType::Array)),
        (
            "location",
            location.is_some(),
            Some(AttributeType::Location),
        ),
        ("isSet", is_set.is_some(), None),
    ]
    .into_iter()
    .filter_map(|(name, is_given, of)| is_given.then_some((name, of)))
    .collect();
    let [(name, of)] = given[..] else {
        return Err(
            place.refuse("Give exactly one condition beside the key; for several, use `and`.")
        );
    };
    if of.is_some_and(|of| of != attribute.r#type) {
        let message = format!(
            "The attribute \"{}\" is of type {}: {name} does not fit it.",
            attribute.key, attribute.r#type
        );
        return Err(place.refuse(message));
    }
    Ok(name)
}

/// Where an attribute's values stand.
pub(super) struct At<'a> {
    /// In the comparable document.
    pub(super) key: &'a str,
    /// In an indexed column, where it has one.
    slot: Option<&'a str>,
}

impl At<'_> {
    fn write(
        &self,
        sql: &mut Sql,
        filter: &AttributeFilter,
        scope: &Scope<'_>,
        place: &mut Place,
    ) -> Result<()> {
        if let Some(filter) = &filter.text {
            let source = Source {
                slot: self.slot,
                ..Source::document(sql, self.key)
            };
            return text::write(sql, &source, filter, place);
        }
        if let Some(filter) = &filter.number {
            let value = self.number(sql);
            return time::number(sql, &value, filter, place);
        }
        if let Some(filter) = &filter.date {
            let value = self.number(sql);
            return time::date(sql, &value, filter, scope, place);
        }
        if let Some(filter) = &filter.time {
            let value = self.number(sql);
            return time::time(sql, &value, filter, place);
        }
        if let Some(filter) = &filter.date_time {
            return self.date_time(sql, filter, scope, place);
        }
        if let Some(filter) = &filter.boolean {
            return self.boolean(sql, filter, place);
        }
        if let Some(filter) = &filter.array {
            return self.array(sql, filter, place);
        }
        if let Some(filter) = &filter.location {
            return self.location(sql, filter, place);
        }
        place.leaf()?;
        self.is_set(sql, filter.is_set.unwrap_or(true));
        Ok(())
    }

    fn document(&self, sql: &Sql) -> String {
        dialect::comparable(sql.backend, self.key)
    }

    fn number(&self, sql: &mut Sql) -> String {
        match self.slot {
            Some(slot) => {
                sql.note_index();
                slot.to_owned()
            }
            None => dialect::as_double(sql.backend, &self.document(sql)),
        }
    }

    fn date_time(
        &self,
        sql: &mut Sql,
        filter: &DateTimeFilter,
        scope: &Scope<'_>,
        place: &mut Place,
    ) -> Result<()> {
        if let Some(slot) = self.slot {
            sql.note_index();
            let bind = |instant| match Value::DateTime(instant).slot() {
                Some(Slot::Number(milliseconds)) => milliseconds,
                Some(Slot::Text(_)) | None => 0.0,
            };
            return time::date_time(sql, slot, filter, scope, place, bind);
        }
        let microseconds = dialect::as_bigint(sql.backend, &self.document(sql));
        let bind = |instant: DateTime<Utc>| instant.timestamp_micros();
        time::date_time(sql, &microseconds, filter, scope, place, bind)
    }

    pub(super) fn is_set(&self, sql: &mut Sql, is: bool) {
        let value = self.slot.map_or_else(|| self.document(sql), str::to_owned);
        sql.push(&value).push(is_set(is));
    }

    fn boolean(&self, sql: &mut Sql, filter: &BooleanFilter, place: &mut Place) -> Result<()> {
        let BooleanFilter { eq, is_set } = filter;
        let value = self.document(sql);
        sql.push("(TRUE");
        if let Some(eq) = eq {
            place.leaf_at("eq")?;
            let is = dialect::is_true(sql.backend, *eq);
            sql.push(" AND ").push(&value).push(is);
        }
        if let Some(is) = is_set {
            place.leaf_at("isSet")?;
            sql.push(" AND ");
            self.is_set(sql, *is);
        }
        sql.push(")");
        Ok(())
    }

    fn location(&self, sql: &mut Sql, filter: &LocationFilter, place: &mut Place) -> Result<()> {
        let LocationFilter { within, is_set } = filter;
        sql.push("(TRUE");
        if let Some(circle) = within {
            place.at("within", |place| {
                place.leaf()?;
                let fits = circle.latitude.abs() <= 90.0
                    && circle.longitude.abs() <= 180.0
                    && (0.0..=MAX_RADIUS).contains(&circle.radius);
                fits.then_some(()).ok_or_else(|| {
                    place.refuse("A circle has a latitude of -90 to 90, a longitude of -180 to 180, and a radius of 0 to 20,100,000 metres.")
                })
            })?;
            sql.push(" AND ");
            let middle = value::on_sphere(circle.latitude, circle.longitude);
            // Most are out of reach by one coordinate alone: reading one costs a third of reading all.
            let reach = value::chord_squared(circle.radius).sqrt() + 1e-12;
            let height = dialect::item_as_double(sql.backend, self.key, 2);
            sql.push(&height)
                .push(" >= ")
                .bind(middle[2] - reach)
                .push(" AND ");
            sql.push(&height)
                .push(" <= ")
                .bind(middle[2] + reach)
                .push(" AND ");
            for (n, middle) in middle.into_iter().enumerate() {
                let at = dialect::item_as_double(sql.backend, self.key, n);
                let plus = if n == 0 { "" } else { " + " };
                sql.push(plus).push("(").push(&at).push(" - ").bind(middle);
                sql.push(") * (")
                    .push(&at)
                    .push(" - ")
                    .bind(middle)
                    .push(")");
            }
            sql.push(" <= ").bind(value::chord_squared(circle.radius));
        }
        if let Some(is) = is_set {
            place.leaf_at("isSet")?;
            sql.push(" AND ");
            self.is_set(sql, *is);
        }
        sql.push(")");
        Ok(())
    }
}
