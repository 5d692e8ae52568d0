//! What tables watch: how many contacts a choice has, and which have changed.
//!
//! Hints say that something has changed; a look says what. However many watch the same choice, one task looks, and looks of a process take
//! turns, so that two hundred dashboards slow nobody's import down by much.

mod changes;
mod count;
mod pace;

pub use changes::{Changes, changes};
pub use count::{Counted, Counts};

use crate::{
    attribute::Attributes,
    contact::{self, Background, Chosen, Matching},
    error::Result,
    event::Hint,
    viewer::Viewer,
    workspace,
};
use sea_orm::ConnectionTrait;

/// Who is chosen, as everything stands now.
async fn choose(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    matching: &Matching,
) -> Result<Chosen> {
    let attributes = Attributes::load(conn, viewer).await?;
    let workspace = workspace::get(conn, viewer.workspace_id).await?;
    let background = Background::new(&attributes, Some(&workspace));
    contact::matching(conn, viewer, &background, matching).await
}

/// Whether a hint may be about contacts of the viewer's workspace.
fn is_about(hint: &Hint, viewer: &Viewer) -> bool {
    match hint {
        Hint::Contacts { workspace, .. } => *workspace == viewer.workspace_id,
        Hint::Anything => true,
        Hint::Work { .. } | Hint::Queued => false,
    }
}
