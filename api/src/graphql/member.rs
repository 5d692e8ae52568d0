//! Members: the people of the workspace.

use super::{
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, payload},
    role::{Restriction, Role, restrictions},
    team::Team,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    member::{self, Changes, NewMember},
    scalar::EmailAddress,
};
use entity::member::Model;

#[derive(Clone)]
pub(crate) struct Member(pub(super) Model);

/// A person of the workspace.
#[Object]
impl Member {
    /// Their id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Shown beside what they did.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// In lower case, unique in the workspace.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.email.clone())
    }

    /// What they may do at most.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// What they may not do although the role would allow it.
    async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions.0)
    }

    /// The teams they are in, oldest first. FORBIDDEN to agents.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>> {
        let loader = Loader::require(ctx, entity::role::Role::Manager)?;
        let memberships = loader.memberships().await?;
        let teams = loader.teams().await?;
        let is_in = |team: entity::id::TeamId| {
            let mut of = memberships.iter().filter(|of| of.team_id == team);
            of.any(|of| of.member_id == self.0.id)
        };
        let teams = teams.iter().filter(|team| is_in(team.id));
        Ok(teams.cloned().map(Team).collect())
    }
}

payload!(
    /// What became of a member's making or change.
    MemberPayload,
    /// The member as they are now; null where the change was refused.
    member: Member
);

/// A member to make. They come in with a token: see `createApiToken`.
#[derive(InputObject)]
pub(crate) struct CreateMemberInput {
    /// Shown beside what they do: 1 to 100 characters, else INVALID.
    name: String,
    /// Kept in lower case, unique in the workspace: else EMAIL_INVALID or TAKEN.
    email: String,
    /// What they may do at most.
    role: Role,
    /// What they may not do although the role would allow it. Your own restrictions are added.
    restrictions: Option<Vec<Restriction>>,
}

impl From<CreateMemberInput> for NewMember {
    fn from(input: CreateMemberInput) -> Self {
        let CreateMemberInput {
            name,
            email,
            role,
            restrictions,
        } = input;
        Self {
            name,
            email,
            role: role.into(),
            restrictions: named(restrictions).unwrap_or_default(),
        }
    }
}

/// In the words of the domain.
fn named(restrictions: Option<Vec<Restriction>>) -> Option<Vec<entity::role::Restriction>> {
    restrictions.map(|of| of.into_iter().map(Into::into).collect())
}

/// What to change in a member. What is left out, or null, stays. One owner at least must be left who has no NO_WORKSPACE_SETTINGS: else INVALID.
#[derive(InputObject)]
pub(crate) struct UpdateMemberInput {
    /// Their id. NOT_FOUND where there is none.
    id: ID,
    /// Shown beside what they do: 1 to 100 characters, else INVALID.
    name: Option<String>,
    /// Kept in lower case, unique in the workspace: else EMAIL_INVALID or TAKEN.
    email: Option<String>,
    /// What they may do at most. Their tokens may do no more, from the next request on.
    role: Option<Role>,
    /// All that they may not do although the role would allow it; it holds for their tokens too, from the next request on. One that you
    /// have yourself cannot be lifted: INVALID.
    restrictions: Option<Vec<Restriction>>,
}

#[derive(Default)]
pub(crate) struct MemberQuery;

#[Object]
impl MemberQuery {
    /// The workspace's members, oldest first. FORBIDDEN to agents.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let loader = Loader::require(ctx, entity::role::Role::Manager)?;
        let rows = loader.members().await?;
        Ok(rows.iter().cloned().map(Member).collect())
    }
}

#[derive(Default)]
pub(crate) struct MemberMutation;

#[Object]
impl MemberMutation {
    /// Makes a member. For owners without NO_WORKSPACE_SETTINGS.
    async fn create_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The member to make.")] input: Idempotent<CreateMemberInput>,
    ) -> Result<MemberPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            member::create(tx, loader.viewer(), input.into())
                .await
                .map(Member)
        });
        Ok(done.await?.into())
    }

    /// Changes a member. For owners without NO_WORKSPACE_SETTINGS.
    async fn update_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which member.")] input: Idempotent<UpdateMemberInput>,
    ) -> Result<MemberPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let UpdateMemberInput {
            id,
            name,
            email,
            role,
            restrictions,
        } = input;
        let changes = Changes {
            name,
            email,
            role: role.map(Into::into),
            restrictions: named(restrictions),
        };
        let done = loader.write(key, async |tx| {
            member::update(tx, loader.viewer(), read_id(&id), changes)
                .await
                .map(Member)
        });
        Ok(done.await?.into())
    }

    /// Deletes a member with their tokens, which end at once. They leave their teams, and their contacts are nobody's; the contacts' versions
    /// stay. The last owner without NO_WORKSPACE_SETTINGS is INVALID. For owners without NO_WORKSPACE_SETTINGS.
    async fn delete_member(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which member.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            member::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
