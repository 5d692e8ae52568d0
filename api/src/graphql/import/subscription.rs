//! Imports watched.

use super::{file::Files, object::Import};
use crate::graphql::{
    error::{Failure, Result},
    loader::{Loader, read_id},
};
use async_graphql::{Context, ID, Subscription};
use domain::import;
use entity::role::Role;
use futures_util::{Stream, StreamExt};

#[derive(Default)]
pub(crate) struct ImportSubscription;

#[Subscription]
impl ImportSubscription {
    /// An import until it ends: its present state at once, so that who connects late or again misses nothing, then at most ten states a
    /// second, and always the last one. FORBIDDEN to agents, and to whom contacts or addresses are hidden; BAD_USER_INPUT where there is no such import.
    async fn import_progress<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Result<impl Stream<Item = Import> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        loader.viewer().sees_imports()?;
        let imports = &Files::of(ctx)?.imports;
        let states = Box::pin(imports.progress(loader.viewer(), read_id(&id))).await?;
        let states = states.ok_or_else(|| Failure::bad_input("id", "There is no such import."))?;
        Ok(states.map(|row| {
            loader.forget();
            Import::one(row)
        }))
    }

    /// Every import of the workspace from now on, as it is created, changes its status, or gets its result file: an import history that
    /// stays fresh. Begins with nothing: read `imports` after subscribing. FORBIDDEN to agents, and to whom contacts or addresses are hidden.
    async fn import_changed<'ctx>(
        &self,
        ctx: &Context<'ctx>,
    ) -> Result<impl Stream<Item = Import> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        loader.viewer().sees_imports()?;
        let changes = Box::pin(import::changes(loader.db(), loader.viewer())).await?;
        Ok(changes.map(|row| {
            loader.forget();
            Import::one(row)
        }))
    }
}
