//! Sends: a broadcast on its way.

mod delivery;
mod mutation;

pub(crate) use delivery::{DeliveryConnection, DeliveryError, DeliveryStatus, SkipReason};
pub(crate) use mutation::BroadcastSendMutation;

use super::{
    broadcast::Broadcast,
    connection::connection,
    error::{Failure, Result},
    import::{File, Files},
    job::{JobStatus, Progress, whole},
    lists::Lists,
    loader::{Loader, Once, once, read_id},
    member::Member,
};
use async_graphql::{Context, Enum, ID, Object, SimpleObject, Subscription};
pub(crate) use delivery::Delivery;
use domain::{contact::masked_words, page::Window, scalar::DateTime, send};
use entity::{
    broadcast,
    broadcast_send::Model,
    id::{BroadcastId, BroadcastSendId},
    role::Role,
};
use futures_util::{Stream, StreamExt};
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// To whom of a broadcast's people a send goes.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::broadcast_send::RecipientChoice")]
pub(crate) enum RecipientChoice {
    /// To everyone in its segments, or to everyone.
    All,
    /// To the contacts that are named, whether they are in its segments or not.
    Selected,
    /// To those to whom no earlier send of it was tried: who was left out then is new, and whom it did not reach belongs to `retryFailedDeliveries`.
    NewlyAdded,
}

/// What a send waits for. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::broadcast_send::WaitsFor")]
pub(crate) enum WaitsFor {
    /// The channel has reached as many people as it may in moving 24 hours.
    DailyLimit,
    /// The provider asked to wait, or other sends of the channel come first.
    Provider,
    /// The time of the next try for those whom it did not reach yet.
    Retry,
}

/// Recipients by what became of them. They add up to `progress.total` at every moment.
#[derive(SimpleObject)]
pub(crate) struct DeliveryCounts {
    /// Those who are still to get it.
    pending: i32,
    /// Those to whom it goes out now.
    sending: i32,
    /// Those for whom the provider has taken it, and nothing more is known.
    sent: i32,
    /// Those on whose device it is.
    delivered: i32,
    /// Those who have seen it.
    read: i32,
    /// Those whom it did not reach.
    failed: i32,
    /// Those who were left out, each with a reason.
    skipped: i32,
    /// Those for whom the provider may have taken it: a process died, or no answer came. Settled by a webhook of the provider, never sent again by itself.
    unknown: i32,
}

#[derive(Clone)]
pub(crate) struct BroadcastSend {
    pub(super) row: Arc<Model>,
    group: Arc<Group>,
}

/// What the sends of a list share.
struct Group {
    rows: Vec<Arc<Model>>,
    broadcasts: Broadcasts,
    deliveries: Lists<Asked, BroadcastSendId, Delivery>,
}

/// What is asked for of each send's deliveries: which, and which page of them.
type Asked = (send::Wanted, Window);

impl Group {
    fn new(rows: Vec<Arc<Model>>) -> Arc<Self> {
        Arc::new(Self {
            broadcasts: Broadcasts::new(rows.iter().map(|row| row.broadcast_id)),
            deliveries: Lists::new(),
            rows,
        })
    }
}

/// The broadcasts of a list of sends: read once for it.
struct Broadcasts {
    ids: Vec<BroadcastId>,
    found: Once<Arc<HashMap<BroadcastId, Broadcast>>>,
}

impl Broadcasts {
    fn new(ids: impl IntoIterator<Item = BroadcastId>) -> Self {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        Self {
            ids,
            found: Once::new(),
        }
    }

    async fn get(&self, loader: &Loader, id: BroadcastId) -> Result<Broadcast> {
        let found = once(&self.found, async {
            let ids = self.ids.iter().copied();
            let conn = loader.db().read();
            // Deleted ones too: history names them.
            let rows = loader
                .viewer()
                .by_ids::<broadcast::Entity>(conn, ids)
                .await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let found = ids.into_iter().zip(Broadcast::group(rows));
            Ok(Arc::new(found.collect::<HashMap<_, _>>()))
        });
        let found = found.await?.get(&id).cloned();
        found.ok_or_else(|| Failure::broken("a send of a broadcast that is not there"))
    }
}

impl BroadcastSend {
    /// Those of a list.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let rows: Vec<_> = rows.into_iter().map(Arc::new).collect();
        let group = Group::new(rows.clone());
        let wrap = |row| Self {
            row,
            group: Arc::clone(&group),
        };
        rows.into_iter().map(wrap).collect()
    }

    pub(super) fn new(row: impl Into<Arc<Model>>) -> Self {
        let row = row.into();
        Self {
            group: Group::new(vec![Arc::clone(&row)]),
            row,
        }
    }
}

/// A broadcast on its way: watch it with `broadcastSendProgress`. What is sent is fixed when it is asked for, and its recipients when it begins.
#[Object]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl BroadcastSend {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What is sent.
    async fn broadcast(&self, ctx: &Context<'_>) -> Result<Broadcast> {
        let loader = Loader::of(ctx)?;
        let broadcasts = &self.group.broadcasts;
        broadcasts.get(loader, self.row.broadcast_id).await
    }

    /// Where it stands.
    async fn status(&self) -> JobStatus {
        self.row.status.into()
    }

    /// To whom of the broadcast's people.
    async fn recipients(&self) -> RecipientChoice {
        self.row.recipients.into()
    }

    /// When it is to begin; null: at once.
    async fn scheduled_at(&self) -> Option<DateTime> {
        self.row.scheduled_at.map(DateTime)
    }

    /// After this moment nothing of it goes out any more; null: no such moment.
    async fn not_after(&self) -> Option<DateTime> {
        self.row.not_after.map(DateTime)
    }

    /// How far it is, in recipients who have an outcome, whether the viewer sees them or not; the total is null until they are fixed.
    async fn progress(&self) -> Progress {
        send::progress(&self.row).into()
    }

    /// Why it is FAILED or PAUSED, for people; null where it is neither, or a person paused it. To whom addresses are masked, what may be one is
    /// `hidden` in it.
    async fn failure_message(&self, ctx: &Context<'_>) -> Result<Option<Cow<'_, str>>> {
        let viewer = Loader::of(ctx)?.viewer();
        let why = self.row.failure_message.as_deref();
        Ok(why.map(|why| masked_words(viewer, why)))
    }

    /// All recipients by what became of them, whether the viewer sees them or not. SENT, DELIVERED, READ, FAILED and UNKNOWN change with what the provider tells, after its end too.
    async fn counts(&self) -> DeliveryCounts {
        let row = &self.row;
        DeliveryCounts {
            pending: whole(row.pending),
            sending: whole(row.sending),
            sent: whole(row.sent),
            delivered: whole(row.delivered),
            read: whole(row.read),
            failed: whole(row.failed),
            skipped: whole(row.skipped),
            unknown: whole(row.unknown),
        }
    }

    /// Until when it waits; null where it does not.
    async fn waits_until(&self) -> Option<DateTime> {
        self.row.waits_until.map(DateTime)
    }

    /// What it waits for; null where it does not.
    async fn waits_for(&self) -> Option<WaitsFor> {
        self.row.waits_for.map(Into::into)
    }

    /// One page of its recipients, in the order in which they get it; of contacts that the viewer does not see, none. For all sends of a list it is read
    /// at once.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "In one of these states; left out: in any.")] status: Option<
            Vec<DeliveryStatus>,
        >,
        #[graphql(desc = "Left out for one of these reasons.")] skip_reason: Option<
            Vec<SkipReason>,
        >,
        #[graphql(desc = "How many, 1 to 500. 50 where both `first` and `last` are left out.")]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list.")] after: Option<String>,
        #[graphql(
            desc = "That many from the end, or before `before`, in the list's own order: 1 to 500."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor of the same list.")] before: Option<
            String,
        >,
    ) -> Result<DeliveryConnection> {
        let loader = Loader::of(ctx)?;
        let window = Window::new(first, after, last, before)?;
        let wanted = send::Wanted {
            status: status.map(|of| of.into_iter().map(Into::into).collect()),
            skip_reason: skip_reason.map(|of| of.into_iter().map(Into::into).collect()),
        };
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let load = send::deliveries(conn, viewer, &self.group.rows, &wanted, &window);
        let wrap = |rows| Delivery::group(rows, viewer.is_masked());
        let (deliveries, own) = (&self.group.deliveries, self.row.id);
        let asked = (wanted.clone(), window.clone());
        let page = deliveries.page(asked, own, &window, load, wrap);
        Ok(DeliveryConnection::new(page.await?, |items| items))
    }

    /// A CSV file with a line and a reason for everyone, as it stood when the send ended; null until then, and to whom contacts or addresses are hidden.
    async fn result_file(&self, ctx: &Context<'_>) -> Option<Result<File>> {
        let loader = match Loader::of(ctx) {
            Ok(loader) => loader,
            Err(failure) => return Some(Err(failure)),
        };
        let key = self.row.result_key.clone()?;
        loader.viewer().sees_imports().ok()?;
        let day = self.row.finished_at.unwrap_or(self.row.created_at);
        Some(Ok(File {
            key,
            name: format!("recipients-{}.csv", day.format("%Y-%m-%d")),
            size: self.row.result_size,
        }))
    }

    /// The member who asked for it; null: a script, which `createdByName` names.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.created_by_member_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Who asked for it: the name that the member or the token had then.
    async fn created_by_name(&self) -> &str {
        &self.row.created_by_name
    }

    /// When it was asked for.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When its recipients were fixed.
    async fn started_at(&self) -> Option<DateTime> {
        self.row.started_at.map(DateTime)
    }

    /// When it ended.
    async fn finished_at(&self) -> Option<DateTime> {
        self.row.finished_at.map(DateTime)
    }
}

connection!(
    /// A page of sends.
    BroadcastSendConnection,
    /// A send on a page.
    BroadcastSendEdge,
    BroadcastSend
);

#[derive(Default)]
pub(crate) struct BroadcastSendSubscription;

#[Subscription]
impl BroadcastSendSubscription {
    /// A send until it ends: its present state at once, so that who connects late or again misses nothing, then at most ten states a second, and
    /// always the last one. FORBIDDEN to agents; BAD_USER_INPUT where there is no such send.
    async fn broadcast_send_progress<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<impl Stream<Item = BroadcastSend> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let sends = &Files::of(ctx)?.sends;
        let states = Box::pin(sends.progress(loader.viewer(), read_id(&id))).await?;
        let states = states.ok_or_else(|| Failure::bad_input("id", "There is no such send."));
        Ok(states?.map(|row| {
            loader.forget();
            BroadcastSend::new(row)
        }))
    }
}
