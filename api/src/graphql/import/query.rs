//! The history of imports.

use super::{object::Import, setting::ImportKind};
use crate::graphql::{
    connection::connection,
    error::Result,
    job::JobStatus,
    loader::{Loader, read_id},
};
use async_graphql::{Context, ID, Object};
use domain::{import, page::Window};
use entity::role::Role;
use std::sync::Arc;

connection!(
    /// A page of imports.
    ImportConnection,
    /// An import on a page.
    ImportEdge,
    Import
);

#[derive(Default)]
pub(crate) struct ImportQuery;

#[Object]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl ImportQuery {
    /// One page of the imports, the newest first. FORBIDDEN to agents, and to whom contacts or addresses are hidden.
    async fn imports(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this kind alone.")] kind: Option<ImportKind>,
        #[graphql(desc = "Of these statuses alone.")] status: Option<Vec<JobStatus>>,
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
    ) -> Result<ImportConnection> {
        let loader = Loader::require(ctx, Role::Manager)?;
        loader.viewer().sees_imports()?;
        let window = Window::new(first, after, last, before)?;
        let status = status.map(|status| status.into_iter().map(Into::into).collect());
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let page = import::imports(conn, viewer, kind.map(Into::into), status, &window).await?;
        Ok(ImportConnection::new(page, Import::group))
    }

    /// One import; null where there is none. FORBIDDEN to agents, and to whom contacts or addresses are hidden.
    async fn import(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Import>> {
        let read = async || -> Result<Option<Import>> {
            let loader = Loader::require(ctx, Role::Manager)?;
            loader.viewer().sees_imports()?;
            let found = import::get(loader.db().read(), loader.viewer(), read_id(&id)).await?;
            Ok(found.map(|row| Import::one(Arc::new(row))))
        };
        read().await.transpose()
    }
}
