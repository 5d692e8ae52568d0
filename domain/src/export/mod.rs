//! Exports: contacts as a CSV file, as one moment sees them.
//!
//! [`Contents`] reads and writes them, bounded in memory however many they are; the job puts what it writes into the object store ([`run`]), the
//! command line wherever it is told. An export that was killed begins anew, with another moment.

mod contents;
mod create;
mod heading;
pub mod run;

pub use contents::{Contents, Sink, Wanted};
pub use create::{NewExport, create, wanted};

use crate::{
    clock,
    db::Tx,
    error::{Error, Result, UserError},
    event::Hint,
    page::{self, Order, Page, Window},
    progress::Progress,
    viewer::Viewer,
    watch::Work,
};
use entity::{
    export::{self, Model},
    id::ExportId,
    job::JobStatus,
    role::{Restriction, Role},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, IntoActiveModel, QueryFilter,
    QuerySelect, Select, sea_query::Expr,
};

/// Refuses whoever may not export.
///
/// # Errors
/// [`Error::Forbidden`].
pub fn may_export(viewer: &Viewer) -> Result<()> {
    viewer.require(Role::Manager)?;
    viewer.unrestricted(Restriction::NoExport)
}

/// The exports that the viewer may see: none that tells what is hidden from them.
fn visible(viewer: &Viewer) -> Select<export::Entity> {
    let mut seen = viewer.find::<export::Entity>();
    if viewer.is_masked() {
        seen = seen.filter(export::Column::Masked.eq(true));
    }
    if viewer
        .restrictions
        .contains(&Restriction::OnlyAssignedContacts)
    {
        let own = Condition::all().add(export::Column::Narrowed.eq(true));
        seen = seen.filter(match &viewer.member {
            Some(member) => own.add(export::Column::CreatedByMemberId.eq(member.id)),
            None => own.add(Expr::value(false)),
        });
    }
    seen
}

/// One page of the exports, newest first.
///
/// # Errors
/// [`Error::Forbidden`] for whoever may not export; when the window does not fit, or the database is away.
pub async fn exports(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    window: &Window,
) -> Result<Page<Model>> {
    may_export(viewer)?;
    let order = Order::newest_first(export::Column::Id);
    page::fetch(conn, visible(viewer), &order, window).await
}

/// Those exports of these ids that the viewer may see, in no order.
///
/// # Errors
/// When the database is away.
pub async fn by_ids(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[ExportId],
) -> Result<Vec<Model>> {
    if ids.is_empty() || may_export(viewer).is_err() {
        return Ok(Vec::new());
    }
    let found = visible(viewer).filter(export::Column::Id.is_in(ids.iter().copied()));
    Ok(found.all(conn).await?)
}

/// How far an export is.
pub fn progress(export: &Model) -> Progress {
    let (total, done) = (export.total, export.row_count);
    Progress::new(
        export.status,
        total,
        done,
        export.started_at,
        export.finished_at,
    )
}

/// Stops an export that has not ended; there will be no file.
///
/// # Errors
/// NOT_FOUND, or CONFLICT for one that has ended.
pub async fn cancel(tx: &Tx, viewer: &Viewer, id: ExportId) -> Result<Model> {
    may_export(viewer)?;
    let found = visible(viewer)
        .filter(export::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let mut export = found.ok_or_else(|| UserError::not_found("id", "export"))?;
    if export.status.is_final() {
        return Err(Error::user(
            "id",
            "CONFLICT",
            "This export has ended already.",
        ));
    }
    export.status = JobStatus::Cancelled;
    export.finished_at = Some(clock::now());
    save(tx, export).await
}

impl Work for Model {
    type Id = ExportId;

    fn status(&self) -> JobStatus {
        self.status
    }

    async fn get(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        id: ExportId,
    ) -> Result<Option<Self>> {
        Ok(by_ids(conn, viewer, &[id]).await?.into_iter().next())
    }
}

/// Writes the export's row as it now stands, and tells those who watch it with the commit.
async fn save(tx: &Tx, export: Model) -> Result<Model> {
    let export = export.into_active_model().reset_all().update(&**tx).await?;
    tx.announce(Hint::Work {
        workspace: export.workspace_id,
        work: export.id.into(),
    })
    .await?;
    Ok(export)
}
