//! Who contacts are on channels.

use crate::graphql::{channel::Channel, error::Result, loader::Loader};
use async_graphql::{Context, ID, Object};
use domain::{message, scalar::DateTime};
use entity::contact_channel::Model;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct ContactChannel {
    row: Model,
    /// All that the contact has: who writes at one may be written to at all of them on the channel.
    siblings: Arc<[Model]>,
}

impl ContactChannel {
    /// All of one contact, in their order.
    pub(crate) fn all(rows: Vec<Model>) -> Vec<Self> {
        let siblings: Arc<[Model]> = rows.into();
        let wrap = |row: &Model| Self {
            row: row.clone(),
            siblings: Arc::clone(&siblings),
        };
        siblings.iter().map(wrap).collect()
    }
}

/// Who a contact is on a channel. A channel's address belongs to one contact alone.
#[Object]
impl ContactChannel {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The channel.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel> {
        let loader = Loader::of(ctx)?;
        loader.channel(self.row.channel_id).await
    }

    /// Phone number with `+`, e-mail address in lower case, or the messenger's own user id.
    async fn address(&self) -> &str {
        &self.row.address
    }

    /// What they call themselves there; null: nothing was told.
    async fn profile_name(&self) -> Option<&str> {
        self.row.profile_name.as_deref()
    }

    /// When the first message came or went there; null: there was none.
    async fn first_contact_at(&self) -> Option<DateTime> {
        self.row.first_contact_at.map(DateTime)
    }

    /// When the last message came or went there; null: there was none.
    async fn last_contact_at(&self) -> Option<DateTime> {
        self.row.last_contact_at.map(DateTime)
    }

    /// When the last message came from there; null: there was none.
    async fn last_incoming_at(&self) -> Option<DateTime> {
        self.row.last_incoming_at.map(DateTime)
    }

    /// Until when texts reach them on this channel: 24 hours after their last message over it, from whichever of their addresses there. Null: a text does not
    /// reach them now, since that was longer ago or they never wrote, but templates do; or the channel has no such window (`Channel.hasServiceWindow`), and
    /// texts go out at any time. Whether they are blocked does not count here.
    async fn service_window_ends_at(&self, ctx: &Context<'_>) -> Option<Result<DateTime>> {
        let read = async || -> Result<Option<DateTime>> {
            let channel = Loader::of(ctx)?.channel(self.row.channel_id).await?;
            let there = self.siblings.iter();
            let there: Vec<_> = there
                .filter(|row| row.channel_id == self.row.channel_id)
                .collect();
            Ok(message::service_window_end(&channel.0, &there).map(DateTime))
        };
        read().await.transpose()
    }
}
