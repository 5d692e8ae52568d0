//! Teams: groups of members.

use super::{
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    member::Member,
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::team;
use entity::{id::MemberId, role::Role, team::Model};

#[derive(Clone)]
pub(crate) struct Team(pub(super) Model);

/// A group of members who look after contacts together. Agents see the names of their contacts' teams.
#[Object]
impl Team {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its name, 1 to 100 characters, unique in the workspace without regard to case.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Who is in it, oldest member first. FORBIDDEN to agents.
    async fn members(&self, ctx: &Context<'_>) -> Result<Vec<Member>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let memberships = loader.memberships().await?;
        let members = loader.members().await?;
        let is_in = |member: MemberId| {
            let mut of = memberships.iter().filter(|of| of.team_id == self.0.id);
            of.any(|of| of.member_id == member)
        };
        let members = members.iter().filter(|member| is_in(member.id));
        Ok(members.cloned().map(Member).collect())
    }
}

payload!(
    /// What became of a team's making or change.
    TeamPayload,
    /// The team as it is now; null where the change was refused.
    team: Team
);

/// A team to make.
#[derive(InputObject)]
pub(crate) struct CreateTeamInput {
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: String,
    /// Who is in it, at most 1,000: more are LIMIT_EXCEEDED. NOT_FOUND for each who is no member. Left out: nobody.
    member_ids: Option<Vec<ID>>,
}

/// What to change in a team. What is left out, or null, stays.
#[derive(InputObject)]
pub(crate) struct UpdateTeamInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: Option<String>,
    /// All who are in it, at most 1,000: more are LIMIT_EXCEEDED. NOT_FOUND for each who is no member.
    member_ids: Option<Vec<ID>>,
}

#[derive(Default)]
pub(crate) struct TeamQuery;

#[Object]
impl TeamQuery {
    /// The workspace's teams, oldest first. FORBIDDEN to agents.
    async fn teams(&self, ctx: &Context<'_>) -> Result<Vec<Team>> {
        let rows = Loader::require(ctx, Role::Manager)?.teams().await?;
        Ok(rows.iter().cloned().map(Team).collect())
    }
}

fn members(ids: Option<Vec<ID>>) -> Option<Vec<MemberId>> {
    ids.map(|ids| ids.iter().map(read_id).collect())
}

#[derive(Default)]
pub(crate) struct TeamMutation;

#[Object]
impl TeamMutation {
    /// Makes a team. For owners without NO_WORKSPACE_SETTINGS.
    async fn create_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The team to make.")] input: Idempotent<CreateTeamInput>,
    ) -> Result<TeamPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let CreateTeamInput { name, member_ids } = input;
        let members = members(member_ids).unwrap_or_default();
        let done = loader.write(key, async |tx| {
            team::create(tx, loader.viewer(), &name, &members)
                .await
                .map(Team)
        });
        Ok(done.await?.into())
    }

    /// Renames a team, or says who is in it. For owners without NO_WORKSPACE_SETTINGS.
    async fn update_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which team.")] input: Idempotent<UpdateTeamInput>,
    ) -> Result<TeamPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let UpdateTeamInput {
            id,
            name,
            member_ids,
        } = input;
        let (id, members) = (read_id(&id), members(member_ids));
        let viewer = loader.viewer();
        let done = loader.write(key, async |tx| {
            team::update(tx, viewer, id, name.as_deref(), members.as_deref())
                .await
                .map(Team)
        });
        Ok(done.await?.into())
    }

    /// Deletes a team. Its members stay, and its contacts are no team's; the contacts' versions stay. For owners without NO_WORKSPACE_SETTINGS.
    async fn delete_team(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which team.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            team::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
