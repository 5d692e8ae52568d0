//! Webhooks that come at the same time are stored by one transaction: SQLite writes one after the other, and each waits for the disk.

use super::must_enqueue;
use crate::{
    clock,
    db::{
        Db, Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::Result,
    job::{self, ApplyWebhooks},
};
use entity::id::{ChannelId, WorkspaceId};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot::{self, error::TryRecvError};

/// Where webhooks are stored. Cheap to clone.
#[derive(Clone)]
pub struct Intake {
    pub(super) db: Db,
    waiting: Arc<Mutex<Vec<Waiting>>>,
    turn: Arc<tokio::sync::Mutex<()>>,
}

/// A webhook to be stored.
#[derive(Clone)]
pub(super) struct Mail {
    pub(super) workspace_id: WorkspaceId,
    pub(super) channel_id: ChannelId,
    pub(super) body: String,
}

struct Waiting {
    mail: Mail,
    stored: oneshot::Sender<()>,
}

impl Intake {
    /// Of a database.
    pub fn new(db: Db) -> Self {
        Self {
            db,
            waiting: Arc::default(),
            turn: Arc::default(),
        }
    }

    /// Stores a webhook, and with it all that have come by the time it may be written.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn store(&self, mail: Mail) -> Result<()> {
        let (stored, mut is_stored) = oneshot::channel();
        let own = mail.clone();
        self.waiting().push(Waiting { mail, stored });
        let turn = self.turn.lock().await;
        match is_stored.try_recv() {
            Ok(()) => return Ok(()),
            // Whoever came before stores what waits, this one included, or has broken off.
            Err(TryRecvError::Empty) => {
                if self.store_waiting().await.is_ok() {
                    return Ok(());
                }
            }
            Err(TryRecvError::Closed) => {}
        }
        drop(turn);
        // One that cannot be stored keeps no other out.
        let tx = self.db.write().await?;
        write(&tx, vec![own]).await?;
        Ok(tx.commit().await?)
    }

    async fn store_waiting(&self) -> Result<()> {
        let begun = self.db.write().await;
        // Taken either way: they find out by themselves where the database is away.
        let all = std::mem::take(&mut *self.waiting());
        let tx = begun?;
        let (mail, stored): (Vec<Mail>, Vec<_>) =
            all.into_iter().map(|one| (one.mail, one.stored)).unzip();
        write(&tx, mail).await?;
        tx.commit().await?;
        for stored in stored {
            // Whoever has gone meanwhile needs no answer.
            let _ = stored.send(());
        }
        Ok(())
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

const COLUMNS: [Column; 4] = [
    ("workspace_id", Kind::BigInt),
    ("channel_id", Kind::BigInt),
    ("body", Kind::Text),
    ("came_at", Kind::Time),
];

async fn write(tx: &Tx, mail: Vec<Mail>) -> Result<()> {
    let channels: BTreeSet<ChannelId> = mail.iter().map(|one| one.channel_id).collect();
    let now = clock::now();
    let rows = mail.into_iter().map(|one| {
        vec![
            Cell::Int(one.workspace_id.0),
            Cell::Int(one.channel_id.0),
            Cell::Text(one.body),
            Cell::Time(now),
        ]
    });
    bulk::insert(&**tx, "webhook", &COLUMNS, rows.collect(), "").await?;
    for id in channels {
        if must_enqueue(tx, id).await? {
            let job = ApplyWebhooks { channel_id: id };
            job::enqueue(tx, &job).await?;
        }
    }
    Ok(())
}
