//! Reading contacts.

use super::{Contact, ContactConnection, ContactOrder, ContactStatus, selection::inbox_key};
use crate::graphql::{
    error::Result,
    loader::{Loader, read_id},
};
use async_graphql::{Context, ID, Object};
use domain::filter::ContactFilter;
use domain::{
    contact::{self, Matching},
    page::Window,
};
use entity::role::Role;

#[derive(Default)]
pub(crate) struct ContactQuery;

#[Object]
#[allow(
    clippy::too_many_arguments,
    reason = "they are the arguments of the field"
)]
impl ContactQuery {
    /// One page of the contacts; everything given narrows together. FORBIDDEN to agents.
    ///
    /// A request with `"extensions": { "cost": true }` beside its query is told in `extensions.cost.scans` of the answer which fields look at one
    /// contact after the other, each with its `path` and the keys of the `attributes` on which no index serves what is asked.
    async fn contacts(
        &self,
        ctx: &Context<'_>,
        #[graphql(
            desc = "Those in this inbox; what is given beside narrows further. One that does not exist has none."
        )]
        inbox_id: Option<ID>,
        #[graphql(desc = "Those in this segment. One that does not exist has none.")]
        segment_id: Option<ID>,
        #[graphql(
            desc = "Of these statuses. Left out: ACTIVE alone, unless a segment is named, or the filter or that of the inbox speaks of the status, then all."
        )]
        status: Option<Vec<ContactStatus>>,
        #[graphql(desc = "Those for whom this holds.")] filter: Option<ContactFilter>,
        #[graphql(
            desc = "What stands in a search box: words that must all be found, each in the name, phone number (however written), e-mail address, an address, a TEXT attribute, a tag or a channel's name; any part of a word of three characters and more, shorter ones as a beginning, without regard to case and accents. At most 20 words and 1,000 characters."
        )]
        search: Option<String>,
        #[graphql(
            desc = "Sorted by this column. Left out: the newest first. A second entry is BAD_USER_INPUT."
        )]
        order_by: Option<Vec<ContactOrder>>,
        #[graphql(
            desc = "That many from the beginning, or after `after`: 1 to 500. 50 where neither `first` nor `last` is given; both are BAD_USER_INPUT."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what follows this cursor of the same list in the same order.")]
        after: Option<String>,
        #[graphql(
            desc = "That many from the end, or before `before`, in the list's own order: 1 to 500."
        )]
        last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor of the same list in the same order.")]
        before: Option<String>,
    ) -> Result<ContactConnection> {
        Loader::require(ctx, Role::Manager)?;
        let matching = Matching {
            inbox: inbox_id.as_ref().map(inbox_key),
            segment_id: segment_id.as_ref().map(read_id),
            status: status.map(|of| of.into_iter().map(Into::into).collect()),
            filter,
            search,
        };
        let window = Window::new(first, after, last, before)?;
        ContactConnection::load(ctx, matching, order_by, window).await
    }

    /// One contact, whatever its status; null where there is none. FORBIDDEN to agents.
    async fn contact(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Its id.")] id: ID,
    ) -> Option<Result<Contact>> {
        let read = async || -> Result<Option<Contact>> {
            let loader = Loader::require(ctx, Role::Manager)?;
            let found = contact::get(loader.db().read(), loader.viewer(), read_id(&id)).await?;
            Ok(found.map(|row| Contact::one(loader.viewer(), row)))
        };
        read().await.transpose()
    }

    /// The contact who has this address on a channel, whatever its status: the key of imports. Null where there is none. FORBIDDEN to agents.
    async fn contact_by_address(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The channel.")] channel_id: ID,
        #[graphql(
            desc = "The address as people write it: phone numbers with spaces or without a country, e-mail addresses in any case."
        )]
        address: String,
    ) -> Option<Result<Contact>> {
        let read = async || -> Result<Option<Contact>> {
            let loader = Loader::require(ctx, Role::Manager)?;
            let (db, viewer, channel) = (loader.db(), loader.viewer(), read_id(&channel_id));
            let found = contact::by_address(db.read(), viewer, channel, &address).await?;
            Ok(found.map(|row| Contact::one(loader.viewer(), row)))
        };
        read().await.transpose()
    }
}
