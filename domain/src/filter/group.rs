//! Conditions on what a contact may have several of: tags, channels, imports, segments.

use super::{
    SetFilter,
    place::Place,
    sql::{Shape, Sql},
};
use crate::{
    db::{bulk::Cell, dialect::Kind},
    error::Result,
};
use async_graphql::ID;
use entity::id::Id;

/// A table that says which contact has which.
pub(super) struct Table {
    /// It; with the rows that count.
    pub(super) name: &'static str,
    /// Its column with what a contact has.
    pub(super) column: &'static str,
    /// A further condition on its rows, `mine`, behind AND.
    pub(super) only: &'static str,
}

/// Members of STATIC segments.
pub(super) const MEMBERS: Table = Table {
    name: "segment_member",
    column: "segment_id",
    only: "",
};

/// Tags of contacts.
pub(super) const TAGS: Table = Table {
    name: "contact_tag",
    column: "tag_id",
    only: "",
};

/// Addresses on channels.
pub(super) const CHANNELS: Table = Table {
    name: "contact_channel",
    column: "channel_id",
    only: "",
};

/// Rows of imports that made or changed a contact: outcomes 1 and 2.
pub(super) const IMPORTS: Table = Table {
    name: "import_row",
    column: "import_id",
    only: " AND mine.outcome < 3",
};

/// Writes all conditions that are given.
pub(super) fn write<T: Id>(
    sql: &mut Sql,
    table: &Table,
    filter: &SetFilter,
    place: &mut Place,
) -> Result<()> {
    let mut has = |sql: &mut Sql, ids: &[ID], _: &mut Place| {
        any_of(sql, table, &cells::<T>(ids));
        Ok(())
    };
    let none = |sql: &mut Sql, _: &mut Place| {
        sql.push("NOT EXISTS (SELECT 1 FROM ").push(table.name);
        sql.push(" AS mine WHERE mine.contact_id = contact.id");
        sql.push(table.only).push(")");
        Ok(())
    };
    write_with(sql, filter, place, &mut has, none)
}

/// Writes all conditions that are given, by what says that a contact has one of some, and that it has none.
pub(super) fn write_with(
    sql: &mut Sql,
    filter: &SetFilter,
    place: &mut Place,
    has: &mut impl FnMut(&mut Sql, &[ID], &mut Place) -> Result<()>,
    has_none: impl FnOnce(&mut Sql, &mut Place) -> Result<()>,
) -> Result<()> {
    let SetFilter {
        any_of,
        all_of,
        none_of,
        is_empty,
    } = filter;
    sql.push("(TRUE");
    if let Some(ids) = any_of {
        sql.push(" AND ");
        place.at("anyOf", |place| {
            place.leaf()?;
            place.list(ids)?;
            has(sql, ids, place)
        })?;
    }
    if let Some(ids) = all_of {
        place.at("allOf", |place| {
            place.list(ids)?;
            for id in ids {
                place.leaf()?;
                sql.push(" AND ");
                has(sql, std::slice::from_ref(id), place)?;
            }
            Ok(())
        })?;
    }
    if let Some(ids) = none_of {
        sql.push(" AND (");
        place.at("noneOf", |place| {
            place.leaf()?;
            place.list(ids)?;
            sql.aside(|sql| has(sql, ids, place))
        })?;
        sql.push(") IS NOT TRUE");
    }
    if let Some(is_empty) = is_empty {
        sql.push(" AND (");
        place.at("isEmpty", |place| {
            place.leaf()?;
            sql.aside(|sql| has_none(sql, place))
        })?;
        sql.push(if *is_empty {
            ") IS TRUE"
        } else {
            ") IS NOT TRUE"
        });
    }
    sql.push(")");
    Ok(())
}

/// Writes that a contact has one of `ids`.
pub(super) fn any_of(sql: &mut Sql, table: &Table, ids: &[Cell]) {
    let Table { name, column, only } = table;
    if sql.shape_of_lists() == Shape::Seek {
        sql.note_index();
    }
    let mine = match sql.shape_of_lists() {
        Shape::Walk => format!(
            "EXISTS (SELECT 1 FROM {name} AS mine WHERE mine.contact_id = contact.id AND mine.{column}"
        ),
        Shape::Seek => {
            format!("contact.id IN (SELECT mine.contact_id FROM {name} AS mine WHERE mine.{column}")
        }
    };
    sql.push(&mine)
        .one_of(Kind::BigInt, ids)
        .push(only)
        .push(")");
}

/// The numbers of ids; what is no id is left out, as it is nobody's.
pub(super) fn cells<T: Id>(ids: &[ID]) -> Vec<Cell> {
    ids.iter()
        .filter_map(|id| id.parse::<T>().ok())
        .map(|id| Cell::Int(id.number()))
        .collect()
}
