//! Sends: a broadcast on its way. Its recipients are fixed by one statement ([`freeze`]); then its job claims a few at a time and accounts for what
//! became of them ([`step`](mod@step)), until nobody is left. What webhooks say later is applied by [`status`].
//!
//! The ledger is one row for each recipient. `broadcast_send` counts its rows by their state: the eight counts add up to the total at every commit.

mod begin;
mod claim;
mod control;
mod counts;
mod create;
pub(crate) mod day;
mod early;
mod freeze;
mod history;
mod lattice;
mod ledger;
mod look;
pub(crate) mod pace;
mod result;
mod sent;
mod settle;
mod status;
mod step;

pub use begin::{Begun, begin, give_up};
pub(crate) use claim::AHEAD;
pub use claim::Claimed;
pub use control::{cancel, pause, resume, retry};
pub use create::{NewSend, create};
pub use early::drop_early;
pub(crate) use early::early_of;
pub(crate) use history::wrote_to;
pub(crate) use lattice::advance_message;
pub use ledger::{Wanted, deliveries, deliveries_by_ids};
pub use result::finish;
pub use settle::{Answer, What};
pub(crate) use status::{apply as apply_status, may_be_early};
pub use step::{Next, Running, step};

use crate::{
    db::Tx,
    error::Result,
    event::Hint,
    page::{self, Order, Page, Window},
    progress::Progress,
    viewer::Viewer,
    watch::Work,
};
use entity::{
    broadcast_send::{self, Model},
    id::{BroadcastId, BroadcastSendId},
    job::JobStatus,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, IntoActiveModel, QueryFilter};
use std::collections::HashMap;

/// One page of the sends of each of these broadcasts, the newest first, for those that have any: in one statement.
///
/// # Errors
/// When the window does not fit, or the database is away.
pub async fn of_broadcasts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    broadcasts: &[BroadcastId],
    window: &Window,
) -> Result<HashMap<BroadcastId, Page<Model>>> {
    let by = broadcast_send::Column::BroadcastId;
    let of = |id: &BroadcastId| viewer.find::<broadcast_send::Entity>().filter(by.eq(*id));
    let lists = broadcasts.iter().map(of).collect();
    let order = Order::newest_first(broadcast_send::Column::Id);
    let pages = page::fetch_first(conn, lists, by, &order, window).await?;
    let pages = pages.into_iter();
    Ok(pages.map(|(id, page)| (BroadcastId(id), page)).collect())
}

/// How far a send is: who has an outcome of it.
pub fn progress(send: &Model) -> Progress {
    let left = send.pending + send.sending;
    let done = send.total.map_or(0, |total| total - left);
    Progress::new(
        send.status,
        send.total,
        done,
        send.started_at,
        send.finished_at,
    )
}

impl Work for Model {
    type Id = BroadcastSendId;

    fn status(&self) -> JobStatus {
        self.status
    }

    fn is_over(&self) -> bool {
        is_over(self)
    }

    async fn get(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        id: BroadcastSendId,
    ) -> Result<Option<Self>> {
        let found = viewer.by_ids::<broadcast_send::Entity>(conn, [id]).await?;
        Ok(found.into_iter().next())
    }
}

/// Whether a send has ended, and what became of everybody is known.
fn is_over(send: &Model) -> bool {
    send.status.is_final() && is_nobody_left(send)
}

/// Whether everybody whom it knows has an outcome.
fn is_nobody_left(send: &Model) -> bool {
    send.pending == 0 && send.sending == 0
}

/// Writes the send's row as it now stands, and tells those who watch it with the commit.
async fn save(tx: &Tx, send: Model) -> Result<Model> {
    counts::check(&send)?;
    let send = send.into_active_model().reset_all().update(&**tx).await?;
    tx.announce(Hint::Work {
        workspace: send.workspace_id,
        work: send.id.into(),
    })
    .await?;
    Ok(send)
}
