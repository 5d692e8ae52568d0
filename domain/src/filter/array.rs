//! Conditions on the items of an ARRAY.

use super::{ArrayFilter, attribute::At, place::Place, sql::Sql};
use crate::{
    db::{bulk::Cell, dialect},
    error::Result,
    value,
};
use serde_json::Value as Json;

impl At<'_> {
    /// Writes all conditions that are given.
    pub(super) fn array(
        &self,
        sql: &mut Sql,
        filter: &ArrayFilter,
        place: &mut Place,
    ) -> Result<()> {
        let ArrayFilter {
            any_of,
            all_of,
            none_of,
            is_empty,
            is_set,
        } = filter;
        let mut check = |name: &str, list: &[Json], conditions: usize| {
            place.at(name, |place| {
                place.list(list)?;
                list.iter().try_for_each(|item| check_texts(place, item))?;
                (0..conditions).try_for_each(|_| place.leaf())
            })
        };
        let items = |list: &[Json]| -> Vec<Cell> {
            list.iter()
                .map(|item| Cell::Text(value::item(item)))
                .collect()
        };
        sql.push("(TRUE");
        if let Some(any) = any_of {
            check("anyOf", any, 1)?;
            sql.push(" AND ");
            self.has_item(sql, &items(any));
        }
        if let Some(all) = all_of {
            check("allOf", all, all.len().max(1))?;
            sql.push(" AND ");
            self.is_set(sql, true);
            for item in items(all) {
                sql.push(" AND ");
                self.has_item(sql, &[item]);
            }
        }
        if let Some(none) = none_of {
            check("noneOf", none, 1)?;
            sql.push(" AND (");
            self.has_item(sql, &items(none));
            sql.push(") IS NOT TRUE");
        }
        if let Some(is_empty) = is_empty {
            check("isEmpty", &[], 1)?;
            let length = dialect::array_length(sql.backend, self.key);
            sql.push(" AND ")
                .push(&length)
                .push(if *is_empty { " = 0" } else { " > 0" });
        }
        if let Some(is) = is_set {
            check("isSet", &[], 1)?;
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
}

/// Checks the texts of an item, wherever they stand in it.
fn check_texts(place: &Place, item: &Json) -> Result<()> {
    match item {
        Json::String(text) => place.text(text),
        Json::Array(items) => items.iter().try_for_each(|item| check_texts(place, item)),
        Json::Object(entries) => entries.iter().try_for_each(|(key, value)| {
            place.text(key)?;
            check_texts(place, value)
        }),
        _ => Ok(()),
    }
}
