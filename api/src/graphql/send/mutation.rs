//! Sends asked for, held, and ended.

use super::{BroadcastSend, RecipientChoice};
use crate::graphql::{
    error::Result,
    idempotent::Idempotent,
    job::JobInput,
    loader::{Loader, read_id},
    payload::payload,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::{
    scalar::DateTime,
    send::{self, NewSend},
};
use entity::role::Role;

payload!(
    /// What became of a send's beginning or change.
    BroadcastSendPayload,
    /// The send as it is now, in the background: watch it with `broadcastSendProgress`. Null where it was refused.
    broadcast_send: BroadcastSend
);

/// A broadcast to send.
#[derive(InputObject)]
pub(crate) struct SendBroadcastInput {
    /// The broadcast. NOT_FOUND where there is none; INVALID where its channel is not READY, or its template is not APPROVED.
    id: ID,
    /// To whom of its people. CONFLICT for ALL while another send of it has not ended.
    #[graphql(default_with = "RecipientChoice::All")]
    recipients: RecipientChoice,
    /// The contacts, where `recipients` is SELECTED: REQUIRED then, and LIMIT_EXCEEDED for more than 10,000. INVALID with any other choice.
    contact_ids: Option<Vec<ID>>,
    /// When it is to begin. Left out, or past: at once.
    scheduled_at: Option<DateTime>,
    /// After this moment nothing of it goes out any more, whatever kept it from going out before, such as a downtime: then it is FAILED, and says so.
    not_after: Option<DateTime>,
}

#[derive(Default)]
pub(crate) struct BroadcastSendMutation;

#[Object]
impl BroadcastSendMutation {
    /// Sends a broadcast, now or later. What is sent is fixed now, the texts of a block and of a template that was made here included; a template of the provider's is sent as the
    /// provider has it then. Whom it goes to is fixed when it begins. FORBIDDEN to agents, and to who may not send broadcasts.
    async fn send_broadcast(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which broadcast, to whom, and when.")] input: Idempotent<
            SendBroadcastInput,
        >,
    ) -> Result<BroadcastSendPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let new = NewSend {
            broadcast_id: read_id(&input.id),
            recipients: input.recipients.into(),
            contact_ids: input
                .contact_ids
                .map(|ids| ids.iter().map(read_id).collect()),
            scheduled_at: input.scheduled_at.map(|at| at.0),
            not_after: input.not_after.map(|at| at.0),
        };
        let done = loader.write(key, async |tx| {
            send::create(tx, loader.viewer(), new)
                .await
                .map(BroadcastSend::new)
        });
        Ok(done.await?.into())
    }

    /// Holds a send: within two seconds nothing goes out any more. CONFLICT for one that has ended or is paused. FORBIDDEN to agents, and to who may not
    /// send broadcasts.
    async fn pause_broadcast_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<BroadcastSendPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            send::pause(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(BroadcastSend::new)
        });
        Ok(done.await?.into())
    }

    /// Lets a paused send go on. CONFLICT for one that is not paused. FORBIDDEN to agents, and to who may not send broadcasts.
    async fn resume_broadcast_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<BroadcastSendPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            send::resume(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(BroadcastSend::new)
        });
        Ok(done.await?.into())
    }

    /// Ends a send: whoever is still to get it is left out, as SEND_CANCELLED; what has gone out stays. Nobody is called any more from the answer on;
    /// beyond ten thousand, those who are left out stand as pending until they are noted, seconds later. CONFLICT for one that has ended. FORBIDDEN to
    /// agents, and to who may not send broadcasts.
    async fn cancel_broadcast_send(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<BroadcastSendPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            send::cancel(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(BroadcastSend::new)
        });
        Ok(done.await?.into())
    }

    /// Tries those again whom a send that has ended did not reach, where that may help (`DeliveryError.retryable`). CONFLICT for one that has not ended,
    /// INVALID where there is nobody to try again. FORBIDDEN to agents, and to who may not send broadcasts.
    async fn retry_failed_deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<BroadcastSendPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            send::retry(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(BroadcastSend::new)
        });
        Ok(done.await?.into())
    }
}
