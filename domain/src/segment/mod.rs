//! Segments: named groups of contacts. A STATIC one is a list, which imports make and add to; a RULES one has those for whom a rule holds.

mod change;
mod count;
mod explain;
mod member;
mod rule;

pub use change::{RuleInput, create, create_static, delete, update};
pub use count::{counts, of_contacts};
pub use explain::{Explanation, RuleExplanation, explain};
pub use member::add;
pub(crate) use member::remove;
pub use rule::{needed_by, rules};

use crate::{
    clock,
    db::Tx,
    error::{Error, Result},
    name,
    page::{self, Order, Page, Window},
    text,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::{ImportId, SegmentId},
    segment::{self, SegmentKind, SegmentRules},
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, QueryFilter, Set};

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
    let all = viewer.find::<segment::Entity>();
    let query = name::having(all, segment::Column::NameKey, search)?;
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
