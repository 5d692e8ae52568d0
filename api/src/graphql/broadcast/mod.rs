//! Broadcasts: what is sent to many, and to whom.

mod audience;
mod content;
mod mutation;

pub(crate) use content::{
    BroadcastContent, BroadcastContentInput, TemplateContent, TemplateContentInput,
};
pub(crate) use mutation::BroadcastMutation;

use super::{
    channel::Channel,
    connection::connection,
    error::Result,
    lists::Lists,
    loader::{Loader, Once, once, read_id},
    member::Member,
    segment::Segment,
    send::{BroadcastSend, BroadcastSendConnection, RecipientChoice},
};
use async_graphql::{Context, ID, Object};
use audience::{Audience, BroadcastPreview};
use content::{Contents, read};
use domain::{broadcast, contact, page::Window, scalar::DateTime, send};
use entity::{
    broadcast::Model,
    broadcast_segment,
    id::{BroadcastId, ContactId},
    role::Role,
    segment,
};
use serde_json::Value as Json;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Broadcast {
    pub(super) row: Model,
    group: Arc<Group>,
}

/// What the broadcasts of a list share.
struct Group {
    ids: Vec<BroadcastId>,
    segments: Once<Arc<Segments>>,
    contents: Arc<Contents>,
    sends: Lists<Window, BroadcastId, BroadcastSend>,
}

/// To which segments the broadcasts of a list go.
struct Segments {
    named: Vec<broadcast_segment::Model>,
    found: Vec<(entity::id::SegmentId, Segment)>,
}

impl Group {
    fn new(rows: &[Model]) -> Arc<Self> {
        Arc::new(Self {
            ids: rows.iter().map(|row| row.id).collect(),
            segments: Once::new(),
            contents: Contents::new(rows.iter().map(|row| &row.content)),
            sends: Lists::new(),
        })
    }
}

impl Broadcast {
    /// Those of a list.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let group = Group::new(&rows);
        let wrap = |row| Self {
            row,
            group: Arc::clone(&group),
        };
        rows.into_iter().map(wrap).collect()
    }

    /// One.
    pub(super) fn alone(row: Model) -> Self {
        Self {
            group: Group::new(std::slice::from_ref(&row)),
            row,
        }
    }

    async fn named(&self, loader: &Loader) -> Result<Arc<Segments>> {
        once(&self.group.segments, async {
            let conn = loader.db().read();
            let named = broadcast::segments(conn, &self.group.ids).await?;
            let mut ids: Vec<_> = named.iter().map(|row| row.segment_id).collect();
            ids.sort_unstable();
            ids.dedup();
            let viewer = loader.viewer();
            let rows = viewer.by_ids::<segment::Entity>(conn, ids).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let found = ids.into_iter().zip(Segment::group(rows)).collect();
            Ok(Arc::new(Segments { named, found }))
        })
        .await
    }
}

/// A message to many ("group message", "push message"): what is sent, over which channel, and to whom. `sendBroadcast` sends it, as often as one likes.
#[Object]
impl Broadcast {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What people call it.
    async fn title(&self) -> &str {
        &self.row.title
    }

    /// The channel it is sent over.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel> {
        Loader::of(ctx)?.channel(self.row.channel_id).await
    }

    /// What is sent.
    async fn content(&self, ctx: &Context<'_>) -> Result<BroadcastContent> {
        read(Loader::of(ctx)?, &self.group.contents, &self.row.content).await
    }

    /// Whether it goes to every contact; then `segments` is empty.
    async fn everyone(&self) -> bool {
        self.row.everyone
    }

    /// The segments it goes to; who is in several gets it once.
    async fn segments(&self, ctx: &Context<'_>) -> Result<Vec<Segment>> {
        let segments = self.named(Loader::of(ctx)?).await?;
        let own = segments
            .named
            .iter()
            .filter(|named| named.broadcast_id == self.row.id);
        let found = own.filter_map(|named| {
            let found = segments.found.iter();
            let mut found = found.filter(|(id, _)| *id == named.segment_id);
            found.next().map(|(_, segment)| segment.clone())
        });
        Ok(found.collect())
    }

    /// The filter that narrows either, as a `ContactFilter`; null: none does.
    async fn filter(&self) -> Option<&Json> {
        self.row.filter.as_ref()
    }

    /// Whom it would reach now, and why not the others. It looks at everybody in the broadcast's segments: ask for it of one broadcast at a time.
    async fn audience(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "To whom of its people.", default_with = "RecipientChoice::All")]
        recipients: RecipientChoice,
        #[graphql(desc = "Those, where `recipients` is SELECTED: else BAD_USER_INPUT.")]
        contact_ids: Option<Vec<ID>>,
    ) -> Result<Audience> {
        let loader = Loader::of(ctx)?;
        let ids = contact_ids.map(|ids| ids.iter().map(read_id).collect());
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let found = broadcast::audience(conn, viewer, &self.row, recipients.into(), ids).await;
        Ok(found?.into())
    }

    /// What one contact would read; null where there is no such contact. It is made for each broadcast by itself: ask for it of one at a time.
    async fn preview(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For which contact.")] contact_id: ID,
    ) -> Option<Result<BroadcastPreview>> {
        let read = async || -> Result<Option<BroadcastPreview>> {
            let loader = Loader::of(ctx)?;
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let id: ContactId = read_id(&contact_id);
            if contact::by_ids(conn, viewer, &[id]).await?.is_empty() {
                return Ok(None);
            }
            let shown = broadcast::preview(conn, viewer, &self.row, id).await;
            Ok(Some(shown?.into()))
        };
        read().await.transpose()
    }

    /// One page of its sends, the newest first. For all broadcasts of a list it is read at once.
    async fn sends(
        &self,
        ctx: &Context<'_>,
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
    ) -> Result<BroadcastSendConnection> {
        let loader = Loader::of(ctx)?;
        let window = Window::new(first, after, last, before)?;
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let load = send::of_broadcasts(conn, viewer, &self.group.ids, &window);
        let (sends, own) = (&self.group.sends, self.row.id);
        let page = sends.page(window.clone(), own, &window, load, BroadcastSend::group);
        Ok(BroadcastSendConnection::new(page.await?, |items| items))
    }

    /// The member who made it; null: a script, which `createdByName` names.
    async fn created_by(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.created_by_member_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Who made it: the name that the member or the token had then.
    async fn created_by_name(&self) -> &str {
        &self.row.created_by_name
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it was last changed.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }
}

connection!(
    /// A page of broadcasts.
    BroadcastConnection,
    /// A broadcast on a page.
    BroadcastEdge,
    Broadcast
);

#[derive(Default)]
pub(crate) struct BroadcastQuery;

#[Object]
impl BroadcastQuery {
    /// One page of the broadcasts, the newest first. FORBIDDEN to agents.
    async fn broadcasts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose title has this in it.")] search: Option<String>,
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
    ) -> Result<BroadcastConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let window = Window::new(first, after, last, before)?;
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let page = broadcast::list(conn, viewer, search.as_deref(), &window).await?;
        Ok(BroadcastConnection::new(page, Broadcast::group))
    }

    /// One broadcast; null where there is none. FORBIDDEN to agents.
    async fn broadcast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Broadcast>> {
        let read = async || -> Result<Option<Broadcast>> {
            let loader = Loader::require(ctx, Role::Manager)?;
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let found = broadcast::get(conn, viewer, read_id(&id)).await?;
            Ok(found.map(Broadcast::alone))
        };
        read().await.transpose()
    }
}
