//! Messages: what came and what went.

use super::{
    broadcast::{Broadcast, BroadcastContentInput},
    channel::Channel,
    connection::connection,
    contact::Contact,
    error::{Failure, Result},
    idempotent::Idempotent,
    loader::{Loader, Once, once, read_id},
    member::Member,
    payload::payload,
    send::{DeliveryError, DeliveryStatus},
    talk::People,
    template::Template,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, Subscription};
use domain::{
    message::{self, NewMessage, Of},
    page::Window,
    scalar::DateTime,
};
use entity::{
    broadcast, broadcast_send,
    id::{BroadcastSendId, TemplateId},
    message::Model,
    role::Role,
    template,
};
use futures_util::{Stream, StreamExt};
use std::{collections::HashMap, sync::Arc};

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
    pub(super) row: Model,
    people: Arc<People>,
    origins: Arc<Origins>,
}

/// What the messages of a list were made from: read once for it.
struct Origins {
    sends: Vec<BroadcastSendId>,
    templates: Vec<TemplateId>,
    broadcasts: Once<Arc<HashMap<BroadcastSendId, Broadcast>>>,
    found: Once<Arc<Vec<template::Model>>>,
}

impl Origins {
    fn new(rows: &[Model]) -> Arc<Self> {
        Arc::new(Self {
            sends: rows.iter().filter_map(|row| row.send_id).collect(),
            templates: rows.iter().filter_map(|row| row.template_id).collect(),
            broadcasts: Once::new(),
            found: Once::new(),
        })
    }

    async fn broadcast(&self, loader: &Loader, id: BroadcastSendId) -> Result<Option<Broadcast>> {
        let found = once(&self.broadcasts, async {
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let sends = self.sends.iter().copied();
            let sends = viewer.by_ids::<broadcast_send::Entity>(conn, sends).await?;
            let ids = sends.iter().map(|send| send.broadcast_id);
            // Deleted ones too: history names them.
            let rows = viewer.by_ids::<broadcast::Entity>(conn, ids).await?;
            let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
            let rows: HashMap<_, _> = ids.into_iter().zip(Broadcast::group(rows)).collect();
            let found = sends
                .iter()
                .filter_map(|send| Some((send.id, rows.get(&send.broadcast_id)?.clone())));
            Ok(Arc::new(found.collect::<HashMap<_, _>>()))
        });
        Ok(found.await?.get(&id).cloned())
    }

    async fn template(&self, loader: &Loader, id: TemplateId) -> Result<Option<Template>> {
        let found = once(&self.found, async {
            let (conn, viewer) = (loader.db().read(), loader.viewer());
            let ids = self.templates.iter().copied();
            let rows = viewer.by_ids::<template::Entity>(conn, ids).await?;
            Ok(Arc::new(rows))
        });
        let found = found.await?;
        let mut found = found.iter().filter(|row| row.id == id);
        Ok(found.next().cloned().map(Template))
    }
}

impl Message {
    /// Those of a list.
    pub(super) fn group(rows: Vec<Model>) -> Vec<Self> {
        let people = People::new(rows.iter().map(|row| row.contact_id));
        let origins = Origins::new(&rows);
        let wrap = |row| Self {
            row,
            people: Arc::clone(&people),
            origins: Arc::clone(&origins),
        };
        rows.into_iter().map(wrap).collect()
    }

    /// A text of it as the viewer may read it.
    async fn shown(&self, ctx: &Context<'_>, text: &str) -> Result<String> {
        let loader = Loader::of(ctx)?;
        self.people.shown(loader, self.row.contact_id, text).await
    }

    /// One by itself.
    fn alone(row: Model) -> Self {
        Self {
            people: People::new([row.contact_id]),
            origins: Origins::new(std::slice::from_ref(&row)),
            row,
        }
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

    /// What it says, or what stands below what was sent; null: it has no words. The contact's own phone number and addresses in it are `hidden` to whom they
    /// are masked.
    async fn text(&self, ctx: &Context<'_>) -> Option<Result<String>> {
        let text = self.row.text.as_deref()?;
        Some(self.shown(ctx, text).await)
    }

    /// What became of it.
    async fn status(&self) -> DeliveryStatus {
        self.row.status.into()
    }

    /// The template that it was made from; null: none, or it came.
    async fn template(&self, ctx: &Context<'_>) -> Option<Result<Template>> {
        let id = self.row.template_id?;
        let read = async || self.origins.template(Loader::of(ctx)?, id).await;
        read().await.transpose()
    }

    /// The broadcast that it was a part of; null: none, and to agents.
    async fn broadcast(&self, ctx: &Context<'_>) -> Option<Result<Broadcast>> {
        let id = self.row.send_id?;
        let read = async || -> Result<Option<Broadcast>> {
            let loader = Loader::of(ctx)?;
            match loader.viewer().require(Role::Manager) {
                Ok(()) => self.origins.broadcast(loader, id).await,
                Err(_) => Ok(None),
            }
        };
        read().await.transpose()
    }

    /// Why it did not reach them, or why that is not known; null: nothing went wrong.
    async fn error(&self, ctx: &Context<'_>) -> Option<Result<DeliveryError>> {
        let code = self.row.error_code.clone()?;
        let message = self.row.error_message.as_deref().unwrap_or_default();
        let message = self.shown(ctx, message).await;
        Some(message.map(|message| DeliveryError {
            code,
            message,
            // Messages that are no part of a send are sent anew by hand alone.
            retryable: false,
        }))
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
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl MessageQuery {
    /// One page of the messages with a contact, or of a conversation, the newest first: exactly one of the two ids, else BAD_USER_INPUT. Agents see
    /// the messages of the conversations that are assigned to them.
    async fn messages(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "All messages with this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "Those of this conversation.")] conversation_id: Option<ID>,
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
    ) -> Result<MessageConnection> {
        let loader = Loader::of(ctx)?;
        let of = match (contact_id, conversation_id) {
            (Some(id), None) => Of::Contact(read_id(&id)),
            (None, Some(id)) => Of::Conversation(read_id(&id)),
            _ => {
                let message = "Give either contactId or conversationId.";
                return Err(Failure::bad_input("contactId", message));
            }
        };
        let window = Window::new(first, after, last, before)?;
        let page = message::list(loader.db().read(), loader.viewer(), of, &window).await?;
        Ok(MessageConnection::new(page, Message::group))
    }
}

payload!(
    /// What became of a message to one person.
    MessagePayload,
    /// The message as it is now, PENDING: watch it with `messageChanged`. Of a block, the first. Null where it was refused.
    message: Message
);

/// A message to one person.
#[derive(InputObject)]
pub(crate) struct SendMessageInput {
    /// To whom. NOT_FOUND where there is no such contact; INVALID where they are blocked, or have no address on the channel. Who is INACTIVE, or has said stop, gets it all
    /// the same: broadcasts leave them out, but one person may be answered. Whoever is blocked before it goes out does not get it: it is FAILED.
    contact_id: ID,
    /// Over which channel. NOT_FOUND where there is none, INVALID where it is not READY.
    channel_id: ID,
    /// What they get. A text or a block is INVALID where their last message is more than 24 hours ago and the messenger has such a window.
    content: BroadcastContentInput,
}

#[derive(Default)]
pub(crate) struct MessageMutation;

#[Object]
impl MessageMutation {
    /// Writes to one person, in the open conversation with them over the channel; it is opened where there is none. It goes out in the background. Agents
    /// write to the contacts of their conversations: what they open is assigned to them, and where the open one is not, it is a CONFLICT.
    async fn send_message(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to whom, over which channel.")] input: Idempotent<SendMessageInput>,
    ) -> Result<MessagePayload> {
        let loader = Loader::of(ctx)?;
        let (input, key) = input.open(ctx);
        let new = NewMessage {
            contact_id: read_id(&input.contact_id),
            channel_id: read_id(&input.channel_id),
            content: input.content.into(),
        };
        let done = loader.write(key, async |tx| {
            message::send(tx, loader.viewer(), new)
                .await
                .map(Message::alone)
        });
        Ok(done.await?.into())
    }
}

#[derive(Default)]
pub(crate) struct MessageSubscription;

#[Subscription]
impl MessageSubscription {
    /// Messages from now on: each that comes, goes out, or changes its status, within a second; of several changes of one at the same time the last. Agents hear
    /// of those in the conversations that are assigned to them.
    async fn message_changed<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "With this contact alone.")] contact_id: Option<ID>,
        #[graphql(desc = "Of this conversation alone.")] conversation_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<Message>> + use<'ctx>> {
        let loader = Loader::of(ctx)?;
        let of = (
            contact_id.as_ref().map(read_id),
            conversation_id.as_ref().map(read_id),
        );
        let changes = message::changes::<Model>(loader.db(), loader.viewer(), of);
        let changes = Box::pin(changes).await?;
        Ok(changes.map(|row| {
            loader.forget();
            Ok(Message::alone(row?))
        }))
    }
}
