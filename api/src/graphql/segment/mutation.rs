//! Segments made, changed and deleted.

use super::{Group, Segment, rule::SegmentRuleInput};
use crate::graphql::{
    contact::ContactSelection,
    error::Result,
    loader::{Loader, read_id},
    operation::BulkOperation,
    payload::{DeleteInput, DeletePayload, Settled, UserError},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{error::Error, segment};
use entity::{id::SegmentId, operation, role::Role, segment::Model};

/// A segment to make: of exactly one of `contacts` and `rules`, else INVALID.
#[derive(InputObject)]
pub(crate) struct CreateSegmentInput {
    /// Its name, 1 to 100 characters. One that another segment has, without regard to case, is TAKEN.
    name: String,
    /// Makes a STATIC segment of these contacts: they are put in in the background, by the payload's `operation`.
    contacts: Option<ContactSelection>,
    /// Makes a RULES segment: a contact belongs while any of these holds. 1 to 20.
    rules: Option<Vec<SegmentRuleInput>>,
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

/// What became of a segment's making or change.
#[derive(SimpleObject)]
pub(crate) struct SegmentPayload {
    /// The segment as it is now; null where the change was refused.
    segment: Option<Segment>,
    /// What puts the contacts into a new STATIC segment, in the background: watch it with `operationProgress`. Null otherwise.
    operation: Option<BulkOperation>,
    /// What the person can mend. Empty where the change was made; otherwise nothing was changed.
    user_errors: Vec<UserError>,
}

fn rules(given: Vec<SegmentRuleInput>) -> Vec<segment::RuleInput> {
    given.into_iter().map(Into::into).collect()
}

impl From<Settled<(Model, Option<operation::Model>)>> for SegmentPayload {
    fn from(settled: Settled<(Model, Option<operation::Model>)>) -> Self {
        let (done, user_errors) = match settled {
            Ok(done) => (Some(done), Vec::new()),
            Err(errors) => (None, errors),
        };
        let (row, filling) = done.unzip();
        Self {
            segment: row.map(|row| {
                let group = Group::new([&row]);
                Segment::new(row, &group)
            }),
            operation: filling.flatten().map(BulkOperation::new),
            user_errors,
        }
    }
}

#[derive(Default)]
pub(crate) struct SegmentMutation;

#[Object]
impl SegmentMutation {
    /// Makes a segment, of contacts that are named or of those for whom a rule holds. What does not fit in a rule is BAD_USER_INPUT with the path. FORBIDDEN to agents.
    async fn create_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its name, and its contacts or rules.")] input: CreateSegmentInput,
    ) -> Result<SegmentPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let tx = loader.begin().await?;
        let (viewer, name) = (loader.viewer(), &input.name);
        let done = match (input.contacts, input.rules) {
            (Some(contacts), None) => segment::create_static(&tx, viewer, name, contacts.into())
                .await
                .map(|(made, filling)| (made, Some(filling))),
            (None, Some(given)) => segment::create(&tx, viewer, name, rules(given))
                .await
                .map(|made| (made, None)),
            _ => Err(Error::user("", "INVALID", "Give either contacts or rules.")),
        };
        Ok(loader.settle(tx, done).await?.into())
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
        .await
        .map(|row| (row, None));
        Ok(loader.settle(tx, done).await?.into())
    }

    /// Deletes a segment; its contacts stay. IN_USE while a rule of another segment, the filter of an inbox or a broadcast, a broadcast that goes to it, or a
    /// send whose recipients are not fixed yet needs it. FORBIDDEN to agents.
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
