//! Looking at imports, and stopping one.

use super::run;
use crate::{
    clock,
    db::Tx,
    error::{Result, UserError},
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    progress::Progress,
    viewer::Viewer,
    watch::Work,
};
use entity::{
    id::ImportId,
    import::{self, ImportKind},
    import_error::{self, ImportErrorCode},
    job::JobStatus,
};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, Order as Direction, QueryFilter};
use std::collections::HashMap;

/// One page of the imports, newest first.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn imports(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    kind: Option<ImportKind>,
    status: Option<Vec<JobStatus>>,
    window: &Window,
) -> Result<Page<import::Model>> {
    let mut query = viewer.find::<import::Entity>();
    if let Some(kind) = kind {
        query = query.filter(import::Column::Kind.eq(kind));
    }
    if let Some(status) = status {
        query = query.filter(import::Column::Status.is_in(status));
    }
    page::fetch(
        conn,
        query,
        &Order::newest_first(import::Column::Id),
        window,
    )
    .await
}

/// One import.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    id: ImportId,
) -> Result<Option<import::Model>> {
    Ok(viewer
        .find::<import::Entity>()
        .filter(import::Column::Id.eq(id))
        .one(conn)
        .await?)
}

/// One page of what was wrong with the rows of each of these imports which the viewer has found, of one kind or any, for those that have any: in one statement.
///
/// # Errors
/// When the window does not fit, or the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the imports were found through the scope"
)]
pub async fn errors(
    conn: &impl ConnectionTrait,
    imports: impl IntoIterator<Item = ImportId>,
    code: Option<ImportErrorCode>,
    window: &Window,
) -> Result<HashMap<ImportId, Page<import_error::Model>>> {
    let by = import_error::Column::ImportId;
    let of = |id| {
        let errors = import_error::Entity::find().filter(by.eq(id));
        match code {
            Some(code) => errors.filter(import_error::Column::Code.eq(code)),
            None => errors,
        }
    };
    let keys = vec![
        Key::of(import_error::Column::Row, KeyKind::Int),
        Key::of(import_error::Column::Seq, KeyKind::Int),
    ];
    let stretch = Stretch {
        filter: None,
        keys,
        direction: Direction::Asc,
    };
    let order = Order::new("rows", vec![stretch]);
    let lists = imports.into_iter().map(of).collect();
    let pages = page::fetch_first(conn, lists, by, &order, window).await?;
    let pages = pages.into_iter();
    Ok(pages.map(|(id, page)| (ImportId(id), page)).collect())
}

/// How far an import is.
pub fn progress(import: &import::Model) -> Progress {
    let (total, done) = (import.row_count, import.cursor);
    Progress::new(
        import.status,
        total,
        done,
        import.started_at,
        import.finished_at,
    )
}

/// Stops an import that has not ended. From the commit on no further row goes in, whatever its job is doing; what went in stays, and the
/// job still makes the result file.
///
/// # Errors
/// NOT_FOUND, or CONFLICT for one that has ended.
pub async fn cancel(tx: &Tx, viewer: &Viewer, id: ImportId) -> Result<import::Model> {
    let found = viewer.lock::<import::Entity>(tx, id).await?;
    let mut import = found.ok_or_else(|| UserError::not_found("id", "import"))?;
    if import.status.is_final() {
        return Err(UserError::new("id", "CONFLICT", "This import has ended already.").into());
    }
    import.status = JobStatus::Cancelled;
    import.finished_at = Some(clock::now());
    run::save(tx, import).await
}

impl Work for import::Model {
    type Id = ImportId;

    fn status(&self) -> JobStatus {
        self.status
    }

    async fn get(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        id: ImportId,
    ) -> Result<Option<Self>> {
        get(conn, viewer, id).await
    }
}
