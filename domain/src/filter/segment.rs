//! Conditions on segments: a contact is in one as a member, or since one of its rules holds.

use super::{
    ContactFilter, SetFilter, asked::Scope, field::write as write_filter, group, place::Place,
    sql::Sql,
};
use crate::{
    db::bulk::Cell,
    error::{Error, Result},
};
use async_graphql::ID;
use entity::id::SegmentId;

/// Writes all conditions that are given.
pub(super) fn write(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &SetFilter,
    place: &mut Place,
) -> Result<()> {
    let mut has = |sql: &mut Sql, ids: &[ID], place: &mut Place| {
        let ids: Vec<SegmentId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        any_of(sql, scope, &ids, place)
    };
    let none = |sql: &mut Sql, place: &mut Place| {
        sql.push(
            "NOT EXISTS (SELECT 1 FROM segment_member AS mine WHERE mine.contact_id = contact.id)",
        );
        for (name, rules) in scope.rules.values() {
            sql.push(" AND ");
            rules_hold(sql, scope, name, rules, place)?;
            sql.push(" IS NOT TRUE");
        }
        Ok(())
    };
    group::write_with(sql, filter, place, &mut has, none)
}

/// Writes that a contact is in one of these segments.
pub(super) fn any_of(
    sql: &mut Sql,
    scope: &Scope<'_>,
    ids: &[SegmentId],
    place: &mut Place,
) -> Result<()> {
    let (rules, members): (Vec<_>, Vec<_>) = ids
        .iter()
        .copied()
        .partition::<Vec<SegmentId>, _>(|id| scope.rules.contains_key(id));
    let members: Vec<Cell> = members.into_iter().map(|id| Cell::Int(id.0)).collect();
    sql.push("(");
    if rules.is_empty() {
        group::any_of(sql, &group::MEMBERS, &members);
    } else {
        sql.aside(|sql| group::any_of(sql, &group::MEMBERS, &members));
    }
    for id in rules {
        if let Some((name, rules)) = scope.rules.get(&id) {
            sql.push(" OR ");
            rules_hold(sql, scope, name, rules, place)?;
        }
    }
    sql.push(")");
    Ok(())
}

/// Writes that one of a segment's rules holds. What no longer fits in them is said where the segment is named. They mean the same for everyone: who
/// made them may see what they speak of.
fn rules_hold(
    sql: &mut Sql,
    scope: &Scope<'_>,
    name: &str,
    rules: &[ContactFilter],
    place: &mut Place,
) -> Result<()> {
    let scope = Scope {
        masked: false,
        ..*scope
    };
    let written = sql.aside(|sql| {
        sql.either(scope.workspace, rules, |sql, rule| {
            write_filter(sql, &scope, rule, place)
        })
    });
    written.map_err(|error| match error {
        Error::BadInput { message, .. } => place.refuse(format!(
            "A rule of the segment \"{name}\" does not fit here. {message}"
        )),
        error => error,
    })
}
