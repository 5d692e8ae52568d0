//! The workspace and its settings.

use super::{error::Result, loader::Loader, payload::payload};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::scalar::{CountryCode, TimeZone};
use domain::workspace::{self, Changes};
use entity::workspace::Model;
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
        } = input;
        Self {
            name,
            default_country: default_country.map_value(|country| country.0).into(),
            time_zone: time_zone.map(|zone| zone.0),
            broadcast_list_row_limit,
            opt_out_words: opt_out_words.into(),
            conversation_url: conversation_url.into(),
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
        #[graphql(desc = "What to change.")] input: UpdateWorkspaceInput,
    ) -> Result<WorkspacePayload> {
        let loader = Loader::administer(ctx)?;
        let tx = loader.begin().await?;
        let done = workspace::update(&tx, loader.viewer(), input.into()).await;
        let settled = loader.settle(tx, done).await?;
        Ok(settled.map(|row| Workspace(Arc::new(row))).into())
    }
}
