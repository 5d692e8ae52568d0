//! Channels: the messengers, numbers and mailboxes over which the workspace talks.

use super::{
    error::{Failure, Result},
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::{
    channel::{self, AccountChange, ChannelChange, Providers},
    contact::masked_words,
    message,
    scalar::{DateTime, Url},
};
use entity::{channel::Model, role::Role};
use secrecy::SecretString;
use std::borrow::Cow;

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
    /// `verifyChannel` has seen it work.
    Ready,
    /// Not known to work: new, or its account was changed. `verifyChannel` asks the provider.
    Unverified,
    /// The provider says that something about the account must be mended: see `lastError`.
    Failing,
    /// Switched off by a person.
    Disabled,
    /// Gone. Only history names it.
    Deleted,
}

/// Where a channel's account at its provider is. Which of these a provider needs says `CreateChannelInput.settings`.
#[derive(SimpleObject)]
pub(crate) struct ChannelSettings {
    /// Where the provider's API is; null: the provider's own.
    base_url: Option<String>,
    /// WHATSAPP_CLOUD: the version in the path of Meta's API; null: Roster's choice.
    api_version: Option<String>,
    /// WHATSAPP_CLOUD: Meta's id of the number that sends.
    phone_number_id: Option<String>,
    /// WHATSAPP_CLOUD: Meta's id of the account that has the templates.
    business_account_id: Option<String>,
    /// KALEYRA: the account's SID.
    account_id: Option<String>,
    /// KALEYRA: the number that sends.
    phone_number: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Channel(pub(super) Model);

/// A messenger's number, page or mailbox over which the workspace talks: an account at a provider.
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

    /// Where its account is. What opens the account is written and never read. Null for whoever may not change channels.
    async fn settings(&self, ctx: &Context<'_>) -> Result<Option<ChannelSettings>> {
        if Loader::of(ctx)?.check_administers().is_err() {
            return Ok(None);
        }
        let settings = channel::settings(&self.0);
        Ok(Some(ChannelSettings {
            base_url: settings.base_url,
            api_version: settings.api_version,
            phone_number_id: settings.phone_number_id,
            business_account_id: settings.business_account_id,
            account_id: settings.account_id,
            phone_number: settings.phone_number,
        }))
    }

    /// Where the provider is to send its webhooks. Its last part is secret, and is also what Meta's form calls the verify token. Null for whoever
    /// may not change channels, and for one that was DELETED.
    async fn webhook_url(&self, ctx: &Context<'_>) -> Option<Result<Url>> {
        let loader = match Loader::of(ctx) {
            Ok(loader) => loader,
            Err(failure) => return Some(Err(failure)),
        };
        if loader.check_administers().is_err() {
            return None;
        }
        let url = match providers(ctx) {
            Ok(providers) => providers.webhook_url(&self.0)?,
            Err(failure) => return Some(Err(failure)),
        };
        Some(Ok(Url(url)))
    }

    /// Whether texts reach people only until `ContactChannel.serviceWindowEndsAt`, and templates at any time, as on WhatsApp; false: texts go out at any time.
    async fn has_service_window(&self) -> bool {
        message::has_service_window(&self.0)
    }

    /// Messages a second that it sends at most, whatever sends them.
    async fn rate_limit(&self) -> i32 {
        channel::rate_limit(&self.0)
    }

    /// Distinct people that it begins to talk to in moving 24 hours at most; null: any number.
    async fn daily_limit(&self) -> Option<i32> {
        self.0.daily_limit
    }

    /// What the provider said last that kept it from working, beginning with the provider's code. To whom addresses are masked, what may be one is
    /// `hidden` in it.
    async fn last_error(&self, ctx: &Context<'_>) -> Result<Option<Cow<'_, str>>> {
        let viewer = Loader::of(ctx)?.viewer();
        let said = self.0.last_error.as_deref();
        Ok(said.map(|said| masked_words(viewer, said)))
    }

    /// When `verifyChannel` last saw it work.
    async fn verified_at(&self) -> Option<DateTime> {
        self.0.verified_at.map(DateTime)
    }
}

pub(super) fn providers<'a>(ctx: &Context<'a>) -> Result<&'a Providers> {
    ctx.data_opt::<Providers>()
        .ok_or_else(|| Failure::broken("the schema has no providers"))
}

payload!(
    /// What became of a channel's making or change.
    ChannelPayload,
    /// The channel as it is now; null where the change was refused.
    channel: Channel
);

/// Where a channel's account is. In updates what is left out stays, and null clears.
#[derive(InputObject, Default)]
pub(crate) struct ChannelSettingsInput {
    /// Where the provider's API is: https, without query, not on a private network unless the operator allows it. HTTP: required, the URL that messages go
    /// to. Others: another than the provider's own, such as a sandbox, or Kaleyra's of another region. Another server (scheme, host or port) than before
    /// gets no credentials that were given for that one: `accessToken` and `apiKey` are REQUIRED with it. FORBIDDEN to whom addresses are masked.
    base_url: MaybeUndefined<String>,
    /// WHATSAPP_CLOUD: the version in the path of Meta's API, such as `v23.0`.
    api_version: MaybeUndefined<String>,
    /// WHATSAPP_CLOUD: required. Meta's id of the number that sends (not the number itself).
    phone_number_id: MaybeUndefined<String>,
    /// WHATSAPP_CLOUD: Meta's id of the WhatsApp business account, for `syncTemplates`.
    business_account_id: MaybeUndefined<String>,
    /// KALEYRA: required. The account's SID.
    account_id: MaybeUndefined<String>,
    /// KALEYRA: required. The number that sends, as Kaleyra writes it.
    phone_number: MaybeUndefined<String>,
}

/// What opens a channel's account: written, kept sealed, never answered. In updates what is left out stays, and null clears.
#[derive(InputObject, Default)]
pub(crate) struct ChannelCredentialsInput {
    /// WHATSAPP_CLOUD: required. A permanent token of a system user.
    access_token: MaybeUndefined<String>,
    /// WHATSAPP_CLOUD: required. The app's secret, by which its webhooks are known.
    app_secret: MaybeUndefined<String>,
    /// DIALOG_360, KALEYRA: required. The API key.
    api_key: MaybeUndefined<String>,
    /// HTTP: required. What is signed with, in both directions: `whsec_` and base64 of 24 to 64 bytes, as Standard Webhooks has it.
    signing_secret: MaybeUndefined<String>,
}

/// A channel to make. It is UNVERIFIED until `verifyChannel` has seen it work.
#[derive(InputObject)]
pub(crate) struct CreateChannelInput {
    /// Which messenger, for ever.
    kind: ChannelKind,
    /// Who carries its messages, for ever. One that does not carry this kind is INVALID.
    provider: Provider,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: String,
    /// Where its account is. What is required may follow by `updateChannel`.
    settings: Option<ChannelSettingsInput>,
    /// What opens it.
    credentials: Option<ChannelCredentialsInput>,
    /// Messages a second at most, 1 to 10,000. Left out: as the provider allows: 80, Kaleyra 20, HTTP 100.
    rate_limit: Option<i32>,
    /// Distinct people in moving 24 hours at most, from 1. Left out: any number.
    daily_limit: Option<i32>,
}

/// What to change in a channel. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateChannelInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN. Null: stays.
    name: Option<String>,
    /// Where its account is. A change makes the channel UNVERIFIED.
    settings: Option<ChannelSettingsInput>,
    /// What opens it. A change makes the channel UNVERIFIED.
    credentials: Option<ChannelCredentialsInput>,
    /// Messages a second at most, 1 to 10,000; null: as the provider allows.
    rate_limit: MaybeUndefined<i32>,
    /// Distinct people in moving 24 hours at most, from 1; null: any number.
    daily_limit: MaybeUndefined<i32>,
    /// True switches it off: DISABLED. False switches it on again: UNVERIFIED. Null: stays.
    disabled: Option<bool>,
}

/// Which channel.
#[derive(InputObject)]
pub(crate) struct ChannelInput {
    /// Its id. NOT_FOUND where there is none.
    pub(super) id: ID,
}

fn account(
    settings: Option<ChannelSettingsInput>,
    credentials: Option<ChannelCredentialsInput>,
) -> AccountChange {
    let (settings, credentials) = (
        settings.unwrap_or_default(),
        credentials.unwrap_or_default(),
    );
    let plain = |field: MaybeUndefined<String>| field.into();
    let secret = |field: MaybeUndefined<String>| field.map_value(SecretString::from).into();
    AccountChange {
        base_url: plain(settings.base_url),
        api_version: plain(settings.api_version),
        phone_number_id: plain(settings.phone_number_id),
        business_account_id: plain(settings.business_account_id),
        account_id: plain(settings.account_id),
        phone_number: plain(settings.phone_number),
        access_token: secret(credentials.access_token),
        app_secret: secret(credentials.app_secret),
        api_key: secret(credentials.api_key),
        signing_secret: secret(credentials.signing_secret),
    }
}

#[derive(Default)]
pub(crate) struct ChannelQuery;

#[Object]
impl ChannelQuery {
    /// The workspace's channels, oldest first; not those that were deleted. FORBIDDEN to agents.
    async fn channels(&self, ctx: &Context<'_>) -> Result<Vec<Channel>> {
        let rows = Loader::require(ctx, Role::Manager)?.channels().await?;
        let rows = rows.iter().filter(|row| row.deleted_at.is_none());
        Ok(rows.cloned().map(Channel).collect())
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
        #[graphql(desc = "The channel to make.")] input: Idempotent<CreateChannelInput>,
    ) -> Result<ChannelPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let change = ChannelChange {
            name: Some(input.name),
            rate_limit: input.rate_limit.map(Some),
            daily_limit: input.daily_limit.map(Some),
            disabled: None,
            account: account(input.settings, input.credentials),
        };
        let (kind, provider) = (input.kind.into(), input.provider.into());
        let (providers, viewer) = (providers(ctx)?, loader.viewer());
        let done = loader.write(key, async |tx| {
            let made = channel::create(tx, providers, viewer, kind, provider, change);
            made.await.map(Channel)
        });
        Ok(done.await?.into())
    }

    /// Changes a channel, or switches it off or on. For owners without NO_WORKSPACE_SETTINGS.
    async fn update_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which channel.")] input: Idempotent<UpdateChannelInput>,
    ) -> Result<ChannelPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let change = ChannelChange {
            name: input.name,
            rate_limit: input.rate_limit.into(),
            daily_limit: input.daily_limit.into(),
            disabled: input.disabled,
            account: account(input.settings, input.credentials),
        };
        let id = read_id(&input.id);
        let (providers, viewer) = (providers(ctx)?, loader.viewer());
        let done = loader.write(key, async |tx| {
            channel::update(tx, providers, viewer, id, change)
                .await
                .map(Channel)
        });
        Ok(done.await?.into())
    }

    /// Asks the provider, by a real call that reaches nobody, whether the account works: READY if it does, else FAILING with `lastError`. INCOMPLETE
    /// where a setting or a credential is missing, INVALID for a channel that is DISABLED, CONFLICT where it was changed meanwhile. This is the only
    /// way to READY; it may take 15 s. Where the provider had asked to wait, the channel waits no longer. For owners without NO_WORKSPACE_SETTINGS.
    async fn verify_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] input: Idempotent<ChannelInput>,
    ) -> Result<ChannelPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let id = read_id(&input.id);
        let (providers, viewer) = (providers(ctx)?, loader.viewer());
        let ran = channel::verify(loader.db(), providers, viewer, id, key.as_ref()).await;
        Ok(loader.answer(ran.map(|ran| ran.map(Channel))).await?.into())
    }

    /// Deletes a channel: its credentials are gone for good, its name is free again, and nothing goes out or comes in over it. Contacts keep their
    /// addresses on it, and history what it names. IN_USE while a segment's rules, the filter of an inbox or a broadcast, a broadcast that goes over
    /// it, or an import or a send that has not ended needs it. For owners without NO_WORKSPACE_SETTINGS.
    async fn delete_channel(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which channel.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            channel::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
