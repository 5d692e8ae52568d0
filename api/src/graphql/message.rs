//! Messages: what came and what went.

use super::{
    channel::Channel,
    connection::connection,
    contact::Contact,
    error::{Failure, Result},
    loader::{Loader, read_id},
    member::Member,
    send::{DeliveryError, DeliveryStatus},
    talk::People,
};
use async_graphql::{Context, Enum, ID, Object};
use domain::{
    message::{self, Of},
    page::Window,
    scalar::DateTime,
};
use entity::{message::Model, role::Role};
use std::sync::Arc;

/// From a contact or to them.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::message::Direction", name = "MessageDirection")]
pub(crate) enum Direction {
    /// From them.
    Incoming,
    /// To them.
    Outgoing,
}

#[derive(Clone)]
pub(crate) struct Message {
    row: Model,
    people: Arc<People>,
}

impl Message {
    /// Those of a list.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let people = People::new(rows.iter().map(|row| row.contact_id));
        let wrap = |row| Self {
            row,
            people: Arc::clone(&people),
        };
        rows.into_iter().map(wrap).collect()
    }
}

/// A message that came or went.
#[Object]
impl Message {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// From or to whom; null where they were deleted meanwhile.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        let read = async || self.people.get(Loader::of(ctx)?, self.row.contact_id).await;
        read().await.transpose()
    }

    /// Over which channel.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel> {
        let loader = Loader::of(ctx)?;
        loader.channel(self.row.channel_id).await
    }

    /// From them or to them.
    async fn direction(&self) -> Direction {
        self.row.direction.into()
    }

    /// `text`, `image`, `audio` and so on, as the messenger calls it.
    async fn kind(&self) -> &str {
        &self.row.kind
    }

    /// What it says, or what stands below what was sent; null: it has no words.
    async fn text(&self) -> Option<&str> {
        self.row.text.as_deref()
    }

    /// What became of it.
    async fn status(&self) -> DeliveryStatus {
        self.row.status.into()
    }

    /// Why it did not reach them, or why that is not known; null: nothing went wrong.
    async fn error(&self) -> Option<DeliveryError> {
        Some(DeliveryError {
            code: self.row.error_code.clone()?,
            message: self.row.error_message.clone().unwrap_or_default(),
            // Messages that are no part of a send are sent anew by hand alone.
            retryable: false,
        })
    }

    /// The member who sent it; null: a script, or nobody of the workspace.
    async fn author(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.author_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Who sent it: the name that the member or the token had then; null: it came.
    async fn author_name(&self) -> Option<&str> {
        self.row.author_name.as_deref()
    }

    /// When it was on their device.
    async fn delivered_at(&self) -> Option<DateTime> {
        self.row.delivered_at.map(DateTime)
    }

    /// When they saw it.
    async fn read_at(&self) -> Option<DateTime> {
        self.row.read_at.map(DateTime)
    }

    /// When it came or went, as the messenger says.
    async fn at(&self) -> DateTime {
        DateTime(self.row.at)
    }
}

connection!(
    /// A page of messages.
    MessageConnection,
    /// A message on a page.
    MessageEdge,
    Message
);

#[derive(Default)]
pub(crate) struct MessageQuery;

#[Object]
impl MessageQuery {
    /// One page of the messages with a contact, or of a conversation, the newest first: exactly one of the two ids, else BAD_USER_INPUT. FORBIDDEN to agents.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "All messages with this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Those of this conversation.")] conversation_id: Option<ID>,
        #[graphql(desc = "How many, 1 to 500. 50 where it is left out.")] first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list.")] after: Option<String>,
    ) -> Result<MessageConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let of = match (contact_id, conversation_id) {
            (Some(id), None) => Of::Contact(read_id(&id)),
            (None, Some(id)) => Of::Conversation(read_id(&id)),
            _ => {
                let message = "Give either contactId or conversationId.";
                return Err(Failure::bad_input("contactId", message));
            }
        };
        let window = Window::new(first, after, None, None)?;
        let page = message::list(loader.db().read(), loader.viewer(), of, &window).await?;
        Ok(MessageConnection::new(page, Message::group))
    }
}
