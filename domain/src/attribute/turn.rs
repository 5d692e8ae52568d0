//! Who writes contacts and who changes what writes make of an attribute take turns, so that no write is under way that knows the attribute
//! as it was before. On SQLite there is one writer anyway.
//!
//! Locks are taken in this order, by everybody: bulk operations, contacts, the turn, the workspace, attributes.

use crate::{
    db::{Tx, dialect},
    error::Result,
    operation,
    viewer::Viewer,
    workspace,
};
use entity::{id::AttributeId, operation::Model};

/// Beside other writers of contacts.
pub(super) async fn share(tx: &Tx, viewer: &Viewer) -> Result<()> {
    Ok(dialect::share_turn(&**tx, writers(viewer)).await?)
}

/// Alone, with the workspace locked. Returns the bulk operations on the attribute that have not ended, locked.
pub(super) async fn alone(tx: &Tx, viewer: &Viewer, id: AttributeId) -> Result<Vec<Model>> {
    // No further operation on an attribute begins once these are known.
    dialect::take_turn(&**tx, changers(viewer)).await?;
    let under_way = operation::on_attribute(tx, viewer, id).await?;
    dialect::take_turn(&**tx, writers(viewer)).await?;
    workspace::lock(tx, viewer).await?;
    Ok(under_way)
}

// Imports take turns by the workspace's own number.
fn writers(viewer: &Viewer) -> i64 {
    -2 * viewer.workspace_id.0
}

fn changers(viewer: &Viewer) -> i64 {
    -2 * viewer.workspace_id.0 - 1
}
