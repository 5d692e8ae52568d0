//! Contacts: the object here, reading and changing them in the files beside it.

mod channel;
mod connection;
mod group;
mod input;
mod mutation;
mod order;
mod query;
mod selection;
mod subscription;
mod table;

pub(crate) use channel::ContactChannel;
pub(crate) use connection::ContactConnection;
pub(crate) use group::Contact;
pub(crate) use mutation::ContactMutation;
pub(crate) use order::{ContactOrder, Direction, Nulls};
pub(crate) use query::ContactQuery;
pub(crate) use selection::ContactSelection;
pub(crate) use subscription::ContactSubscription;

use super::{
    channel::Channel,
    column::Cell,
    conversation::{Conversation, ConversationConnection},
    error::Result,
    loader::Loader,
    member::Member,
    segment::Segment,
    tag::Tag,
    team::Team,
    value::AttributeValue,
};
use async_graphql::{Context, ID, Object};
pub(crate) use domain::filter::ContactStatus;
use domain::page::Window;
use domain::scalar::{CountryCode, DateTime, EmailAddress, Locale, PhoneNumber, Url};
use entity::role::Role;

/// Someone the workspace knows. Agents see those with whom a conversation is assigned to them, by `Conversation.contact` and by `node`.
#[Object]
impl Contact {
    /// Its id.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// What to show for them: `name`, else first and last name, what they call themselves on the channel of the last message, phone, e-mail, address. Never empty.
    async fn display_name(&self) -> &str {
        &self.row.display_name
    }

    /// A name given by hand or by import.
    async fn name(&self) -> Option<&str> {
        self.row.name.as_deref()
    }

    /// First name.
    async fn first_name(&self) -> Option<&str> {
        self.row.first_name.as_deref()
    }

    /// Last name.
    async fn last_name(&self) -> Option<&str> {
        self.row.last_name.as_deref()
    }

    /// User name.
    async fn username(&self) -> Option<&str> {
        self.row.username.as_deref()
    }

    /// Title, such as `Dr.`.
    async fn title(&self) -> Option<&str> {
        self.row.title.as_deref()
    }

    /// The account they belong to.
    async fn account(&self) -> Option<&str> {
        self.row.account.as_deref()
    }

    /// E-mail address, as it was given.
    async fn email(&self) -> Option<EmailAddress> {
        self.row.email.clone().map(EmailAddress)
    }

    /// Phone number.
    async fn phone(&self) -> Option<PhoneNumber> {
        self.row.phone.clone().map(PhoneNumber)
    }

    /// Country.
    async fn country(&self) -> Option<CountryCode> {
        self.row.country.clone().map(CountryCode)
    }

    /// Language.
    async fn language(&self) -> Option<Locale> {
        self.row.language.clone().map(Locale)
    }

    /// Their picture on the channel of the last message; null: there is none.
    async fn avatar_url(&self) -> Option<Url> {
        self.row.avatar_url.clone().map(Url)
    }

    /// Whether broadcasts reach them.
    async fn status(&self) -> ContactStatus {
        self.row.status.into()
    }

    /// Since when nothing goes in or out; null: they are not blocked.
    async fn blocked_at(&self) -> Option<DateTime> {
        self.row.blocked_at.map(DateTime)
    }

    /// When they said stop; null: they did not. An import can never undo it.
    async fn opted_out_at(&self) -> Option<DateTime> {
        self.row.opted_out_at.map(DateTime)
    }

    /// Whether the bot answers them.
    async fn bot_active(&self) -> bool {
        self.row.bot_active
    }

    /// Whether they are told when someone asks for support.
    async fn receives_support_requests(&self) -> bool {
        self.row.receives_support_requests
    }

    /// The member who looks after them; null: nobody.
    async fn assignee(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        let id = self.row.assignee_id?;
        let read = async || -> Result<Option<Member>> {
            let members = Loader::of(ctx)?.members().await?;
            let found = members.iter().find(|member| member.id == id);
            Ok(found.cloned().map(Member))
        };
        read().await.transpose()
    }

    /// The team that looks after them; null: none.
    async fn team(&self, ctx: &Context<'_>) -> Option<Result<Team>> {
        let id = self.row.team_id?;
        let read = async || -> Result<Option<Team>> {
            let teams = Loader::of(ctx)?.teams().await?;
            let found = teams.iter().find(|team| team.id == id);
            Ok(found.cloned().map(Team))
        };
        read().await.transpose()
    }

    /// Their tags, by name.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<Tag>> {
        self.load_tags(Loader::of(ctx)?).await
    }

    /// Who they are on the workspace's channels, oldest first.
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<ContactChannel>> {
        let addresses = self.addresses(Loader::of(ctx)?).await?;
        let own = addresses.get(&self.row.id).cloned().unwrap_or_default();
        Ok(ContactChannel::all(own))
    }

    /// The channel of the last message; null: there was none.
    async fn last_channel(&self, ctx: &Context<'_>) -> Option<Result<Channel>> {
        let id = self.row.last_channel_id?;
        let read = async || -> Result<Option<Channel>> {
            let channels = Loader::of(ctx)?.channels().await?;
            let found = channels.iter().find(|channel| channel.id == id);
            Ok(found.cloned().map(Channel))
        };
        read().await.transpose()
    }

    /// The segments they are in, oldest first. FORBIDDEN to agents.
    async fn segments(&self, ctx: &Context<'_>) -> Result<Vec<Segment>> {
        self.load_segments(Loader::require(ctx, Role::Manager)?)
            .await
    }

    /// When they became known.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When they were last edited.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.row.updated_at)
    }

    /// Grows by one with each edit, not with messages, from 1: for `ifVersion`.
    async fn version(&self) -> i32 {
        self.row.version
    }

    /// When the first message came or went; null: there was none.
    async fn first_contact_at(&self) -> Option<DateTime> {
        self.row.first_contact_at.map(DateTime)
    }

    /// When the last message came or went; null: there was none.
    async fn last_interaction_at(&self) -> Option<DateTime> {
        self.row.last_interaction_at.map(DateTime)
    }

    /// When the last message came from them; null: there was none.
    async fn last_incoming_at(&self) -> Option<DateTime> {
        self.row.last_incoming_at.map(DateTime)
    }

    /// The conversation with them that was opened last ("last ticket"), be it closed; null: there was none, or none that the viewer sees. For all contacts of a list it is read at once.
    async fn last_conversation(&self, ctx: &Context<'_>) -> Option<Result<Conversation>> {
        let read = async || -> Result<Option<Conversation>> {
            let window = Window::new(Some(1), None, None, None)?;
            let page = self.load_conversations(Loader::of(ctx)?, &window).await?;
            let mut items = page.items.into_iter();
            Ok(items.next().map(|(_, conversation)| conversation))
        };
        read().await.transpose()
    }

    /// One page of the conversations with them, the one that was opened last first. For all contacts of a list it is read at once.
    async fn conversations(
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
    ) -> Result<ConversationConnection> {
        let window = Window::new(first, after, last, before)?;
        let page = self.load_conversations(Loader::of(ctx)?, &window).await?;
        Ok(ConversationConnection::new(page, |items| items))
    }

    /// Their values of these attributes, in the order asked for; those without a value are left out.
    async fn attributes(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Keys of attributes, without `attr.`; left out: all attributes, oldest first. One that is not there is BAD_USER_INPUT."
        )]
        keys: Option<Vec<String>>,
    ) -> Result<Vec<AttributeValue>> {
        let known = Loader::of(ctx)?.attributes().await?;
        let document = &self.row.attributes;
        let Some(keys) = keys else {
            let all = known.iter();
            return Ok(all
                .filter_map(|of| AttributeValue::read(of, document))
                .collect());
        };
        let mut values = Vec::with_capacity(keys.len());
        for (n, key) in keys.iter().enumerate() {
            let attribute = known.by_key(key, &format!("keys.{n}"))?;
            values.extend(AttributeValue::read(attribute, document));
        }
        Ok(values)
    }

    /// Their value of one attribute; null where there is none.
    async fn attribute(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "The attribute's key, without `attr.`. One that is not there is BAD_USER_INPUT."
        )]
        key: String,
    ) -> Option<Result<AttributeValue>> {
        let read = async || -> Result<Option<AttributeValue>> {
            let known = Loader::of(ctx)?.attributes().await?;
            Ok(AttributeValue::read(
                known.by_key(&key, "key")?,
                &self.row.attributes,
            ))
        };
        read().await.transpose()
    }

    /// A row of a table: any mix of built-in and custom columns, in the order asked for. For a whole page, `ContactConnection.rows` is quicker.
    async fn cells(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Keys of columns, such as `name` or `attr.plan`. One that is not there is BAD_USER_INPUT."
        )]
        columns: Vec<String>,
    ) -> Result<Vec<Cell>> {
        let with_text = ctx.look_ahead().field("text").exists();
        table::cells(Loader::of(ctx)?, self, columns, with_text).await
    }
}
