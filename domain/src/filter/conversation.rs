//! Conditions on when a contact's newest conversation was opened.

use super::{
    DateTimeFilter, asked::Scope, place::Place, scan::finds_instant, sql::Shape, sql::Sql, time,
};
use crate::error::Result;

/// When the newest one was opened, NULL where there is none: the end of the contact's stretch of an index.
const NEWEST: &str = "(SELECT max(newest.opened_at) FROM conversation AS newest WHERE newest.contact_id = contact.id)";

/// Writes all conditions that are given.
pub(super) fn write(
    sql: &mut Sql,
    filter: &DateTimeFilter,
    scope: &Scope<'_>,
    place: &mut Place,
) -> Result<()> {
    let is_found = sql.shape_of_lists() == Shape::Seek && finds_instant(filter);
    if is_found {
        // Whose newest one fits have one that fits: an index of the workspace names these.
        sql.note_index();
        sql.push("(contact.id IN (SELECT mine.contact_id FROM conversation AS mine WHERE mine.workspace_id = ")
            .bind(scope.workspace.0)
            .push(" AND ");
        // What is said twice counts once.
        let aside = &mut Place::new("");
        time::date_time(sql, "mine.opened_at", filter, scope, aside, |instant| {
            instant
        })?;
        sql.push(") AND ");
    }
    time::date_time(sql, NEWEST, filter, scope, place, |instant| instant)?;
    if is_found {
        sql.push(")");
    }
    Ok(())
}
