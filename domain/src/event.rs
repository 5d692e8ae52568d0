//! Hints: "look again". A hint says that a row may have changed; what is true stands in the row.
//!
//! Hints reach this process's subscribers through the [`Hub`] after the commit. Those of other processes come by LISTEN on PostgreSQL;
//! on SQLite a changed `PRAGMA data_version` stands in for all of them (see [`watch`]).

use crate::{
    contact,
    db::{Db, dialect},
};
use entity::id::{
    BroadcastSendId, ContactId, ExportId, ImportId, OperationId, ParseIdError, WorkspaceId,
};
use sea_orm::{DbBackend, DbErr};
use std::{collections::HashMap, fmt, str::FromStr, sync::Arc, time::Duration};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use ulid::Ulid;

/// What may have changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hint {
    /// Background work: its counts, its status, or both.
    Work {
        /// Its workspace.
        workspace: WorkspaceId,
        /// Which.
        work: WorkId,
    },
    /// Contacts, or whom filters choose.
    Contacts {
        /// Their workspace.
        workspace: WorkspaceId,
        /// Which; none: many.
        contacts: Option<Arc<[ContactId]>>,
        /// Where one connection alone writes, which of the workspace's changes this is: one that is never heard of was another process's.
        number: i64,
    },
    /// Messages or conversations.
    Talk {
        /// Their workspace.
        workspace: WorkspaceId,
    },
    /// A job was put into the queue.
    Queued,
    /// Anything: another process wrote, or hints were lost.
    Anything {
        /// The workspaces whose contacts, or whose choice by filters, may have changed; none: all.
        contacts_of: Option<Arc<[WorkspaceId]>>,
    },
}

impl Hint {
    /// Nothing is known but that something may have changed.
    pub const ANYTHING: Self = Self::Anything { contacts_of: None };
}

/// Background work that has a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkId {
    /// An import.
    Import(ImportId),
    /// A bulk operation.
    Operation(OperationId),
    /// An export.
    Export(ExportId),
    /// A send of a broadcast.
    Send(BroadcastSendId),
}

impl From<ImportId> for WorkId {
    fn from(id: ImportId) -> Self {
        Self::Import(id)
    }
}

impl From<OperationId> for WorkId {
    fn from(id: OperationId) -> Self {
        Self::Operation(id)
    }
}

impl From<ExportId> for WorkId {
    fn from(id: ExportId) -> Self {
        Self::Export(id)
    }
}

impl From<BroadcastSendId> for WorkId {
    fn from(id: BroadcastSendId) -> Self {
        Self::Send(id)
    }
}

impl fmt::Display for WorkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Import(id) => id.fmt(f),
            Self::Operation(id) => id.fmt(f),
            Self::Export(id) => id.fmt(f),
            Self::Send(id) => id.fmt(f),
        }
    }
}

impl FromStr for WorkId {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, ParseIdError> {
        let import = text.parse().map(Self::Import);
        import
            .or_else(|_| text.parse().map(Self::Operation))
            .or_else(|_| text.parse().map(Self::Export))
            .or_else(|_| text.parse().map(Self::Send))
    }
}

/// What stands in a hint about contacts, as it travels.
const CONTACTS: &str = "contacts";
/// The same of messages and conversations.
const TALK: &str = "talk";

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Work { workspace, work } => write!(f, "{workspace} {work}"),
            Self::Contacts {
                workspace,
                contacts,
                number,
            } => {
                write!(f, "{workspace} {CONTACTS} {number}")?;
                let contacts = contacts.as_deref();
                contacts
                    .into_iter()
                    .flatten()
                    .try_for_each(|id| write!(f, " {id}"))?;
                f.write_str(if contacts.is_none() { " many" } else { "" })
            }
            Self::Talk { workspace } => write!(f, "{workspace} {TALK}"),
            Self::Queued => f.write_str("queued"),
            Self::Anything { .. } => f.write_str("anything"),
        }
    }
}

impl FromStr for Hint {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.split_once(' ') {
            Some((workspace, rest)) if rest.starts_with(CONTACTS) => {
                let mut words = rest.split(' ').skip(1).peekable();
                let number = words.next().and_then(|number| number.parse().ok());
                let many = words.peek() == Some(&"many");
                let ids = words.map(|id| id.parse().map_err(|_| ()));
                let ids: Result<Vec<ContactId>, ()> =
                    if many { Ok(Vec::new()) } else { ids.collect() };
                Ok(Self::Contacts {
                    workspace: workspace.parse().map_err(|_| ())?,
                    contacts: (!many).then_some(ids?.into()),
                    number: number.ok_or(())?,
                })
            }
            Some((workspace, TALK)) => Ok(Self::Talk {
                workspace: workspace.parse().map_err(|_| ())?,
            }),
            Some((workspace, work)) => Ok(Self::Work {
                workspace: workspace.parse().map_err(|_| ())?,
                work: work.parse().map_err(|_| ())?,
            }),
            None if text == "queued" => Ok(Self::Queued),
            None => Ok(Self::ANYTHING),
        }
    }
}

/// Where hints arrive. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    hints: broadcast::Sender<Hint>,
    /// Tells this process from others.
    name: Arc<str>,
}

impl Default for Hub {
    fn default() -> Self {
        // A receiver that falls further behind is told that it lost some, and looks again at everything.
        Self {
            hints: broadcast::channel(1024).0,
            name: Ulid::generate().to_string().into(),
        }
    }
}

impl Hub {
    /// Tells everyone in this process.
    pub fn send(&self, hint: Hint) {
        // Nobody listening is no error.
        let _ = self.hints.send(hint);
    }

    /// Hints from now on.
    pub fn listen(&self) -> Listener {
        Listener(self.hints.subscribe())
    }

    /// What stands before this process's hints on their way to others.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// How many listen in this process.
    pub fn listeners(&self) -> usize {
        self.hints.receiver_count()
    }
}

/// Receives hints.
pub struct Listener(broadcast::Receiver<Hint>);

impl Listener {
    /// The next hint; [`Hint::ANYTHING`] where some were lost; none once the hub is gone.
    pub async fn next(&mut self) -> Option<Hint> {
        match self.0.recv().await {
            Ok(hint) => Some(hint),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Hint::ANYTHING),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

/// Brings the hints of other processes into this one's hub, until `stop`.
pub async fn watch(db: Db, stop: CancellationToken) {
    let watching = async {
        loop {
            let ended = match db.backend() {
                DbBackend::Postgres => listen(&db).await,
                _ => watch_version(&db).await,
            };
            if let Err(error) = ended {
                tracing::warn!(%error, "hints of other processes are not heard; trying again");
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
            // What was said meanwhile was missed.
            db.hub().send(Hint::ANYTHING);
        }
    };
    tokio::select! {
        () = watching => {}
        () = stop.cancelled() => {}
    }
}

/// Why hints of other processes are not heard.
type Deaf = Box<dyn std::error::Error + Send + Sync>;

async fn listen(db: &Db) -> Result<(), Deaf> {
    let mut listener =
        sqlx::postgres::PgListener::connect_with(db.read().get_postgres_connection_pool()).await?;
    listener.listen(dialect::NOTIFY_CHANNEL).await?;
    while let Some(notification) = listener.try_recv().await? {
        // What this process says has come from its hub already.
        let other = match notification.payload().split_once(' ') {
            Some((from, hint)) if from != db.hub().name() => hint.parse().ok(),
            _ => None,
        };
        if let Some(hint) = other {
            db.hub().send(hint);
        }
    }
    Ok(())
}

/// Four times a second is quick for a person and nothing for SQLite: the version is a number in shared memory.
const VERSION_INTERVAL: Duration = Duration::from_millis(250);

async fn watch_version(db: &Db) -> Result<(), Deaf> {
    // The version counts the writes of *other* connections, so it must always be asked on the same one. Writes of this process's
    // own pool count too; they cost a look too many.
    let mut connection = db.read().get_sqlite_connection_pool().acquire().await?;
    let mut seen: i64 = 0;
    let mut changes = HashMap::new();
    loop {
        tokio::time::sleep(VERSION_INTERVAL).await;
        if db.hub().listeners() == 0 {
            continue;
        }
        let version: i64 = sqlx::query_scalar("PRAGMA data_version")
            .fetch_one(&mut *connection)
            .await?;
        if version != std::mem::replace(&mut seen, version) {
            let contacts_of = contacts_changed(db, &mut changes).await?;
            db.hub().send(Hint::Anything {
                contacts_of: Some(contacts_of),
            });
        }
    }
}

/// The workspaces whose contacts have changed since the last time. A server writes all the time, if only that it lives: that is to make
/// nobody count again.
async fn contacts_changed(
    db: &Db,
    seen: &mut HashMap<WorkspaceId, i64>,
) -> Result<Arc<[WorkspaceId]>, DbErr> {
    let now = contact::count_changes_of_each(db.read()).await?;
    let changed = now
        .iter()
        .filter(|(workspace, changes)| seen.get(workspace) != Some(changes))
        .map(|(workspace, _)| *workspace)
        .collect();
    *seen = now;
    Ok(changed)
}
