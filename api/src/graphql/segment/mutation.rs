//! Segments made, changed and deleted.

use super::{Group, Segment, rule::SegmentRuleInput};
use crate::graphql::{
    error::Result,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, Settled, payload},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::segment;
use entity::{id::SegmentId, role::Role, segment::Model};

/// A segment to make.
#[derive(InputObject)]
pub(crate) struct CreateSegmentInput {
    /// Its name, 1 to 100 characters. One that another segment has, without regard to case, is TAKEN.
    name: String,
    /// A contact belongs while any of these holds: 1 to 20.
    rules: Vec<SegmentRuleInput>,
}

/// What to change in a segment; what is left out or null stays.
#[derive(InputObject)]
pub(crate) struct UpdateSegmentInput {
    /// Which. NOT_FOUND where there is none.
    id: ID,
    /// Its name, 1 to 100 characters. One that another segment has, without regard to case, is TAKEN.
    name: Option<String>,
    /// All its rules, 1 to 20. INVALID for a STATIC segment.
    rules: Option<Vec<SegmentRuleInput>>,
}

payload!(
    /// What became of a segment's making or change.
    SegmentPayload,
    /// The segment as it is now; null where the change was refused.
    segment: Segment
);

fn rules(given: Vec<SegmentRuleInput>) -> Vec<segment::RuleInput> {
    given.into_iter().map(Into::into).collect()
}

fn one(settled: Settled<Model>) -> SegmentPayload {
    let wrap = |row: Model| {
        let group = Group::new([&row]);
        Segment::new(row, &group)
    };
    settled.map(wrap).into()
}

#[derive(Default)]
pub(crate) struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Makes a segment of the contacts for whom a rule holds. What does not fit in a rule is BAD_USER_INPUT with the path. FORBIDDEN to agents.
    async fn create_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name and rules.")] input: CreateSegmentInput,
    ) -> Result<SegmentPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let tx = loader.begin().await?;
        let done = segment::create(&tx, loader.viewer(), &input.name, rules(input.rules)).await;
        Ok(one(loader.settle(tx, done).await?))
    }

    /// Renames a segment, or gives it other rules. FORBIDDEN to agents.
    async fn update_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what to change.")] input: UpdateSegmentInput,
    ) -> Result<SegmentPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let UpdateSegmentInput {
            id,
            name,
            rules: given,
        } = input;
        let tx = loader.begin().await?;
        let done = segment::update(
            &tx,
            loader.viewer(),
            read_id(&id),
            name.as_deref(),
            given.map(rules),
        )
        .await;
        Ok(one(loader.settle(tx, done).await?))
    }

    /// Deletes a segment; its contacts stay. IN_USE while a rule of another segment or the filter of an inbox names it. FORBIDDEN to agents.
    async fn delete_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: DeleteInput,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let id: SegmentId = read_id(&input.id);
        let tx = loader.begin().await?;
        let done = segment::delete(&tx, loader.viewer(), id).await;
        let done = done.map(|()| ID::from(id.to_string()));
        Ok(loader.settle(tx, done).await?.into())
    }
}
