//! Segments made, changed and deleted.

use super::{Group, Segment, rule::SegmentRuleInput};
use crate::graphql::{
    contact::ContactSelection,
    error::Result,
    idempotent::Idempotent,
    loader::{Loader, read_id},
    operation::BulkOperation,
    payload::{DeleteInput, DeletePayload, Settled, UserError},
};
use async_graphql::{Context, ID, InputObject, Object, SimpleObject};
use domain::{error::Error, segment};
use entity::{id::SegmentId, role::Role, segment::Model};

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

fn one(row: Model) -> Segment {
    let group = Group::new([&row]);
    Segment::new(row, &group)
}

impl From<Settled<(Segment, Option<BulkOperation>)>> for SegmentPayload {
    fn from(settled: Settled<(Segment, Option<BulkOperation>)>) -> Self {
        let (done, user_errors) = match settled {
            Ok(done) => (Some(done), Vec::new()),
            Err(errors) => (None, errors),
        };
        let (segment, filling) = done.unzip();
        Self {
            segment,
            operation: filling.flatten(),
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
        #[graphql(desc = "Its name, and its contacts or rules.")] input: Idempotent<
            CreateSegmentInput,
        >,
    ) -> Result<SegmentPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (viewer, name) = (loader.viewer(), &input.name);
        let done = loader.write(key, async |tx| match (input.contacts, input.rules) {
            (Some(contacts), None) => {
                let made = segment::create_static(tx, viewer, name, contacts.into()).await;
                made.map(|(row, filling)| (one(row), Some(BulkOperation::new(filling))))
            }
            (None, Some(given)) => {
                let made = segment::create(tx, viewer, name, rules(given)).await;
                made.map(|row| (one(row), None))
            }
            _ => Err(Error::user("", "INVALID", "Give either contacts or rules.")),
        });
        Ok(done.await?.into())
    }

    /// Renames a segment, or gives it other rules. FORBIDDEN to agents.
    async fn update_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which, and what to change.")] input: Idempotent<UpdateSegmentInput>,
    ) -> Result<SegmentPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let UpdateSegmentInput {
            id,
            name,
            rules: given,
        } = input;
        let (viewer, given) = (loader.viewer(), given.map(rules));
        let done = loader.write(key, async |tx| {
            let row = segment::update(tx, viewer, read_id(&id), name.as_deref(), given).await?;
            Ok((one(row), None))
        });
        Ok(done.await?.into())
    }

    /// Deletes a segment; its contacts stay. IN_USE while a rule of another segment, the filter of an inbox or a broadcast, a broadcast that goes to it, or a
    /// send whose recipients are not fixed yet needs it. FORBIDDEN to agents.
    async fn delete_segment(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let id: SegmentId = read_id(&input.id);
        let done = loader.write(key, async |tx| {
            segment::delete(tx, loader.viewer(), id).await?;
            Ok(ID::from(id.to_string()))
        });
        Ok(done.await?.into())
    }
}
