//! Looking at imports, and stopping one.

use super::run;
use crate::{
    clock,
    db::Tx,
    error::{Result, UserError},
    page::{self, Key, KeyKind, Order, Page, Stretch, Window},
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    id::ImportId,
    import::{self, ImportKind, JobStatus},
    import_error::{self, ImportErrorCode},
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, Order as Direction, QueryFilter, QuerySelect,
};

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

/// One page of what was wrong with which row of an import that the viewer has found, in the order of the rows.
///
/// # Errors
/// When the window does not fit, or the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the import was found through the scope"
)]
pub async fn errors(
    conn: &impl ConnectionTrait,
    import: &import::Model,
    code: Option<ImportErrorCode>,
    window: &Window,
) -> Result<Page<import_error::Model>> {
    let mut query =
        import_error::Entity::find().filter(import_error::Column::ImportId.eq(import.id));
    if let Some(code) = code {
        query = query.filter(import_error::Column::Code.eq(code));
    }
    let keys = vec![
        Key::of(import_error::Column::Row, KeyKind::Int),
        Key::of(import_error::Column::Seq, KeyKind::Int),
    ];
    let order = Order::new(
        "rows",
        vec![Stretch {
            filter: None,
            keys,
            direction: Direction::Asc,
        }],
    );
    page::fetch(conn, query, &order, window).await
}

/// How far background work is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What there is to do; none until known.
    pub total: Option<i64>,
    /// What has an outcome.
    pub done: i64,
    /// The mean since it began; none before.
    pub per_second: Option<f64>,
    /// What is left at this rate; none where there is no rate.
    pub remaining: Option<TimeDelta>,
}

/// How far an import is.
pub fn progress(import: &import::Model) -> Progress {
    let total = import.row_count;
    let done = import.cursor;
    let end = import.finished_at.unwrap_or_else(clock::now);
    #[expect(
        clippy::cast_precision_loss,
        reason = "a rate needs no more than 53 bits"
    )]
    let per_second = import
        .started_at
        .map(|start| (end - start).as_seconds_f64())
        .filter(|seconds| *seconds > 0.0 && done > 0)
        .map(|seconds| done as f64 / seconds);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        reason = "a time to wait, in seconds"
    )]
    let remaining = match (total, per_second) {
        (Some(total), Some(rate)) if import.status == JobStatus::Running => Some(
            TimeDelta::seconds(((total - done).max(0) as f64 / rate).ceil() as i64),
        ),
        _ => None,
    };
    Progress {
        total,
        done,
        per_second,
        remaining,
    }
}

/// Stops an import that has not ended. From the commit on no further row goes in, whatever its job is doing; what went in stays, and the
/// job still makes the result file.
///
/// # Errors
/// NOT_FOUND, or CONFLICT for one that has ended.
pub async fn cancel(tx: &Tx, viewer: &Viewer, id: ImportId) -> Result<import::Model> {
    let found = viewer
        .find::<import::Entity>()
        .filter(import::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?;
    let mut import = found.ok_or_else(|| UserError::not_found("id", "import"))?;
    if import.status.is_final() {
        return Err(UserError::new("id", "CONFLICT", "This import has ended already.").into());
    }
    import.status = JobStatus::Cancelled;
    import.finished_at = Some(clock::now());
    run::save(tx, import).await
}
