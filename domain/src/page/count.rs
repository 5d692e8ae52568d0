//! How long a list is.

use super::Pick;
use crate::error::Result;
use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, Query, SelectStatement},
};

/// How many rows there are, counted up to a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// Rows found.
    pub value: u64,
    /// Whether these are all.
    pub exact: bool,
}

impl Count {
    /// Of what a statement of [`counted`] answered.
    pub(crate) fn capped(value: i64, limit: u64) -> Self {
        let value = u64::try_from(value).unwrap_or_default();
        let exact = limit == 0 || value <= limit;
        Self {
            value: if exact { value } else { limit },
            exact,
        }
    }
}

/// Counts a list, up to `limit`; 0: all.
///
/// # Errors
/// When the database is away.
pub async fn count<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    pick: Pick<E>,
    limit: u64,
) -> Result<Count> {
    let mut select = pick.scope;
    if let Some(filter) = pick.filter {
        select = select.filter(filter.seek);
    }
    let value = match conn.query_one(&counted(select, limit)).await? {
        Some(row) => row.try_get("", "value")?,
        None => 0,
    };
    Ok(Count::capped(value, limit))
}

/// The statement that counts: one row too many tells that there are more.
pub(crate) fn counted<E: EntityTrait>(select: Select<E>, limit: u64) -> SelectStatement {
    let mut rows = select.select_only().expr_as(Expr::val(1), "one");
    if limit > 0 {
        rows = rows.limit(limit + 1);
    }
    Query::select()
        .expr_as(Expr::cust("count(*)"), "value")
        .from_subquery(rows.into_query(), "counted")
        .take()
}
