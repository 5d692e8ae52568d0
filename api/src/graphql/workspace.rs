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
}

impl From<UpdateWorkspaceInput> for Changes {
    fn from(input: UpdateWorkspaceInput) -> Self {
        let UpdateWorkspaceInput {
            name,
            default_country,
            time_zone,
            broadcast_list_row_limit,
        } = input;
        Self {
            name,
            default_country: default_country.map_value(|country| country.0).into(),
            time_zone: time_zone.map(|zone| zone.0),
            broadcast_list_row_limit,
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
