//! Tags by their names, as people give them to a contact.

use crate::{
    clock,
    db::{
        Tx,
        bulk::{self, Cell},
        dialect::Kind,
    },
    error::{Error, Result},
    viewer::Viewer,
};
use entity::{id::TagId, tag};
use sea_orm::{ColumnTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType};
use std::collections::BTreeMap;

/// The tags of these names, given by what they are found by; made where they are not there. Nobody deletes them until the transaction ends. `path` leads to the names.
pub(crate) async fn named(
    tx: &Tx,
    viewer: &Viewer,
    names: &BTreeMap<String, String>,
    path: &str,
) -> Result<Vec<TagId>> {
    // Somebody may delete a tag between the look and the lock, or make one between the look and the insert.
    for _ in 0..3 {
        let found = viewer
            .find::<tag::Entity>()
            .filter(tag::Column::NameKey.is_in(names.keys()))
            .order_by_asc(tag::Column::Id)
            .lock(LockType::KeyShare)
            .all(&**tx)
            .await?;
        if found.len() == names.len() {
            return Ok(found.into_iter().map(|tag| tag.id).collect());
        }
        let missing = names
            .iter()
            .filter(|(key, _)| !found.iter().any(|tag| tag.name_key == **key));
        make(tx, viewer, missing).await?;
    }
    Err(Error::user(
        path,
        "CONFLICT",
        "Somebody deletes one of these tags at this moment: try again.",
    ))
}

/// Whether all these tags are there; nobody deletes them until the transaction ends.
pub(crate) async fn hold(tx: &Tx, viewer: &Viewer, ids: &[TagId]) -> Result<bool> {
    let found = viewer
        .find::<tag::Entity>()
        .filter(tag::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(tag::Column::Id)
        .lock(LockType::KeyShare)
        .all(&**tx)
        .await?;
    Ok(found.len() == ids.len())
}

/// In the order of their keys, so that two who make the same ones do not wait for each other.
async fn make(
    tx: &Tx,
    viewer: &Viewer,
    names: impl Iterator<Item = (&String, &String)>,
) -> Result<()> {
    let columns = [
        ("workspace_id", Kind::BigInt),
        ("name", Kind::Text),
        ("name_key", Kind::Text),
        ("created_at", Kind::Time),
    ];
    let now = clock::now();
    let rows = names.map(|(key, name)| {
        vec![
            Cell::Int(viewer.workspace_id.0),
            Cell::Text(name.clone()),
            Cell::Text(key.clone()),
            Cell::Time(now),
        ]
    });
    let suffix = "ON CONFLICT DO NOTHING";
    bulk::insert(&**tx, "tag", &columns, rows.collect(), suffix).await?;
    Ok(())
}
