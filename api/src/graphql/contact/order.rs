//! How a table of contacts is sorted.

use crate::graphql::error::{Failure, Result};
use async_graphql::{Enum, InputObject};
use domain::contact::Sort;

/// By which column a table is sorted, and how. Contacts with equal values stand as they became known: upwards the oldest first, downwards the newest.
#[derive(InputObject)]
pub(crate) struct ContactOrder {
    /// The key of a column whose `sortable` is true, such as `name` or `attr.plan`. Any other is BAD_USER_INPUT; in
    /// `updateTableView` it is NOT_FOUND or INVALID. Texts are sorted by their first 200 characters, without regard to case and accents.
    column: String,
    /// Upwards or downwards.
    #[graphql(default_with = "Direction::Asc")]
    direction: Direction,
    /// Where contacts without a value stand, whatever the direction; among themselves the oldest is first.
    #[graphql(default_with = "Nulls::Last")]
    nulls: Nulls,
}

/// Upwards or downwards.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// Where those without a value stand.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::contact::Nulls")]
pub(crate) enum Nulls {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

impl ContactOrder {
    /// What a list of orders asks for; a table is sorted by one column.
    pub(crate) fn sort(orders: Option<Vec<Self>>) -> Result<Option<Sort>> {
        let mut orders = orders.unwrap_or_default().into_iter();
        let first = orders.next();
        if orders.next().is_some() {
            return Err(Failure::bad_input(
                "orderBy.1",
                "A table is sorted by one column: give one entry.",
            ));
        }
        Ok(first.map(Sort::from))
    }
}

impl From<ContactOrder> for Sort {
    fn from(order: ContactOrder) -> Self {
        let ContactOrder {
            column,
            direction,
            nulls,
        } = order;
        Self {
            column,
            descending: direction == Direction::Desc,
            nulls: nulls.into(),
        }
    }
}

impl Direction {
    pub(crate) fn of(descending: bool) -> Self {
        if descending { Self::Desc } else { Self::Asc }
    }
}
