//! Inboxes: ways to look at the contacts.

use super::{
    connection::{Count, count_limit},
    contact::ContactConnection,
    cost,
    error::{Failure, Result},
    idempotent::Idempotent,
    loader::Loader,
    member::Member,
    payload::{DeleteInput, DeletePayload, payload},
    team::Team,
};
use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object};
use domain::{
    contact::{self, Matching},
    filter::ContactFilter,
    inbox::{self, InboxKey},
};
use entity::role::Role;
use serde_json::Value as Json;

/// What an inbox shows. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InboxKind {
    /// Every contact.
    All,
    /// Those assigned to who asks; a script has none.
    Mine,
    /// Those assigned to nobody.
    Unassigned,
    /// Those of a team: each has one.
    Team,
    /// Those whom a saved filter and search find.
    Custom,
}

#[derive(Clone)]
pub(crate) struct Inbox(pub(super) inbox::Inbox);

/// A way to look at the contacts: for `contacts(inboxId:)`, which narrows it by what is given beside. FORBIDDEN to agents.
#[Object]
impl Inbox {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.key().to_string().into()
    }

    /// What to call it: of a standard one `All`, `Mine` or `Unassigned`, of a team's the team's name.
    async fn name(&self) -> &str {
        match &self.0 {
            inbox::Inbox::All => "All",
            inbox::Inbox::Mine(_) => "Mine",
            inbox::Inbox::Unassigned => "Unassigned",
            inbox::Inbox::Team(team) => &team.name,
            inbox::Inbox::Custom(row) => &row.name,
        }
    }

    /// What it shows.
    async fn kind(&self) -> InboxKind {
        match &self.0 {
            inbox::Inbox::All => InboxKind::All,
            inbox::Inbox::Mine(_) => InboxKind::Mine,
            inbox::Inbox::Unassigned => InboxKind::Unassigned,
            inbox::Inbox::Team(_) => InboxKind::Team,
            inbox::Inbox::Custom(_) => InboxKind::Custom,
        }
    }

    /// CUSTOM: the saved ContactFilter, as it was given, with the time zone of its days; null where there is none.
    async fn filter(&self) -> Option<&Json> {
        self.custom()?.filter.as_ref()
    }

    /// CUSTOM: what stands in its search box; null where there is nothing.
    async fn search(&self) -> Option<&str> {
        self.custom()?.search.as_deref()
    }

    /// TEAM: whose it is.
    async fn team(&self) -> Option<Team> {
        match &self.0 {
            inbox::Inbox::Team(team) => Some(Team(team.clone())),
            _ => None,
        }
    }

    /// How many contacts it has: ACTIVE ones, unless its filter speaks of the status.
    async fn contact_count(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            default = 10000,
            desc = "Where counting stops: `value` then equals it and `exact` is false. 0 counts all, which takes longer. A negative one is BAD_USER_INPUT."
        )]
        limit: i32,
    ) -> Result<Count> {
        let loader = Loader::of(ctx)?;
        let matching = Matching {
            inbox: Some(self.0.key()),
            ..Matching::default()
        };
        let chosen = ContactConnection::choose(loader, &matching).await?;
        cost::note(ctx, &chosen.scans);
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let count = contact::count(conn, viewer, &chosen, count_limit(limit)?).await?;
        Ok(count.into())
    }

    /// Whether everyone sees it. A custom one that is not shared is seen by who made it alone.
    async fn shared(&self) -> bool {
        self.custom().is_none_or(|row| row.shared)
    }

    /// CUSTOM: who made it; null where that was a script, or somebody who is gone.
    async fn created_by(&self, ctx: &Context<'_>) -> Result<Option<Member>> {
        let Some(id) = self.custom().and_then(|row| row.created_by_member_id) else {
            return Ok(None);
        };
        let members = Loader::of(ctx)?.members().await?;
        let found = members.iter().find(|member| member.id == id);
        Ok(found.cloned().map(Member))
    }
}

impl Inbox {
    fn custom(&self) -> Option<&entity::inbox::Model> {
        match &self.0 {
            inbox::Inbox::Custom(row) => Some(row),
            _ => None,
        }
    }
}

/// An inbox to make.
#[derive(InputObject)]
pub(crate) struct CreateInboxInput {
    /// 1 to 100 characters, else INVALID. Several may have the same.
    name: String,
    /// The filter to save. Days in it begin in the workspace's time zone of now, unless it names one. What does not fit is BAD_USER_INPUT with the
    /// path. FORBIDDEN to whom phone numbers and addresses are masked, where it asks for these or for names.
    filter: Option<ContactFilter>,
    /// The search to save; see `contacts`. FORBIDDEN to whom phone numbers and addresses are masked.
    search: Option<String>,
    /// Whether everyone sees it. INVALID for a script's that is not shared.
    #[graphql(default)]
    shared: bool,
}

/// What to change in a custom inbox. What is left out stays, null clears.
#[derive(InputObject)]
pub(crate) struct UpdateInboxInput {
    /// Which. NOT_FOUND where there is none, INVALID for one that is not custom.
    id: ID,
    /// 1 to 100 characters, else INVALID. null stays.
    name: Option<String>,
    /// The filter to save, as in `createInbox`.
    filter: MaybeUndefined<ContactFilter>,
    /// The search to save, as in `createInbox`.
    search: MaybeUndefined<String>,
    /// Whether everyone sees it; null stays. Only who made it can take it back: else INVALID.
    shared: Option<bool>,
}

payload!(
    /// What became of an inbox's making or change.
    InboxPayload,
    /// The inbox as it is now; null where the change was refused.
    inbox: Inbox
);

fn one(row: entity::inbox::Model) -> Inbox {
    Inbox(inbox::Inbox::Custom(row))
}

#[derive(Default)]
pub(crate) struct InboxQuery;

#[Object]
impl InboxQuery {
    /// The inboxes of who asks: the standard ones, those of the teams by name, then the custom ones that are shared or their own, oldest first.
    /// FORBIDDEN to agents.
    async fn inboxes(&self, ctx: &Context<'_>) -> Result<Vec<Inbox>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let found = inbox::list(loader.db().read(), loader.viewer()).await;
        let found = found.map_err(Failure::from)?;
        Ok(found.into_iter().map(Inbox).collect())
    }
}

#[derive(Default)]
pub(crate) struct InboxMutation;

#[Object]
impl InboxMutation {
    /// Saves a filter and a search as an inbox. FORBIDDEN to agents.
    async fn create_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: Idempotent<CreateInboxInput>,
    ) -> Result<InboxPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let CreateInboxInput {
            name,
            filter,
            search,
            shared,
        } = input;
        let new = inbox::New {
            name,
            filter,
            search,
            shared,
        };
        let done = loader.write(key, async |tx| {
            inbox::create(tx, loader.viewer(), new).await.map(one)
        });
        Ok(done.await?.into())
    }

    /// Changes a custom inbox; a shared one may be changed by every owner and manager, whoever made it. FORBIDDEN to agents.
    async fn update_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what to change.")] input: Idempotent<UpdateInboxInput>,
    ) -> Result<InboxPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateInboxInput {
            id,
            name,
            filter,
            search,
            shared,
        } = input;
        let change = inbox::Update {
            name,
            filter: filter.into(),
            search: search.into(),
            shared,
        };
        let done = loader.write(key, async |tx| {
            inbox::update(tx, loader.viewer(), read_key(&id), change)
                .await
                .map(one)
        });
        Ok(done.await?.into())
    }

    /// Deletes a custom inbox, a shared one for everyone; its contacts stay. FORBIDDEN to agents.
    async fn delete_inbox(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which. INVALID for one that is not custom.")] input: Idempotent<
            DeleteInput,
        >,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            let id = inbox::delete(tx, loader.viewer(), read_key(&input.id)).await?;
            Ok(ID::from(id.to_string()))
        });
        Ok(done.await?.into())
    }
}

/// The key that a client wrote; none: it cannot be one.
pub(super) fn read_key(id: &ID) -> Option<InboxKey> {
    id.parse().ok()
}
