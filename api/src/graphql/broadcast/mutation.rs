//! Broadcasts made, changed and deleted.

use super::{Broadcast, BroadcastContentInput};
use crate::graphql::{
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, ID, InputObject, MaybeUndefined, Object};
use domain::{
    broadcast::{self, BroadcastInput},
    filter::ContactFilter,
};
use entity::role::Role;

payload!(
    /// What became of a broadcast's making or change.
    BroadcastPayload,
    /// The broadcast as it is now; null where the change was refused.
    broadcast: Broadcast
);

/// A broadcast to make. It goes to segments, or to everyone.
#[derive(InputObject)]
pub(crate) struct CreateBroadcastInput {
    /// What people call it, 1 to 100 characters.
    title: String,
    /// The channel it is sent over. NOT_FOUND where there is none.
    channel_id: ID,
    /// The segments it goes to, 100 at most; who is in several gets it once. NOT_FOUND for one that is not there, REQUIRED where there is none and it is
    /// not for everyone.
    segment_ids: Option<Vec<ID>>,
    /// Whether it goes to every contact instead.
    #[graphql(default)]
    everyone: bool,
    /// Narrows either: only those for whom this holds.
    filter: Option<ContactFilter>,
    /// What is sent.
    content: BroadcastContentInput,
}

/// What to change in a broadcast. What is left out stays; sends that were asked for stay what they are.
#[derive(InputObject)]
pub(crate) struct UpdateBroadcastInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// What people call it, 1 to 100 characters.
    title: Option<String>,
    /// The channel it is sent over. A template belongs to its channel: with another channel, give the content too.
    channel_id: Option<ID>,
    /// All the segments it goes to.
    segment_ids: Option<Vec<ID>>,
    /// Whether it goes to every contact instead.
    everyone: Option<bool>,
    /// Narrows either: only those for whom this holds; null: nothing does.
    filter: MaybeUndefined<ContactFilter>,
    /// What is sent.
    content: Option<BroadcastContentInput>,
}

#[derive(Default)]
pub(crate) struct BroadcastMutation;

#[Object]
impl BroadcastMutation {
    /// Makes a broadcast. FORBIDDEN to agents, and to who may not send broadcasts.
    async fn create_broadcast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The broadcast to make.")] input: Idempotent<CreateBroadcastInput>,
    ) -> Result<BroadcastPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let new = BroadcastInput {
            title: Some(input.title),
            channel_id: Some(read_id(&input.channel_id)),
            segment_ids: input
                .segment_ids
                .map(|ids| ids.iter().map(read_id).collect()),
            everyone: Some(input.everyone),
            filter: Some(input.filter),
            content: Some(input.content.into()),
        };
        let done = loader.write(key, async |tx| {
            broadcast::create(tx, loader.viewer(), new)
                .await
                .map(Broadcast::alone)
        });
        Ok(done.await?.into())
    }

    /// Changes a broadcast. FORBIDDEN to agents, and to who may not send broadcasts.
    async fn update_broadcast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which broadcast.")] input: Idempotent<
            UpdateBroadcastInput,
        >,
    ) -> Result<BroadcastPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let id = read_id(&input.id);
        let change = BroadcastInput {
            title: input.title,
            channel_id: input.channel_id.as_ref().map(read_id),
            segment_ids: input
                .segment_ids
                .map(|ids| ids.iter().map(read_id).collect()),
            everyone: input.everyone,
            filter: input.filter.into(),
            content: input.content.map(Into::into),
        };
        let done = loader.write(key, async |tx| {
            broadcast::update(tx, loader.viewer(), id, change)
                .await
                .map(Broadcast::alone)
        });
        Ok(done.await?.into())
    }

    /// Deletes a broadcast; what history names stays readable. IN_USE while a send of it has not ended. FORBIDDEN to agents, and to who may not send
    /// broadcasts.
    async fn delete_broadcast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which broadcast.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            broadcast::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
