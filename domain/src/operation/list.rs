//! Whom an operation is for: listed once, as one moment sees them, and written down before the first contact is changed.
//!
//! A list of a million contacts is a thousand rows. A run that was killed leaves half a list, and the next one begins anew.

use super::{end, save};
use crate::{
    contact::Selected,
    db::{
        Db, Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::{Error, Result},
    page,
    viewer::Viewer,
};
use entity::{
    contact,
    id::{ContactId, OperationId},
    job::JobStatus,
    operation::{self, Model},
    operation_part,
};
use futures_util::{Stream, TryStreamExt, stream};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

/// Contacts of a part: they are changed in one transaction.
const PART: usize = 1_000;

/// Parts that are written at once.
const PARTS_AT_ONCE: usize = 50;

/// How the listing came out.
#[derive(Debug)]
pub enum Listed {
    /// All are listed.
    Whole(Box<Model>),
    /// The operation has ended, or another run lists.
    Ended,
    /// The process stops.
    Stopped,
}

/// Lists the contacts of an operation, where that has not been done.
///
/// # Errors
/// When the database is away.
pub async fn list(
    db: &Db,
    viewer: &Viewer,
    operation: Model,
    stop: &CancellationToken,
) -> Result<Listed> {
    if operation.total.is_some() {
        return Ok(Listed::Whole(Box::new(operation)));
    }
    let selected = Selected::kept(&operation.selection)?;
    let asking = selected.viewer(db.read(), viewer.workspace_id).await?;
    let chosen = match selected.ids() {
        // Who was named and is gone meanwhile has an outcome too.
        Some(_) => None,
        None => match selected.choose(db.read(), &asking).await {
            Ok(chosen) => Some(chosen),
            Err(error) => return refuse(db, viewer, operation.id, error).await,
        },
    };
    let mut list = List {
        db,
        viewer,
        id: operation.id,
        lister: Ulid::generate().to_string(),
        parts: 0,
        total: 0,
    };
    if !list.begin().await? {
        return Ok(Listed::Ended);
    }
    let written = match chosen {
        Some(chosen) => {
            let ids = page::ids(db.read(), chosen.pick, contact::Column::Id).await?;
            list.write(ids, stop).await?
        }
        None => {
            let ids = selected.ids().unwrap_or_default().iter();
            list.write(stream::iter(ids.map(|id| Ok(id.0))), stop)
                .await?
        }
    };
    match written {
        Written::All => {}
        Written::Stopped => return Ok(Listed::Stopped),
        Written::Elsewhere => return Ok(Listed::Ended),
    }
    list.finish(selected.expected_count()).await
}

enum Written {
    All,
    Stopped,
    Elsewhere,
}

/// A list that is being written.
struct List<'a> {
    db: &'a Db,
    viewer: &'a Viewer,
    id: OperationId,
    /// Tells this run from another one of the same job.
    lister: String,
    parts: i64,
    total: i64,
}

impl List<'_> {
    /// Takes the list over from whoever began one.
    #[allow(
        clippy::disallowed_methods,
        reason = "the operation was found through the scope"
    )]
    async fn begin(&self) -> Result<bool> {
        let tx = self.db.write().await?;
        let Some(mut operation) = self
            .viewer
            .lock::<operation::Entity>(&tx, self.id)
            .await?
            .filter(|operation| {
                operation.status == JobStatus::Running && operation.total.is_none()
            })
        else {
            return Ok(false);
        };
        operation_part::Entity::delete_many()
            .filter(operation_part::Column::OperationId.eq(self.id))
            .exec(&*tx)
            .await?;
        operation.lister = Some(self.lister.clone());
        save(&tx, operation).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The operation, locked, if this run still lists.
    async fn held(&self, tx: &Tx) -> Result<Option<Model>> {
        let found = self.viewer.lock::<operation::Entity>(tx, self.id).await?;
        Ok(found.filter(|operation| {
            operation.status == JobStatus::Running
                && operation.lister.as_deref() == Some(&self.lister)
        }))
    }

    async fn write(
        &mut self,
        mut ids: impl Stream<Item = Result<i64>> + Unpin,
        stop: &CancellationToken,
    ) -> Result<Written> {
        let mut batch: Vec<Vec<ContactId>> = vec![Vec::with_capacity(PART)];
        loop {
            let next = ids.try_next().await?;
            let ended = next.is_none();
            if let (Some(id), Some(part)) = (next, batch.last_mut()) {
                part.push(ContactId(id));
                if part.len() < PART {
                    continue;
                }
                if batch.len() < PARTS_AT_ONCE {
                    batch.push(Vec::with_capacity(PART));
                    continue;
                }
            }
            if stop.is_cancelled() {
                return Ok(Written::Stopped);
            }
            if !self
                .add(std::mem::replace(&mut batch, vec![Vec::new()]))
                .await?
            {
                return Ok(Written::Elsewhere);
            }
            if ended {
                return Ok(Written::All);
            }
        }
    }

    async fn add(&mut self, parts: Vec<Vec<ContactId>>) -> Result<bool> {
        let tx = self.db.write().await?;
        if self.held(&tx).await?.is_none() {
            return Ok(false);
        }
        let mut rows = Vec::with_capacity(parts.len());
        for mut part in parts.into_iter().filter(|part| !part.is_empty()) {
            // Two operations that meet lock the same contacts in the same order.
            part.sort_unstable();
            self.total += i64::try_from(part.len()).unwrap_or(i64::MAX);
            let list: Vec<i64> = part.into_iter().map(|id| id.0).collect();
            rows.push(vec![
                Cell::Int(self.id.0),
                Cell::Int(self.parts),
                Cell::Text(serde_json::Value::from(list).to_string()),
            ]);
            self.parts += 1;
        }
        bulk::insert(&*tx, "operation_part", &COLUMNS, rows, "").await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Says how many there are. Who saw another number is told, and nothing happens.
    async fn finish(self, expected: Option<u64>) -> Result<Listed> {
        let tx = self.db.write().await?;
        let Some(mut operation) = self.held(&tx).await? else {
            return Ok(Listed::Ended);
        };
        let found = self.total.unsigned_abs();
        if let Some(expected) = expected.filter(|expected| *expected != found) {
            let message = format!(
                "{found} contacts matched when it began, you saw {expected}: nobody was changed. Look at them again."
            );
            fail(&tx, operation, message).await?;
            tx.commit().await?;
            return Ok(Listed::Ended);
        }
        operation.total = Some(self.total);
        let operation = save(&tx, operation).await?;
        tx.commit().await?;
        Ok(Listed::Whole(Box::new(operation)))
    }
}

const COLUMNS: [Column; 3] = [
    ("operation_id", Kind::BigInt),
    ("part", Kind::BigInt),
    ("contacts", Kind::Json),
];

/// What the selection hangs on is gone since it was asked for: says so, and ends the operation.
async fn refuse(db: &Db, viewer: &Viewer, id: OperationId, error: Error) -> Result<Listed> {
    let message = error.for_people()?;
    let tx = db.write().await?;
    if let Some(operation) = viewer
        .lock::<operation::Entity>(&tx, id)
        .await?
        .filter(|operation| !operation.status.is_final())
    {
        fail(&tx, operation, message).await?;
        tx.commit().await?;
    }
    Ok(Listed::Ended)
}

/// Ends the operation as FAILED.
pub(super) async fn fail(tx: &Tx, mut operation: Model, message: String) -> Result<Model> {
    operation.status = JobStatus::Failed;
    operation.failure_message = Some(message);
    end(tx, operation).await
}
