//! Segments: named groups of contacts. A STATIC one is a list, which imports make and add to.

use crate::{
    clock, contact,
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::{self, Kind},
    },
    error::{Error, Result},
    name,
    page::{self, Count, Order, Page, Window},
    text,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::{ContactId, ImportId, SegmentId},
    segment::{self, SegmentKind, SegmentRules},
    segment_member,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, Set,
    sea_query::{Expr, ExprTrait},
};
use std::collections::HashMap;

/// One page of the segments, newest first; with `search`, those whose name has it.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    search: Option<&str>,
    window: &Window,
) -> Result<Page<segment::Model>> {
    let mut query = viewer.find::<segment::Entity>();
    if let Some(search) = search {
        if search.contains('\0') {
            return Err(Error::bad_input(
                "search",
                "A search has no NUL characters.",
            ));
        }
        let pattern = dialect::containing(&text::fold(search.trim()));
        query = query.filter(Expr::col(segment::Column::NameKey.as_column_ref()).like(pattern));
    }
    page::fetch(
        conn,
        query,
        &Order::newest_first(segment::Column::Id),
        window,
    )
    .await
}

/// One segment.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: SegmentId,
) -> Result<Option<segment::Model>> {
    Ok(viewer
        .find::<segment::Entity>()
        .filter(segment::Column::Id.eq(id))
        .one(conn)
        .await?)
}

/// How many contacts each of these segments has, whatever their status, counted up to `limit` (0: all), in one statement.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "joined to segments of the viewer's own, and to contacts that matching chose"
)]
pub async fn counts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[SegmentId],
    limit: u64,
) -> Result<HashMap<SegmentId, Count>> {
    let members = segment_member::Entity::find()
        .select_only()
        .column(segment_member::Column::ContactId)
        .filter(
            Expr::col(segment_member::Column::SegmentId.as_column_ref())
                .equals(segment::Column::Id.as_column_ref()),
        )
        .into_query();
    let contacts =
        contact::visible(viewer).filter(entity::contact::Column::Id.in_subquery(members));
    let rows = viewer
        .find::<segment::Entity>()
        .filter(segment::Column::Id.is_in(ids.iter().copied()))
        .select_only()
        .column(segment::Column::Id)
        .expr_as(
            Expr::SubQuery(None, Box::new(page::counted(contacts, limit).into())),
            "value",
        )
        .into_tuple::<(SegmentId, i64)>()
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, value)| (id, Count::capped(value, limit)))
        .collect())
}

/// The segment of this name, without regard to case.
///
/// # Errors
/// When the database is away.
pub async fn by_name(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    name: &str,
) -> Result<Option<segment::Model>> {
    let key = text::fold(name.trim());
    Ok(viewer
        .find::<segment::Entity>()
        .filter(segment::Column::NameKey.eq(key))
        .one(conn)
        .await?)
}

/// The STATIC segment that an import fills: made where the name is new.
///
/// # Errors
/// When the name is no name.
pub async fn for_import(
    tx: &Tx,
    viewer: &Viewer,
    name: &str,
    import_id: ImportId,
) -> Result<segment::Model> {
    let name = name::checked("segmentName", "segment", name)?;
    workspace::lock(tx, viewer).await?;
    if let Some(found) = by_name(&**tx, viewer, &name).await? {
        match found.kind {
            SegmentKind::Static => return Ok(found),
            SegmentKind::Rules => {
                let message = format!(
                    "The segment \"{}\" is made up by rules: an import can only fill one whose contacts are named one by one. Choose another name.",
                    found.name
                );
                return Err(Error::user("segmentName", "INVALID", message));
            }
        }
    }
    let row = segment::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name_key: Set(text::fold(&name)),
        name: Set(name),
        kind: Set(SegmentKind::Static),
        rules: Set(SegmentRules::default()),
        created_by_import_id: Set(Some(import_id)),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    Ok(row.insert(&**tx).await?)
}

/// Puts contacts of the segment's workspace into it; who is in already stays.
///
/// # Errors
/// When the database refuses.
pub async fn add(tx: &Tx, id: SegmentId, contacts: &[ContactId]) -> Result<()> {
    let columns = [("segment_id", Kind::BigInt), ("contact_id", Kind::BigInt)];
    let rows = contacts
        .iter()
        .map(|contact| vec![Cell::Int(id.0), Cell::Int(contact.0)])
        .collect();
    bulk::insert(
        &**tx,
        "segment_member",
        &columns,
        rows,
        "ON CONFLICT DO NOTHING",
    )
    .await?;
    Ok(())
}
