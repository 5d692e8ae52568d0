//! One batch of rows into the database: contacts, addresses, outcomes, counters, the cursor and the hint, all or none.
//!
//! What becomes of each row is decided in `decide`; here stand the transaction's steps around it.

use super::{
    decide::{Decision, Step},
    parse::{Row, RowError},
    plan::Plan,
    resolve::Found,
    run,
    work::save_errors,
};
use crate::{
    attribute::Attributes,
    clock, contact,
    db::{Tx, dialect},
    error::{Error, Result},
    viewer::Viewer,
};
use entity::{id::ContactId, import, import_error::ImportErrorCode, job::JobStatus};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

/// What became of a batch.
pub enum Written {
    /// This many of its rows are in; the rest is for the next one. The import as it now stands.
    Rows(usize, Box<import::Model>),
    /// Somebody else wrote what this batch was about to; nothing is in, and trying again will do.
    Again,
    /// The import has ended, or another run of its job is at work.
    Ended,
}

/// Waits until no other import of the workspace is at its batch: two that meet the same new person one after the other make them once.
///
/// # Errors
/// When the database refuses.
pub async fn take_turn(tx: &Tx, viewer: &Viewer) -> Result<()> {
    Ok(dialect::take_turn(&**tx, viewer.workspace_id.0).await?)
}

/// Writes as many of `rows` as can go together, behind [`take_turn`]; the first of them always can. `cursor` is where this run left the import.
///
/// # Errors
/// When the database refuses; then nothing is in.
pub async fn write(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
    rows: &[Row],
) -> Result<Written> {
    dialect::expect_many_rows(&**tx).await?;
    let Some(import) = at_cursor(tx, viewer, plan, cursor).await? else {
        return Ok(Written::Ended);
    };
    let found = Found::load(tx, viewer, rows).await?;
    let ids = dialect::reserve_ids(&**tx, "contact", found.newcomers(rows)).await?;
    let ids = ids.into_iter().map(ContactId);
    // Read anew for each batch, behind the locks: of a value that one of these contacts has, the attribute is there.
    let attributes = Attributes::hold(tx, viewer).await?;
    let mut decision = Decision::new(viewer, &attributes, &found, ids, clock::now());
    let mut taken = 0;
    for row in rows {
        match decision.add(row) {
            Step::Taken => taken += 1,
            Step::Later => break,
            Step::Again => return Ok(Written::Again),
        }
    }
    let work = decision.work;
    let counts = work.counts();
    if !work.save(tx, viewer, plan, &attributes).await? {
        return Ok(Written::Again);
    }
    if counts.created + counts.updated > 0 || plan.segment_id.is_some() {
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    let import = advance(tx, import, counts).await?;
    Ok(Written::Rows(taken, Box::new(import)))
}

/// The import, locked, if it runs and stands where this run left it.
async fn at_cursor(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
) -> Result<Option<import::Model>> {
    Ok(viewer
        .find::<import::Entity>()
        .filter(import::Column::Id.eq(plan.import_id))
        .filter(import::Column::Status.eq(JobStatus::Running))
        .filter(import::Column::Cursor.eq(cursor))
        .lock_exclusive()
        .one(&**tx)
        .await?)
}

/// Rows with each outcome.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub(super) created: i64,
    pub(super) updated: i64,
    pub(super) unchanged: i64,
    pub(super) failed: i64,
    pub(super) duplicate: i64,
    pub(super) discarded: i64,
}

/// Moves the cursor, and checks that every row behind it has an outcome.
async fn advance(tx: &Tx, mut import: import::Model, counts: Counts) -> Result<import::Model> {
    let Counts {
        created,
        updated,
        unchanged,
        failed,
        duplicate,
        discarded,
    } = counts;
    import.created_count += created;
    import.updated_count += updated;
    import.unchanged_count += unchanged;
    import.failed_count += failed;
    import.duplicate_count += duplicate;
    import.discarded_count += discarded;
    import.cursor += created + updated + unchanged + failed + duplicate + discarded;
    check(&import)?;
    for (outcome, rows) in [
        ("created", created),
        ("updated", updated),
        ("unchanged", unchanged),
        ("failed", failed),
        ("duplicate", duplicate),
        ("discarded", discarded),
    ] {
        tx.count(move || {
            let counter = metrics::counter!("roster_import_rows_total", "outcome" => outcome);
            counter.increment(rows.unsigned_abs());
        });
    }
    run::save(tx, import).await
}

/// Rows read = created + updated + unchanged + failed + duplicate + discarded.
fn check(import: &import::Model) -> Result<()> {
    let outcomes = import.created_count
        + import.updated_count
        + import.unchanged_count
        + import.failed_count
        + import.duplicate_count
        + import.discarded_count;
    if outcomes == import.cursor && import.row_count.is_none_or(|rows| import.cursor <= rows) {
        return Ok(());
    }
    Err(Error::Broken(format!(
        "{}: {outcomes} outcomes for {} rows read",
        import.id, import.cursor
    )))
}

/// Gives the rows past the limit their outcome, all at once: their numbers say which they are. `line` is that of the first.
///
/// # Errors
/// When the database refuses.
pub async fn discard_rest(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
    line: i64,
) -> Result<Written> {
    let Some(import) = at_cursor(tx, viewer, plan, cursor).await? else {
        return Ok(Written::Ended);
    };
    let rest = plan.row_count - plan.rows_taken();
    if rest == 0 || cursor != plan.rows_taken() {
        return Ok(Written::Rows(0, Box::new(import)));
    }
    let error = RowError {
        header: None,
        value: None,
        code: ImportErrorCode::RowLimitExceeded,
        message: format!(
            "this row and all {rest} from here on were discarded: the list takes {} rows; upload the others as another file",
            plan.rows_taken()
        ),
        dropped: false,
    };
    save_errors(tx, plan, vec![(cursor + 1, line, error)]).await?;
    let counts = Counts {
        discarded: rest,
        ..Counts::default()
    };
    Ok(Written::Rows(
        0,
        Box::new(advance(tx, import, counts).await?),
    ))
}
