//! Channels: the messengers, numbers and mailboxes over which the workspace talks.

use super::{
    error::Result,
    loader::{Loader, read_id},
    payload::payload,
};
use async_graphql::{Context, Enum, ID, InputObject, Object};
use domain::channel;
use entity::{channel::Model, role::Role};

/// A messenger. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::channel::ChannelKind")]
pub(crate) enum ChannelKind {
    /// Addresses are phone numbers, or WhatsApp's own user ids.
    #[graphql(name = "WHATSAPP")]
    WhatsApp,
    /// Facebook Messenger: addresses are its own user ids.
    Messenger,
    /// Addresses are Instagram's own user ids.
    Instagram,
    /// Addresses are Telegram's own user ids.
    Telegram,
    /// Text messages: addresses are phone numbers.
    Sms,
    /// Addresses are e-mail addresses; case does not count.
    Email,
    /// A chat on a web page: addresses are its visitors' ids.
    Web,
    /// Anything else: addresses are what that system calls its people.
    Custom,
}

/// Who carries a channel's messages. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::channel::Provider")]
pub(crate) enum Provider {
    /// Meta's own Cloud API: WhatsApp.
    #[graphql(name = "WHATSAPP_CLOUD")]
    WhatsAppCloud,
    /// 360dialog: WhatsApp.
    #[graphql(name = "DIALOG_360")]
    Dialog360,
    /// Kaleyra: WhatsApp.
    Kaleyra,
    /// Any system that speaks HTTP: every kind.
    Http,
}

/// Whether a channel can be used. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::channel::ChannelStatus")]
pub(crate) enum ChannelStatus {
    /// Set up.
    Ready,
    /// Not known to work yet.
    Unverified,
    /// Switched off.
    Disabled,
}

#[derive(Clone)]
pub(crate) struct Channel(pub(super) Model);

/// A messenger's number, page or mailbox over which the workspace talks.
#[Object]
impl Channel {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its name, by which import files may name it.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Which messenger.
    async fn kind(&self) -> ChannelKind {
        self.0.kind.into()
    }

    /// Who carries its messages.
    async fn provider(&self) -> Provider {
        self.0.provider.into()
    }

    /// Whether it can be used.
    async fn status(&self) -> ChannelStatus {
        self.0.status.into()
    }
}

payload!(
    /// What became of a channel's making or change.
    ChannelPayload,
    /// The channel as it is now; null where the change was refused.
    channel: Channel
);

/// A channel to make. It is UNVERIFIED until an owner says otherwise.
#[derive(InputObject)]
pub(crate) struct CreateChannelInput {
    /// Which messenger, for ever.
    kind: ChannelKind,
    /// Who carries its messages. One that does not carry this kind is INVALID.
    provider: Provider,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: String,
}

/// What to change in a channel. What is left out, or null, stays.
#[derive(InputObject)]
pub(crate) struct UpdateChannelInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: Option<String>,
    /// Whether it can be used.
    status: Option<ChannelStatus>,
}

#[derive(Default)]
pub(crate) struct ChannelQuery;

#[Object]
impl ChannelQuery {
    /// The workspace's channels, oldest first. FORBIDDEN to agents.
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<Channel>> {
        let rows = Loader::require(ctx, Role::Manager)?.channels().await?;
        Ok(rows.iter().cloned().map(Channel).collect())
    }
}

#[derive(Default)]
pub(crate) struct ChannelMutation;

#[Object]
impl ChannelMutation {
    /// Makes a channel. For owners without NO_WORKSPACE_SETTINGS.
    async fn create_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel to make.")] input: CreateChannelInput,
    ) -> Result<ChannelPayload> {
        let loader = Loader::administer(ctx)?;
        let CreateChannelInput {
            kind,
            provider,
            name,
        } = input;
        let tx = loader.begin().await?;
        let done = channel::create(&tx, loader.viewer(), &name, kind.into(), provider.into()).await;
        Ok(loader.settle(tx, done).await?.map(Channel).into())
    }

    /// Renames a channel, or says whether it can be used. For owners without NO_WORKSPACE_SETTINGS.
    async fn update_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which channel.")] input: UpdateChannelInput,
    ) -> Result<ChannelPayload> {
        let loader = Loader::administer(ctx)?;
        let UpdateChannelInput { id, name, status } = input;
        let (id, status) = (read_id(&id), status.map(Into::into));
        let tx = loader.begin().await?;
        let done = channel::update(&tx, loader.viewer(), id, name.as_deref(), status).await;
        Ok(loader.settle(tx, done).await?.map(Channel).into())
    }
}
