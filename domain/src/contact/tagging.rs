//! Tags given to many contacts at once, or taken off them.

use super::{belonging::MOST_TAGS, write};
use crate::{
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::{self, Kind, statement},
    },
    error::Result,
    viewer::Viewer,
};
use entity::{
    contact, contact_tag,
    id::{ContactId, TagId},
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{HashMap, HashSet};

/// Those of these contacts that are there; nobody else changes them until the transaction ends.
pub(crate) async fn hold(tx: &Tx, viewer: &Viewer, ids: &[ContactId]) -> Result<Vec<ContactId>> {
    Ok(viewer
        .find::<contact::Entity>()
        .filter(contact::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(contact::Column::Id)
        .select_only()
        .column(contact::Column::Id)
        .lock_exclusive()
        .into_tuple::<ContactId>()
        .all(&**tx)
        .await?)
}

/// Gives contacts that are held these tags. Returns how many had not all of them, and those who would have too many: they are left as
/// they are.
pub(crate) async fn add_tags(
    tx: &Tx,
    contacts: &[ContactId],
    tags: &[TagId],
) -> Result<(i64, Vec<ContactId>)> {
    let had = had(tx, contacts).await?;
    let none = HashSet::new();
    let (mut changed, mut full, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for contact in contacts {
        let had = had.get(contact).unwrap_or(&none);
        let missing: Vec<_> = tags.iter().filter(|tag| !had.contains(tag)).collect();
        if missing.is_empty() {
            continue;
        }
        if had.len() + missing.len() > MOST_TAGS {
            full.push(*contact);
            continue;
        }
        changed.push(*contact);
        rows.extend(
            missing
                .into_iter()
                .map(|tag| vec![Cell::Int(tag.0), Cell::Int(contact.0)]),
        );
    }
    let columns = [("tag_id", Kind::BigInt), ("contact_id", Kind::BigInt)];
    bulk::insert(&**tx, "contact_tag", &columns, rows, "").await?;
    write::touch(&**tx, &changed).await?;
    Ok((i64::try_from(changed.len()).unwrap_or(i64::MAX), full))
}

/// Takes these tags off contacts that are held. Returns how many had one of them.
pub(crate) async fn remove_tags(tx: &Tx, contacts: &[ContactId], tags: &[TagId]) -> Result<i64> {
    let backend = tx.get_database_backend();
    let (is_one, contacts) =
        dialect::any_of(backend, "contact_id", 1, contacts.iter().map(|id| id.0));
    let (is_gone, tags) = dialect::any_of(backend, "tag_id", 2, tags.iter().map(|id| id.0));
    let sql = format!("DELETE FROM contact_tag WHERE {is_one} AND {is_gone} RETURNING contact_id");
    let rows = tx
        .query_all_raw(statement(&**tx, &sql, [contacts, tags]))
        .await?;
    let mut changed = HashSet::new();
    for row in rows {
        changed.insert(ContactId(row.try_get("", "contact_id")?));
    }
    let mut changed: Vec<_> = changed.into_iter().collect();
    changed.sort_unstable();
    write::touch(&**tx, &changed).await?;
    Ok(i64::try_from(changed.len()).unwrap_or(i64::MAX))
}

/// The tags of each of these contacts.
#[allow(
    clippy::disallowed_methods,
    reason = "the contacts were found through the scope"
)]
async fn had(tx: &Tx, contacts: &[ContactId]) -> Result<HashMap<ContactId, HashSet<TagId>>> {
    let rows = contact_tag::Entity::find()
        .filter(contact_tag::Column::ContactId.is_in(contacts.iter().copied()))
        .all(&**tx)
        .await?;
    let mut had: HashMap<ContactId, HashSet<TagId>> = HashMap::new();
    for row in rows {
        had.entry(row.contact_id).or_default().insert(row.tag_id);
    }
    Ok(had)
}
