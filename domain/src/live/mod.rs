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
    contact::{self, Chosen, Matching},
    error::Result,
    event::Hint,
    viewer::Viewer,
    workspace,
};
use sea_orm::ConnectionTrait;
use tokio::time::Instant;

/// What the meaning of a choice hangs on, as it stood at one moment.
struct Background {
    attributes: Attributes,
    workspace: entity::workspace::Model,
    /// When reading it began.
    read: Instant,
}

impl Background {
    async fn load(conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<Self> {
        let read = Instant::now();
        Ok(Self {
            attributes: Attributes::load(conn, viewer).await?,
            workspace: workspace::get(conn, viewer.workspace_id).await?,
            read,
        })
    }

    /// Who is chosen.
    async fn choose(
        &self,
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        matching: &Matching,
    ) -> Result<Chosen> {
        let background = contact::Background::new(&self.attributes, Some(&self.workspace));
        contact::matching(conn, viewer, &background, matching).await
    }
}

/// Whether a hint may be about contacts of the viewer's workspace.
fn is_about(hint: &Hint, viewer: &Viewer) -> bool {
    match hint {
        Hint::Contacts { workspace, .. } => *workspace == viewer.workspace_id,
        Hint::Anything {
            contacts_of: Some(of),
        } => of.contains(&viewer.workspace_id),
        Hint::Anything { contacts_of: None } => true,
        Hint::Work { .. } | Hint::Talk { .. } | Hint::Queued => false,
    }
}
