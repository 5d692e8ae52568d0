//! Conditions on custom attributes: each type has its own, and they are refused for others.

use super::{
    ArrayFilter, AttributeFilter, BooleanFilter, LocationFilter,
    asked::Scope,
    place::Place,
    sql::Sql,
    text::{self, Source, is_set},
    time,
};
use crate::{
    db::{bulk::Cell, dialect},
    error::Result,
    value::{self, Slot, Value},
};
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
    let slot = attribute
        .slot
        .as_ref()
        .map(|slot| format!("contact.{slot}"));
    if slot.is_none() {
        sql.note_scan();
    }
    let key = attribute.id.0.to_string();
    let at = At {
        key: &key,
        slot: slot.as_deref(),
    };
    place.at(given, |place| at.write(sql, filter, scope, place))
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
struct At<'a> {
    /// In the comparable document.
    key: &'a str,
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
            return time::number(sql, &self.number(sql), filter, place);
        }
        if let Some(filter) = &filter.date {
            return time::date(sql, &self.number(sql), filter, scope, place);
        }
        if let Some(filter) = &filter.time {
            return time::time(sql, &self.number(sql), filter, place);
        }
        if let Some(filter) = &filter.date_time {
            // The slot has milliseconds, the document microseconds.
            let slotted = self.slot.is_some();
            let bind = |instant| match Value::DateTime(instant).slot() {
                Some(Slot::Number(number)) if slotted => number,
                Some(Slot::Number(number)) => number * 1000.0,
                Some(Slot::Text(_)) | None => 0.0,
            };
            return time::date_time(sql, &self.number(sql), filter, scope, place, bind);
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

    fn number(&self, sql: &Sql) -> String {
        match self.slot {
            Some(slot) => slot.to_owned(),
            None => dialect::as_double(sql.backend, &self.document(sql)),
        }
    }

    fn is_set(&self, sql: &mut Sql, is: bool) {
        let value = self.slot.map_or_else(|| self.document(sql), str::to_owned);
        sql.push(&value).push(is_set(is));
    }

    fn boolean(&self, sql: &mut Sql, filter: &BooleanFilter, place: &mut Place) -> Result<()> {
        let BooleanFilter { eq, is_set } = filter;
        let value = self.document(sql);
        sql.push("(TRUE");
        if let Some(eq) = eq {
            place.at("eq", |place| place.leaf())?;
            let is = dialect::is_true(sql.backend, *eq);
            sql.push(" AND ").push(&value).push(is);
        }
        if let Some(is) = is_set {
            place.at("isSet", |place| place.leaf())?;
            sql.push(" AND ");
            self.is_set(sql, *is);
        }
        sql.push(")");
        Ok(())
    }

    fn array(&self, sql: &mut Sql, filter: &ArrayFilter, place: &mut Place) -> Result<()> {
        let ArrayFilter {
            any_of,
            all_of,
            none_of,
            is_empty,
            is_set,
        } = filter;
        let mut check = |name: &str, list: &[serde_json::Value]| {
            place.at(name, |place| {
                place.leaf()?;
                place.list(list)?;
                list.iter().try_for_each(|item| check_texts(place, item))
            })
        };
        let items = |list: &[serde_json::Value]| -> Vec<Cell> {
            list.iter()
                .map(|item| Cell::Text(value::item(item)))
                .collect()
        };
        sql.push("(TRUE");
        if let Some(any) = any_of {
            check("anyOf", any)?;
            sql.push(" AND ");
            self.has_item(sql, &items(any));
        }
        if let Some(all) = all_of {
            check("allOf", all)?;
            sql.push(" AND ");
            self.is_set(sql, true);
            for item in items(all) {
                sql.push(" AND ");
                self.has_item(sql, &[item]);
            }
        }
        if let Some(none) = none_of {
            check("noneOf", none)?;
            sql.push(" AND (");
            self.has_item(sql, &items(none));
            sql.push(") IS NOT TRUE");
        }
        if let Some(is_empty) = is_empty {
            check("isEmpty", &[])?;
            let length = dialect::array_length(sql.backend, self.key);
            sql.push(" AND ")
                .push(&length)
                .push(if *is_empty { " = 0" } else { " > 0" });
        }
        if let Some(is) = is_set {
            check("isSet", &[])?;
            sql.push(" AND ");
            self.is_set(sql, *is);
        }
        sql.push(")");
        Ok(())
    }

    /// Writes that the array has one of these items.
    fn has_item(&self, sql: &mut Sql, items: &[Cell]) {
        let (before, after) = dialect::has_item(sql.backend, self.key);
        let list = dialect::list(sql.backend, items);
        sql.push(&before).bind(list).push(after);
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
            for (n, middle) in value::on_sphere(circle.latitude, circle.longitude)
                .into_iter()
                .enumerate()
            {
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
            place.at("isSet", |place| place.leaf())?;
            sql.push(" AND ");
            self.is_set(sql, *is);
        }
        sql.push(")");
        Ok(())
    }
}

/// Checks the texts of an item, wherever they stand in it.
fn check_texts(place: &Place, item: &serde_json::Value) -> Result<()> {
    match item {
        serde_json::Value::String(text) => place.text(text),
        serde_json::Value::Array(items) => {
            items.iter().try_for_each(|item| check_texts(place, item))
        }
        serde_json::Value::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            place.text(key)?;
            check_texts(place, value)
        }),
        _ => Ok(()),
    }
}
