//! Who is asking.

use super::{
    error::{Failure, Result},
    loader::Loader,
    member::Member,
    role::{Restriction, Role, restrictions},
    token::ApiToken,
    workspace::Workspace,
};
use async_graphql::{Context, Object};
use entity::api_token;

/// Who is asking.
pub(crate) struct Viewer;

/// Who is asking: a member, or a script with a token of its own.
#[Object]
impl Viewer {
    /// The member whose token it is; null for a script's.
    async fn member(&self, ctx: &Context<'_>) -> Option<Result<Member>> {
        match Loader::of(ctx) {
            Ok(loader) => loader.viewer().member.clone().map(|row| Ok(Member(row))),
            Err(failure) => Some(Err(failure)),
        }
    }

    /// The token that the request came with.
    async fn token(&self, ctx: &Context<'_>) -> Option<Result<ApiToken>> {
        token(ctx).await.transpose()
    }

    /// What the viewer may do at most: the lesser of the token's role and the member's.
    async fn role(&self, ctx: &Context<'_>) -> Result<Role> {
        Ok(Loader::of(ctx)?.viewer().role.into())
    }

    /// What the viewer may not do although the role would allow it: the token's restrictions and the member's.
    async fn restrictions(&self, ctx: &Context<'_>) -> Result<Vec<Restriction>> {
        Ok(restrictions(&Loader::of(ctx)?.viewer().restrictions))
    }

    /// The one workspace that the token opens.
    async fn workspace(&self, ctx: &Context<'_>) -> Result<Workspace> {
        Ok(Workspace(Loader::of(ctx)?.workspace().await?))
    }
}

async fn token(ctx: &Context<'_>) -> Result<Option<ApiToken>> {
    let loader = Loader::of(ctx)?;
    let viewer = loader.viewer();
    let found = viewer
        .by_ids::<api_token::Entity>(loader.db().read(), viewer.token_id)
        .await
        .map_err(Failure::from)?;
    Ok(found.into_iter().next().map(ApiToken))
}

#[derive(Default)]
pub(crate) struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking, and what they may do. Everyone may read it.
    async fn viewer(&self) -> Viewer {
        Viewer
    }
}
