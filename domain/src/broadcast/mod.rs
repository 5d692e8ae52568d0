//! Broadcasts: what is sent to many, to whom, and whom it reaches or not. On their way they are [`send`](crate::send)s.

mod audience;
mod change;
mod preview;
mod using;

pub use audience::{Audience, SkipCount, audience};
pub(crate) use audience::{SERVICE_WINDOW, recipients};
pub use change::{BroadcastInput, create, delete, update};
pub use preview::{Preview, preview};
pub(crate) use using::{Thing, naming_segment, refuse_use};

use crate::{
    contact::{Matching, MatchingContacts, Selection},
    error::{Error, Result},
    filter::{ContactFilter, SetFilter, Stored},
    name,
    page::{self, Order, Page, Window},
    viewer::Viewer,
};
use entity::{
    broadcast::{self, Model},
    broadcast_segment,
    broadcast_send::RecipientChoice,
    contact::ContactStatus,
    id::{BroadcastId, ContactId, SegmentId},
    role::{Restriction, Role},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select};

/// Refuses whoever may not make and send broadcasts.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_send(viewer: &Viewer) -> Result<()> {
    viewer.require(Role::Manager)?;
    viewer.unrestricted(Restriction::NoBroadcast)
}

fn visible(viewer: &Viewer) -> Select<broadcast::Entity> {
    viewer
        .find::<broadcast::Entity>()
        .filter(broadcast::Column::DeletedAt.is_null())
}

/// One page of the broadcasts, the newest first.
///
/// # Errors
/// BAD_USER_INPUT at `search`; when the window does not fit, or the database is away.
pub async fn list(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    search: Option<&str>,
    window: &Window,
) -> Result<Page<Model>> {
    let query = name::having(visible(viewer), broadcast::Column::TitleKey, search)?;
    page::fetch(
        conn,
        query,
        &Order::newest_first(broadcast::Column::Id),
        window,
    )
    .await
}

/// Those broadcasts of these ids that are not deleted, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[BroadcastId],
) -> Result<Vec<Model>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(broadcast::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

/// One broadcast that is not deleted.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: BroadcastId,
) -> Result<Option<Model>> {
    Ok(by_ids(conn, viewer, &[id]).await?.into_iter().next())
}

/// To which segments broadcasts that the viewer has found go.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the broadcasts were found through the scope"
)]
pub async fn segments(
    conn: &impl ConnectionTrait,
    broadcasts: &[BroadcastId],
) -> Result<Vec<broadcast_segment::Model>> {
    if broadcasts.is_empty() {
        return Ok(Vec::new());
    }
    Ok(broadcast_segment::Entity::find()
        .filter(broadcast_segment::Column::BroadcastId.is_in(broadcasts.iter().copied()))
        .order_by_asc(broadcast_segment::Column::SegmentId)
        .all(conn)
        .await?)
}

/// Whom a broadcast is for, to be chosen on behalf of a viewer.
///
/// # Errors
/// REQUIRED or INVALID at `contactIds` where these do not go with the choice; when the database is away.
pub(crate) async fn selection(
    conn: &impl ConnectionTrait,
    broadcast: &Model,
    choice: RecipientChoice,
    contacts: Option<Vec<ContactId>>,
) -> Result<Selection> {
    match (choice, contacts) {
        (RecipientChoice::Selected, Some(ids)) if !ids.is_empty() => {
            return Ok(Selection::Ids(ids));
        }
        (RecipientChoice::Selected, _) => {
            let message = "Name the contacts: SELECTED means those.";
            return Err(Error::user("contactIds", "REQUIRED", message));
        }
        (_, Some(_)) => {
            let message = "Contacts are named where recipients is SELECTED alone.";
            return Err(Error::user("contactIds", "INVALID", message));
        }
        (_, None) => {}
    }
    let mut all = Vec::new();
    if !broadcast.everyone {
        let segments = segments(conn, &[broadcast.id]).await?;
        let ids = segments.iter().map(|row| row.segment_id.to_string().into());
        all.push(ContactFilter {
            segments: Some(SetFilter {
                any_of: Some(ids.collect()),
                ..SetFilter::default()
            }),
            ..ContactFilter::default()
        });
    }
    if let Some(filter) = &broadcast.filter {
        all.push(Stored::read(filter)?);
    }
    let matching = Matching {
        // Those who are INACTIVE are left out by name.
        status: Some(vec![ContactStatus::Active, ContactStatus::Inactive]),
        filter: (!all.is_empty()).then(|| ContactFilter {
            and: Some(all),
            ..ContactFilter::default()
        }),
        ..Matching::default()
    };
    Ok(Selection::Matching(Box::new(MatchingContacts {
        matching,
        except: Vec::new(),
        expected_count: None,
    })))
}

/// The segments of an input, each once.
fn distinct(ids: Vec<SegmentId>) -> Vec<SegmentId> {
    let mut ids = ids;
    ids.sort_unstable();
    ids.dedup();
    ids
}
