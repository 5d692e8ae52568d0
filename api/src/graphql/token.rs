//! API tokens.

use super::{
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, UserError},
    role::{Restriction, Role, restrictions},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::scalar::DateTime;
use domain::token::{self, NewToken};
use entity::api_token::Model;

#[derive(Clone)]
pub(crate) struct ApiToken(pub(super) Model);

/// A token with which a member or a script asks. Its text is shown once, when it is made.
#[Object]
impl ApiToken {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Says what it is for.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it may do at most; a member's token never more than the member.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// What it may not do although the role would allow it.
    async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions.0)
    }

    /// Its first characters, to recognise it by.
    async fn prefix(&self) -> &str {
        &self.0.prefix
    }

    /// When it was made.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it was last used, to the minute; null: never.
    async fn last_used_at(&self) -> Option<DateTime> {
        self.0.last_used_at.map(DateTime)
    }

    /// From then on it is refused; null: it does not expire.
    async fn expires_at(&self) -> Option<DateTime> {
        self.0.expires_at.map(DateTime)
    }
}

/// What a new token is for.
#[derive(InputObject)]
pub(crate) struct CreateApiTokenInput {
    /// Says what it is for: 1 to 100 characters, else INVALID.
    name: String,
    /// What it may do at most; a member's token never more than the member.
    role: Role,
    /// What it may not do although the role would allow it. Your own restrictions are added.
    restrictions: Option<Vec<Restriction>>,
    /// From then on it is refused; left out: it does not expire. A time that has passed is INVALID.
    expires_at: Option<DateTime>,
    /// Whose it is; left out: a script's. NOT_FOUND where there is no such member.
    member_id: Option<ID>,
}

impl From<CreateApiTokenInput> for NewToken {
    fn from(input: CreateApiTokenInput) -> Self {
        let CreateApiTokenInput {
            name,
            role,
            restrictions,
            expires_at,
            member_id,
        } = input;
        Self {
            name,
            role: role.into(),
            restrictions: restrictions
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            member_id: member_id.as_ref().map(read_id),
            expires_at: expires_at.map(|time| time.0),
        }
    }
}

/// What became of making a token.
#[derive(SimpleObject)]
pub(crate) struct ApiTokenPayload {
    /// The token; null where it was refused.
    api_token: Option<ApiToken>,
    /// The token's text, for `Authorization: Bearer …`. It is in this answer alone, and not in a replay of it (`idempotencyKey`): keep it now or make another.
    secret: Option<String>,
    /// What the person can mend. Empty where the token was made.
    user_errors: Vec<UserError>,
}

#[derive(Default)]
pub(crate) struct TokenQuery;

#[Object]
impl TokenQuery {
    /// The tokens that have not been revoked, oldest first. For owners without NO_WORKSPACE_SETTINGS.
    async fn api_tokens(&self, ctx: &Context<'_>) -> Result<Vec<ApiToken>> {
        let loader = Loader::administer(ctx)?;
        let rows = token::list(loader.db(), loader.viewer()).await?;
        Ok(rows.into_iter().map(ApiToken).collect())
    }
}

#[derive(Default)]
pub(crate) struct TokenMutation;

#[Object]
impl TokenMutation {
    /// Makes a token. For owners without NO_WORKSPACE_SETTINGS.
    async fn create_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the token is for.")] input: Idempotent<CreateApiTokenInput>,
    ) -> Result<ApiTokenPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let mut secret = None;
        let done = loader.write(key, async |tx| {
            let (row, text) = token::create(tx, loader.viewer(), input.into()).await?;
            secret = Some(text);
            Ok(ApiToken(row))
        });
        let (api_token, user_errors) = match done.await? {
            Ok(token) => (Some(token), Vec::new()),
            Err(errors) => (None, errors),
        };
        Ok(ApiTokenPayload {
            // A token that was not made has no text to show.
            secret: secret.filter(|_| api_token.is_some()),
            api_token,
            user_errors,
        })
    }

    /// Revokes a token, from now on and for good. For owners without NO_WORKSPACE_SETTINGS.
    async fn revoke_api_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which token.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            token::revoke(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
