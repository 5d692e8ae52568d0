//! Who is in segments: numbers for a list of segments, segments for a list of contacts, in a statement or two however many there are.

use super::{rule, rules};
use crate::{
    attribute::Attributes,
    contact,
    error::Result,
    filter::{self, Asked, Scope, Shape},
    page::{self, Count},
    viewer::Viewer,
};
use entity::{
    contact as person,
    id::{ContactId, SegmentId},
    segment, segment_member,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, SelectStatement, SimpleExpr, UnionType},
};
use std::collections::HashMap;

/// How many contacts each of these segments has, whatever their status, counted up to `limit` (0: all).
///
/// # Errors
/// BAD_USER_INPUT where a rule fits no longer, such as one on an attribute that was deleted; or when the database is away.
pub async fn counts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    attributes: &Attributes,
    ids: &[SegmentId],
    limit: u64,
) -> Result<HashMap<SegmentId, Count>> {
    let rules = rules(conn, viewer).await?;
    let scope = Scope::stored(viewer, attributes, &rules);
    let mut counts = Vec::new();
    for id in ids {
        let condition = in_segment(conn, &scope, *id, Shape::Seek)?;
        let members = contact::visible(viewer).filter(condition);
        let counted = Expr::SubQuery(None, Box::new(page::counted(members, limit).into()));
        let mut row = sea_orm::sea_query::Query::select();
        row.expr_as(Expr::val(id.0), "segment_id")
            .expr_as(counted, "value");
        counts.push(row);
    }
    let mut found = HashMap::new();
    for row in united(conn, counts).await? {
        let (id, value): (i64, i64) = (row.try_get("", "segment_id")?, row.try_get("", "value")?);
        found.insert(SegmentId(id), Count::capped(value, limit));
    }
    Ok(found)
}

/// The segments that each of these contacts is in, oldest first.
///
/// # Errors
/// As [`counts`].
pub async fn of_contacts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    attributes: &Attributes,
    contacts: &[ContactId],
) -> Result<Vec<(ContactId, segment::Model)>> {
    let segments = viewer
        .find::<segment::Entity>()
        .order_by_asc(segment::Column::Id)
        .all(conn)
        .await?;
    let rules = rule::of_segments(&segments)?;
    let scope = Scope::stored(viewer, attributes, &rules);
    let mut parts = vec![members(contacts)];
    for id in rules.keys() {
        let condition = in_segment(conn, &scope, *id, Shape::Walk)?;
        let select = contact::visible(viewer)
            .filter(person::Column::Id.is_in(contacts.iter().copied()))
            .filter(condition)
            .select_only()
            .column_as(person::Column::Id, "contact_id")
            .expr_as(Expr::val(id.0), "segment_id");
        parts.push(select.into_query());
    }
    let mut found = Vec::new();
    for row in united(conn, parts).await? {
        let (contact, id): (i64, i64) = (
            row.try_get("", "contact_id")?,
            row.try_get("", "segment_id")?,
        );
        found.push((SegmentId(id), ContactId(contact)));
    }
    let place = |id: SegmentId| segments.iter().position(|segment| segment.id == id);
    let mut found: Vec<_> = found
        .into_iter()
        .filter_map(|(id, contact)| Some((place(id)?, contact)))
        .collect();
    found.sort_unstable();
    Ok(found
        .into_iter()
        .map(|(at, contact)| (contact, segments[at].clone()))
        .collect())
}

/// Which of these contacts are named in which STATIC segments.
#[allow(
    clippy::disallowed_methods,
    reason = "the contacts are those that the viewer sees, the segments are told apart above"
)]
fn members(contacts: &[ContactId]) -> SelectStatement {
    segment_member::Entity::find()
        .select_only()
        .column(segment_member::Column::ContactId)
        .column(segment_member::Column::SegmentId)
        .filter(segment_member::Column::ContactId.is_in(contacts.iter().copied()))
        .into_query()
}

fn in_segment(
    conn: &impl ConnectionTrait,
    scope: &Scope<'_>,
    id: SegmentId,
    shape: Shape,
) -> Result<SimpleExpr> {
    let asked = Asked {
        segment: Some(id),
        inbox: None,
        filter: None,
        search: None,
    };
    let compiled = filter::compile(conn.get_database_backend(), shape, scope, &asked)?;
    Ok(compiled.map_or(Expr::val(false), |compiled| compiled.holds))
}

/// The rows of all these statements, in one.
async fn united(
    conn: &impl ConnectionTrait,
    parts: Vec<SelectStatement>,
) -> Result<Vec<sea_orm::QueryResult>> {
    let mut parts = parts.into_iter();
    let Some(mut all) = parts.next() else {
        return Ok(Vec::new());
    };
    for part in parts {
        all.union(UnionType::All, part);
    }
    Ok(conn.query_all(&all).await?)
}
