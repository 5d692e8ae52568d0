//! Tables watched: their size, and what to redraw.

use super::{Contact, ContactStatus, selection::inbox_key};
use crate::graphql::{
    connection::{Count, count_limit},
    error::{Failure, Result},
    import::Files,
    loader::{Loader, read_id},
};
use async_graphql::{Context, ID, SimpleObject, Subscription};
use domain::{
    contact::Matching,
    filter::ContactFilter,
    live::{self, Counted},
    page,
};
use entity::role::Role;
use futures_util::{Stream, StreamExt};

/// What to redraw in a table.
#[derive(SimpleObject)]
pub(crate) struct ContactsChanged {
    /// Contacts of the table that were made or changed, 100 at most: where they stand in its order is for the client to say.
    changed: Vec<Contact>,
    /// The ids of contacts that were deleted, or that match no more; some may never have matched.
    removed_ids: Vec<ID>,
    /// Whether there was too much for a list: read the table again. So is the first event, which says where the others begin.
    refetch: bool,
}

#[derive(Default)]
pub(crate) struct ContactSubscription;

/// The arguments of `contacts` that choose.
fn matching(
    inbox_id: Option<ID>,
    segment_id: Option<ID>,
    status: Option<Vec<ContactStatus>>,
    filter: Option<ContactFilter>,
    search: Option<String>,
) -> Matching {
    Matching {
        inbox: inbox_id.as_ref().map(inbox_key),
        segment_id: segment_id.as_ref().map(read_id),
        status: status.map(|of| of.into_iter().map(Into::into).collect()),
        filter,
        search,
    }
}

#[Subscription]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl ContactSubscription {
    /// How many contacts a table has: at once, then whenever that has changed, at most once a second. Under a bulk write the interval may stretch to
    /// ten seconds; two seconds after its end the number is right. Ends with BAD_USER_INPUT when an attribute is deleted that the filter names;
    /// of anything else that is deleted nobody has any more.
    /// FORBIDDEN to agents.
    async fn contact_count<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Those in this inbox. One that does not exist has none.")]
        inbox_id: Option<ID>,
        #[graphql(desc = "Those in this segment. One that does not exist has none.")]
        segment_id: Option<ID>,
        #[graphql(desc = "Of these statuses; left out, as in `contacts`.")] status: Option<
            Vec<ContactStatus>,
        >,
        #[graphql(desc = "Those for whom this holds.")] filter: Option<ContactFilter>,
        #[graphql(desc = "Those whom the search box finds.")] search: Option<String>,
        #[graphql(
            default = 10000,
            desc = "Where counting stops: `value` then equals it and `exact` is false. 0 counts all, which takes longer. A negative one is BAD_USER_INPUT."
        )]
        limit: i32,
    ) -> Result<impl Stream<Item = Result<Count>> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let matching = matching(inbox_id, segment_id, status, filter, search);
        let counts = &Files::of(ctx)?.counts;
        let states = counts.watch(loader.viewer(), matching, count_limit(limit)?);
        let states = Box::pin(states).await?;
        Ok(states.map(|counted: Counted| {
            let count: domain::error::Result<page::Count> = counted.into();
            Ok(count.map_err(Failure::from)?.into())
        }))
    }

    /// What to redraw in a table, at most once a second; under a bulk write at most every ten seconds, and once it is over. Begins with an event
    /// that says `refetch`. FORBIDDEN to agents.
    async fn contacts_changed<'ctx>(
        &self,
        ctx: &Context<'ctx>,
        #[graphql(desc = "Those in this inbox. One that does not exist has none.")]
        inbox_id: Option<ID>,
        #[graphql(desc = "Those in this segment. One that does not exist has none.")]
        segment_id: Option<ID>,
        #[graphql(desc = "Of these statuses; left out, as in `contacts`.")] status: Option<
            Vec<ContactStatus>,
        >,
        #[graphql(desc = "Those for whom this holds.")] filter: Option<ContactFilter>,
        #[graphql(desc = "Those whom the search box finds.")] search: Option<String>,
    ) -> Result<impl Stream<Item = Result<ContactsChanged>> + use<'ctx>> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let viewer = loader.viewer();
        let matching = matching(inbox_id, segment_id, status, filter, search);
        let changes = Box::pin(live::changes(loader.db(), viewer, matching)).await?;
        Ok(changes.map(|changes| {
            loader.forget();
            let changes = changes.map_err(Failure::from)?;
            let removed = changes.removed.iter();
            Ok(ContactsChanged {
                changed: Contact::group(viewer, changes.changed),
                removed_ids: removed.map(|id| id.to_string().into()).collect(),
                refetch: changes.refetch,
            })
        }))
    }
}
