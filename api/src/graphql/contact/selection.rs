//! Which contacts an action is for.

use super::ContactStatus;
use crate::graphql::loader::read_id;
use async_graphql::{ID, InputObject, OneofObject};
use domain::{
    contact::{self, Matching, Selection},
    filter::ContactFilter,
    inbox::InboxKey,
};

/// Which contacts: exactly one of the two.
#[derive(OneofObject)]
pub(crate) enum ContactSelection {
    /// These, 10,000 at most: else LIMIT_EXCEEDED. One that is not there is NOT_FOUND.
    Ids(Vec<ID>),
    /// All that a table shows.
    Matching(Box<MatchingContacts>),
}

/// What a table shows, less the boxes unticked; the arguments mean what they mean in `contacts`. Who matches is settled when the work begins,
/// moments after it was asked for.
#[derive(InputObject)]
pub(crate) struct MatchingContacts {
    /// Those in this inbox. NOT_FOUND where there is none.
    inbox_id: Option<ID>,
    /// Those in this segment. NOT_FOUND where there is none.
    segment_id: Option<ID>,
    /// Of these statuses. Left out: ACTIVE alone, unless a segment is named, or the filter or that of the inbox speaks of the status, then all.
    status: Option<Vec<ContactStatus>>,
    /// Those for whom this holds. Relative times count back from the moment of asking.
    filter: Option<ContactFilter>,
    /// Those whom the search box finds.
    search: Option<String>,
    /// But not these, 10,000 at most: else LIMIT_EXCEEDED.
    except: Option<Vec<ID>>,
    /// How many the person saw, `except` taken off. Where another number matches the answer is CONFLICT; where that shows only when the work
    /// begins, it is FAILED and nobody is changed.
    expected_count: Option<u32>,
}

/// The key of an inbox that a client wrote. One that cannot be is one that does not exist.
pub(super) fn inbox_key(id: &ID) -> InboxKey {
    id.parse().unwrap_or(InboxKey::NOWHERE)
}

impl From<ContactSelection> for Selection {
    fn from(selection: ContactSelection) -> Self {
        let asked = match selection {
            ContactSelection::Ids(ids) => return Self::Ids(ids.iter().map(read_id).collect()),
            ContactSelection::Matching(asked) => *asked,
        };
        let MatchingContacts {
            inbox_id,
            segment_id,
            status,
            filter,
            search,
            except,
            expected_count,
        } = asked;
        Self::Matching(Box::new(contact::MatchingContacts {
            matching: Matching {
                inbox: inbox_id.as_ref().map(inbox_key),
                segment_id: segment_id.as_ref().map(read_id),
                status: status.map(|of| of.into_iter().map(Into::into).collect()),
                filter,
                search,
            },
            except: except.iter().flatten().map(read_id).collect(),
            expected_count: expected_count.map(u64::from),
        }))
    }
}
