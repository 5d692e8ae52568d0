//! Conditions on what a contact has one of: assignee, team, last channel.

use super::{ReferenceFilter, group::cells, place::Place, sql::Sql, text::is_set};
use crate::{db::dialect::Kind, error::Result};
use entity::id::Id;

/// Writes all conditions that are given, on a column of the contact.
pub(super) fn write<T: Id>(
    sql: &mut Sql,
    column: &str,
    filter: &ReferenceFilter,
    place: &mut Place,
) -> Result<()> {
    let ReferenceFilter {
        any,
        not_in,
        is_set: set,
    } = filter;
    sql.push("(TRUE");
    if let Some(ids) = any {
        place.at("in", |place| {
            place.leaf()?;
            place.list(ids)
        })?;
        sql.push(" AND ")
            .push(column)
            .one_of(Kind::BigInt, &cells::<T>(ids));
    }
    if let Some(ids) = not_in {
        place.at("notIn", |place| {
            place.leaf()?;
            place.list(ids)
        })?;
        sql.push(" AND (")
            .push(column)
            .one_of(Kind::BigInt, &cells::<T>(ids))
            .push(") IS NOT TRUE");
    }
    if let Some(is) = set {
        place.leaf_at("isSet")?;
        sql.push(" AND ").push(column).push(is_set(*is));
    }
    sql.push(")");
    Ok(())
}
