//! Bulk operations asked for, and stopped.

use super::BulkOperation;
use crate::graphql::{
    contact::ContactSelection,
    error::Result,
    idempotent::Idempotent,
    job::JobInput,
    loader::{Loader, read_id},
    payload::payload,
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::operation;
use entity::role::Role;

payload!(
    /// What became of a bulk operation's making or end.
    BulkPayload,
    /// The operation as it is now, in the background: watch it with `operationProgress`. Null where it was refused.
    operation: BulkOperation
);

/// Which tags, for which contacts.
#[derive(InputObject)]
pub(crate) struct BulkTagsInput {
    /// Which contacts.
    contacts: ContactSelection,
    /// The names of the tags, 1 to 100, without regard to case and accents. One that is not there is made where tags are given, and NOT_FOUND
    /// where they are taken off.
    tag_names: Vec<String>,
}

/// Which segment, and which contacts.
#[derive(InputObject)]
pub(crate) struct SegmentMembersInput {
    /// A STATIC segment: one with rules is INVALID. NOT_FOUND where there is none.
    segment_id: ID,
    /// Which contacts.
    contacts: ContactSelection,
}

#[derive(Default)]
pub(crate) struct OperationMutation;

#[Object]
impl OperationMutation {
    /// Gives contacts tags, on one or on a million, in the background. Who has them all already is unchanged; who would have more than 100 tags
    /// is left as they are, and counts as failed. FORBIDDEN to agents.
    async fn tag_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tags, for which contacts.")] input: Idempotent<BulkTagsInput>,
    ) -> Result<BulkPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let selection = input.contacts.into();
        let done = loader.write(key, async |tx| {
            operation::tag(tx, loader.viewer(), selection, &input.tag_names)
                .await
                .map(BulkOperation::new)
        });
        Ok(done.await?.into())
    }

    /// Takes tags off contacts, in the background. FORBIDDEN to agents.
    async fn untag_contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tags, off which contacts.")] input: Idempotent<BulkTagsInput>,
    ) -> Result<BulkPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let selection = input.contacts.into();
        let done = loader.write(key, async |tx| {
            operation::untag(tx, loader.viewer(), selection, &input.tag_names)
                .await
                .map(BulkOperation::new)
        });
        Ok(done.await?.into())
    }

    /// Puts contacts into a STATIC segment, in the background. FORBIDDEN to agents.
    async fn add_to_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which segment, and which contacts.")] input: Idempotent<
            SegmentMembersInput,
        >,
    ) -> Result<BulkPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (selection, id) = (input.contacts.into(), read_id(&input.segment_id));
        let done = loader.write(key, async |tx| {
            operation::add_to_segment(tx, loader.viewer(), selection, id)
                .await
                .map(BulkOperation::new)
        });
        Ok(done.await?.into())
    }

    /// Takes contacts out of a STATIC segment, in the background; the contacts stay. FORBIDDEN to agents.
    async fn remove_from_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which segment, and which contacts.")] input: Idempotent<
            SegmentMembersInput,
        >,
    ) -> Result<BulkPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (selection, id) = (input.contacts.into(), read_id(&input.segment_id));
        let done = loader.write(key, async |tx| {
            operation::remove_from_segment(tx, loader.viewer(), selection, id)
                .await
                .map(BulkOperation::new)
        });
        Ok(done.await?.into())
    }

    /// Stops a bulk operation that has not ended: from now on no further contact is changed. What was changed stays. CONFLICT for one that has ended,
    /// INVALID for DELETE_ATTRIBUTE. FORBIDDEN to agents.
    async fn cancel_operation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<JobInput>,
    ) -> Result<BulkPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            operation::cancel(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(BulkOperation::new)
        });
        Ok(done.await?.into())
    }
}
