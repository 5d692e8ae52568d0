//! Conversations ("tickets").

use super::{
    channel::Channel,
    connection::connection,
    contact::Contact,
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    member::Member,
    payload::{Settled, UserError, payload},
    talk::People,
};
use async_graphql::{Context, Enum, ID, InputObject, Object, SimpleObject, Subscription};
use domain::{
    conversation::{self, Wanted},
    message,
    page::Window,
    scalar::{DateTime, Url},
    support,
};
use entity::{conversation::Model, role::Role};
use futures_util::{Stream, StreamExt};
use std::sync::Arc;

/// Whether a conversation goes on.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::conversation::ConversationStatus")]
pub(crate) enum ConversationStatus {
    /// It goes on.
    Open,
    /// Somebody closed it; the contact's next message opens another.
    Closed,
}

#[derive(Clone)]
pub(crate) struct Conversation {
    pub(super) row: Model,
    people: Arc<People>,
}

impl Conversation {
    /// One by itself.
    pub(super) fn one(row: Model) -> Self {
        let people = People::new([row.contact_id]);
        Self { row, people }
    }

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

/// What is said between a contact and the workspace over one channel ("ticket"). It is opened by what the contact writes, and by `sendMessage`, `openConversation` and
/// `requestSupport`; a broadcast opens none, and stands in the one that is open. It is closed by hand. A contact has one that is open on a channel at most. Agents see those that are assigned to them, as if there were no others.
#[Object]
impl Conversation {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// Counted in the workspace from 1, for people.
    async fn number(&self) -> i32 {
        i32::try_from(self.row.number).unwrap_or(i32::MAX)
    }

    /// With whom; null where they were deleted meanwhile.
    async fn contact(&self, ctx: &Context<'_>) -> Option<Result<Contact>> {
        let read = async || self.people.get(Loader::of(ctx)?, self.row.contact_id).await;
        read().await.transpose()
    }

    /// Over which channel.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel> {
        let loader = Loader::of(ctx)?;
        loader.channel(self.row.channel_id).await
    }

    /// Whether it goes on.
    async fn status(&self) -> ConversationStatus {
        self.row.status.into()
    }

    /// When the message that opened it came or was asked for, or when it was opened by hand.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.row.opened_at)
    }

    /// When it was closed; null: it is open.
    async fn closed_at(&self) -> Option<DateTime> {
        self.row.closed_at.map(DateTime)
    }

    /// The member who looks after it: at first the one who looks after the contact. Null: nobody.
    async fn assignee(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.assignee_id?;
        let found = async || Loader::of(ctx)?.member(id).await;
        found().await.transpose()
    }

    /// Where it is shown to people: `Workspace.conversationUrl` with its number; null where the workspace has none.
    async fn url(&self, ctx: &Context<'_>) -> Option<Result<Url>> {
        let read = async || -> Result<Option<Url>> {
            let workspace = Loader::of(ctx)?.workspace().await?;
            let link = workspace.conversation_url.as_ref();
            Ok(link.map(|link| Url(link.replace("{number}", &self.row.number.to_string()))))
        };
        read().await.transpose()
    }
}

connection!(
    /// A page of conversations.
    ConversationConnection,
    /// A conversation on a page.
    ConversationEdge,
    Conversation
);

payload!(
    /// What became of a change of a conversation.
    ConversationPayload,
    /// The conversation as it is now; null where the change was refused.
    conversation: Conversation
);

/// What became of a request for support.
#[derive(SimpleObject)]
pub(crate) struct RequestSupportPayload {
    /// The conversation; null where the request was refused.
    conversation: Option<Conversation>,
    /// Contacts who receive support requests to whom a message goes out now.
    told: i32,
    /// Those to whom none does: they have no address on a channel that is READY, or a text does not reach them and `Workspace.supportTemplate` is no template
    /// of their channel that may be sent, or there are more than are told.
    not_told: i32,
    /// What the person can mend. Empty where support was asked for; otherwise nothing was changed.
    user_errors: Vec<UserError>,
}

impl From<Settled<(Conversation, (i32, i32))>> for RequestSupportPayload {
    fn from(settled: Settled<(Conversation, (i32, i32))>) -> Self {
        match settled {
            Ok((conversation, (told, not_told))) => Self {
                conversation: Some(conversation),
                told,
                not_told,
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self {
                conversation: None,
                told: 0,
                not_told: 0,
                user_errors,
            },
        }
    }
}

/// Which conversation to close.
#[derive(InputObject)]
pub(crate) struct CloseConversationInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
}

/// Who is to look after a conversation.
#[derive(InputObject)]
pub(crate) struct AssignConversationInput {
    /// The conversation's id. NOT_FOUND where there is none.
    id: ID,
    /// The member. NOT_FOUND where there is none. Left out, or null: nobody.
    assignee_id: Option<ID>,
}

/// With whom to open a conversation.
#[derive(InputObject)]
pub(crate) struct OpenConversationInput {
    /// With which contact. NOT_FOUND where there is none.
    contact_id: ID,
    /// Over which channel. NOT_FOUND where there is none.
    channel_id: ID,
}

/// In whose name to ask for support.
#[derive(InputObject)]
pub(crate) struct RequestSupportInput {
    /// The contact who asks. NOT_FOUND where there is none.
    contact_id: ID,
    /// The channel over which they ask. NOT_FOUND where there is none.
    channel_id: ID,
}

#[derive(Default)]
pub(crate) struct ConversationQuery;

#[Object]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl ConversationQuery {
    /// One page of the conversations, the one that was opened last first; of agents, those that are assigned to them.
    async fn conversations(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With this contact.")] contact_id: Option<ID>,
        #[graphql(desc = "In one of these states; left out: in any.")] status: Option<
            Vec<ConversationStatus>,
        >,
        #[graphql(desc = "That this member looks after.")] assignee_id: Option<ID>,
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
    ) -> Result<ConversationConnection> {
        let loader = Loader::of(ctx)?;
        let wanted = Wanted {
            contact_id: contact_id.as_ref().map(read_id),
            status: status.map(|status| status.into_iter().map(Into::into).collect()),
            assignee_id: assignee_id.as_ref().map(read_id),
        };
        let window = Window::new(first, after, last, before)?;
        let (db, viewer) = (loader.db(), loader.viewer());
        let page = conversation::list(db.read(), viewer, wanted, &window).await?;
        Ok(ConversationConnection::new(page, Conversation::group))
    }
}

#[derive(Default)]
pub(crate) struct ConversationMutation;

#[Object]
impl ConversationMutation {
    /// Opens a conversation; where one with this contact over this channel is open already, it is that one. An agent opens conversations with
    /// the contacts of their conversations, which are assigned to them; CONFLICT where one is open that is not.
    async fn open_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "With whom, over which channel.")] input: Idempotent<
            OpenConversationInput,
        >,
    ) -> Result<ConversationPayload> {
        let loader = Loader::of(ctx)?;
        let (input, key) = input.open(ctx);
        let (contact, channel) = (read_id(&input.contact_id), read_id(&input.channel_id));
        let done = loader.write(key, async |tx| {
            conversation::open(tx, loader.viewer(), contact, channel)
                .await
                .map(Conversation::one)
        });
        Ok(done.await?.into())
    }

    /// Asks for support in a contact's name (the bot's *Service Operator* step): opens a conversation where none is open, tells the contacts who receive support requests,
    /// with a link to it, and switches the bot off for who asks, until a member switches it on. Told are those who are ACTIVE and not blocked, the oldest 1,000 and not
    /// who asks, each over a READY channel on which they have an address, this one first: by `Workspace.supportText`, or by `supportTemplate` where no text
    /// reaches them. Whom neither reaches is counted in the answer. Asked again, it tells them again. FORBIDDEN to agents.
    async fn request_support(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who asks, over which channel.")] input: Idempotent<RequestSupportInput>,
    ) -> Result<RequestSupportPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (contact, channel) = (read_id(&input.contact_id), read_id(&input.channel_id));
        let done = loader.write(key, async |tx| {
            let (row, told) = support::request(tx, loader.viewer(), contact, channel).await?;
            let number = |number: u64| i32::try_from(number).unwrap_or(i32::MAX);
            let counts = (number(told.told), number(told.not_told));
            Ok((Conversation::one(row), counts))
        });
        Ok(done.await?.into())
    }

    /// Gives a conversation to a member to look after, be it closed, or to nobody. It is no edit of the contact, whose own assignee gets their next
    /// conversations. Whom it is taken from as an agent sees it no more. FORBIDDEN to agents.
    async fn assign_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conversation, and to whom.")] input: Idempotent<
            AssignConversationInput,
        >,
    ) -> Result<ConversationPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (id, assignee) = (read_id(&input.id), input.assignee_id.as_ref().map(read_id));
        let done = loader.write(key, async |tx| {
            conversation::assign(tx, loader.viewer(), id, assignee)
                .await
                .map(Conversation::one)
        });
        Ok(done.await?.into())
    }

    /// Closes a conversation; the contact's next message opens another. CONFLICT where it is closed already.
    async fn close_conversation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which conversation.")] input: Idempotent<CloseConversationInput>,
    ) -> Result<ConversationPayload> {
        let loader = Loader::of(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            conversation::close(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(Conversation::one)
        });
        Ok(done.await?.into())
    }
}

#[derive(Default)]
pub(crate) struct ConversationSubscription;

#[Subscription]
impl ConversationSubscription {
    /// Conversations from now on, as they are opened, change and are closed, within a second. Agents hear of those that are assigned to them, and not that one was
    /// taken from them.
    async fn conversation_changed<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "With this contact alone.")] contact_id: Option<ID>,
    ) -> Result<impl Stream<Item = Result<Conversation>> + use<'ctx>> {
        let loader = Loader::of(ctx)?;
        let of = (contact_id.as_ref().map(read_id), None);
        let changes = message::changes::<Model>(loader.db(), loader.viewer(), of);
        let changes = Box::pin(changes).await?;
        Ok(changes.map(|row| {
            loader.forget();
            Ok(Conversation::one(row?))
        }))
    }
}
