//! The workspace and its settings.

use super::{
    broadcast::{TemplateContent, TemplateContentInput},
    channel::providers,
    error::Result,
    idempotent::Idempotent,
    loader::Loader,
    payload::payload,
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::scalar::{CountryCode, TimeZone};
use domain::{
    bot, support,
    workspace::{self, Changes},
};
use entity::workspace::Model;
use secrecy::SecretString;
use std::sync::Arc;

#[derive(Clone)]
pub(crate) struct Workspace(pub(super) Arc<Model>);

/// The viewer's workspace: sealed from every other.
#[Object]
impl Workspace {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its name, 1 to 100 characters, unique in the installation.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The country in which phone numbers without a `+` are read; null: they must have one.
    async fn default_country(&self) -> Option<CountryCode> {
        self.0.default_country.clone().map(CountryCode)
    }

    /// The zone in which times are written for people, and in which times without an offset are read. UTC unless changed.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.0.time_zone.clone())
    }

    /// Rows that a broadcast list may bring, 1 to 1,000,000; further ones are reported as discarded. 1000 unless changed.
    async fn broadcast_list_row_limit(&self) -> i32 {
        self.0.broadcast_list_row_limit
    }

    /// Messages that mean stop: who writes one of them, and nothing else, is opted out. Case and accents do not count.
    async fn opt_out_words(&self) -> Vec<String> {
        workspace::opt_out_words(&self.0)
    }

    /// Where a conversation is shown to people, with `{number}` where its number stands; null: nowhere.
    async fn conversation_url(&self) -> Option<&str> {
        self.0.conversation_url.as_deref()
    }

    /// Messages that ask for support: who writes one of them, and nothing else, while the bot answers them, gets it as by `requestSupport`. Case and accents do
    /// not count.
    async fn support_words(&self) -> &[String] {
        self.0.support_words.as_ref().map_or(&[], |words| &words.0)
    }

    /// What contacts who receive support requests read, with placeholders of who asks, and `{{conversation.url}}` and `{{conversation.number}}`.
    async fn support_text(&self) -> &str {
        self.0.support_text.as_deref().unwrap_or(support::TEXT)
    }

    /// What they get instead where a text does not reach them, since they have not written for 24 hours; null: nothing.
    async fn support_template(&self, ctx: &Context<'_>) -> Option<Result<TemplateContent>> {
        let content = self.0.support_template.as_ref()?;
        let read = async || TemplateContent::read(Loader::of(ctx)?, content).await;
        Some(read().await)
    }

    /// The bot's endpoint; null where there is none, and for whoever may not change the workspace's settings.
    async fn bot(&self, ctx: &Context<'_>) -> Result<Option<BotEndpoint>> {
        let loader = Loader::of(ctx)?;
        let Some(url) = self.0.bot_url.clone() else {
            return Ok(None);
        };
        if loader.check_administers().is_err() {
            return Ok(None);
        }
        let state = bot::state(loader.db().read(), loader.viewer()).await?;
        Ok(Some(BotEndpoint { url, state }))
    }
}

struct BotEndpoint {
    url: String,
    state: bot::State,
}

/// Where the bot is told where conversations stand: once all messages of a block have been taken by the provider, in a broadcast or by
/// `sendMessage`, a POST says which contact stands at which block. It is signed by the scheme of Standard Webhooks, and comes again with the
/// same `id` until it is answered with 2xx, for 24 hours.
#[Object]
impl BotEndpoint {
    /// Its URL.
    async fn url(&self) -> &str {
        &self.url
    }

    /// What it is still to be told.
    async fn waiting(&self) -> i32 {
        i32::try_from(self.state.waiting).unwrap_or(i32::MAX)
    }

    /// What it did not take for 24 hours, and will not be told again; kept for a week.
    async fn given_up(&self) -> i32 {
        i32::try_from(self.state.given_up).unwrap_or(i32::MAX)
    }

    /// Why it did not take what waits or was given up, of the last such call; null: all was taken.
    async fn last_error(&self) -> Option<&str> {
        self.state.last_error.as_deref()
    }
}

payload!(
    /// What became of a change of the workspace.
    WorkspacePayload,
    /// The workspace as it is now; null where the change was refused.
    workspace: Workspace
);

/// What to change in the workspace. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateWorkspaceInput {
    /// A new name, 1 to 100 characters, unique in the installation: else INVALID or TAKEN.
    name: Option<String>,
    /// The country in which phone numbers without a `+` are read; null: they must have one.
    default_country: MaybeUndefined<CountryCode>,
    /// The zone in which times are written for people.
    time_zone: Option<TimeZone>,
    /// Rows that a broadcast list may bring, 1 to 1,000,000: else INVALID.
    broadcast_list_row_limit: Option<i32>,
    /// Messages that mean stop, up to 50 of 1 to 100 characters; empty: none; null: the usual ones in English and German. Else INVALID.
    opt_out_words: MaybeUndefined<Vec<String>>,
    /// Where a conversation is shown to people: a URL of http or https with `{number}` in it, else INVALID; null: nowhere.
    conversation_url: MaybeUndefined<String>,
    /// Messages that ask for support, up to 50 of 1 to 100 characters; null or empty: none does. Else INVALID.
    support_words: MaybeUndefined<Vec<String>>,
    /// What contacts who receive support requests read, 1 to 1,000 characters with the placeholders of broadcasts, which stand for who asks, and
    /// `{{conversation.url}}` and `{{conversation.number}}`, else INVALID; null: the usual text.
    support_text: MaybeUndefined<String>,
    /// What they get where a text does not reach them, filled with the same placeholders; null: nothing.
    support_template: MaybeUndefined<TemplateContentInput>,
    /// Where the bot is told where conversations stand: a URL of https without `?`, `#`, user name and password, to a public address, else INVALID; http, and private
    /// addresses, only where the server was started with `--allow-private-addresses`. Null: nowhere. FORBIDDEN to whom
    /// addresses are masked: it is told them.
    bot_url: MaybeUndefined<String>,
    /// What the bot is told is signed with: `whsec_` and base64 of 24 to 64 bytes, else INVALID; REQUIRED with a URL. It is kept sealed, and never
    /// shown.
    bot_signing_secret: MaybeUndefined<String>,
}

impl From<UpdateWorkspaceInput> for Changes {
    fn from(input: UpdateWorkspaceInput) -> Self {
        let UpdateWorkspaceInput {
            name,
            default_country,
            time_zone,
            broadcast_list_row_limit,
            opt_out_words,
            conversation_url,
            support_words,
            support_text,
            support_template,
            bot_url,
            bot_signing_secret,
        } = input;
        Self {
            name,
            default_country: default_country.map_value(|country| country.0).into(),
            time_zone: time_zone.map(|zone| zone.0),
            broadcast_list_row_limit,
            opt_out_words: opt_out_words.into(),
            conversation_url: conversation_url.into(),
            support_words: support_words.into(),
            support_text: support_text.into(),
            support_template: support_template
                .map_value(TemplateContentInput::read)
                .into(),
            bot: bot::Change {
                url: bot_url.into(),
                signing_secret: bot_signing_secret.map_value(SecretString::from).into(),
            },
        }
    }
}

#[derive(Default)]
pub(crate) struct WorkspaceQuery;

#[Object]
impl WorkspaceQuery {
    /// The workspace that the token opens. Everyone may read it.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        Ok(Workspace(Loader::of(ctx)?.workspace().await?))
    }
}

#[derive(Default)]
pub(crate) struct WorkspaceMutation;

#[Object]
impl WorkspaceMutation {
    /// Changes the workspace's settings. For owners without NO_WORKSPACE_SETTINGS.
    async fn update_workspace(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change.")] input: Idempotent<UpdateWorkspaceInput>,
    ) -> Result<WorkspacePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let (providers, viewer) = (providers(ctx)?, loader.viewer());
        let done = loader.write(key, async |tx| {
            let written = workspace::update(tx, providers, viewer, input.into()).await;
            written.map(|row| Workspace(Arc::new(row)))
        });
        Ok(done.await?.into())
    }
}
