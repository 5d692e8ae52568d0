//! Lists that hang on the rows of another list, as conversations on the contacts of a page: one statement reads a page of each.

use super::{Order, Page, Stretch, Window, compare, cursor};
use crate::error::{Error, Result};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Order as Direction, QueryFilter,
    QueryResult, QueryTrait, Select,
    sea_query::{Alias, Asterisk, Expr, ExprTrait, Query, WindowStatement},
};
use std::collections::HashMap;

/// The first page behind `after` of the list of each row that `by` names, for those that have such a page. All of them are in the same order, of one
/// stretch, so that a cursor stands at the same place in each.
///
/// # Errors
/// BAD_USER_INPUT for a cursor of another kind of list; otherwise when the database is away.
pub async fn fetch_each<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    mut scope: Select<E>,
    by: E::Column,
    order: &Order,
    window: &Window,
) -> Result<HashMap<i64, Page<E::Model>>> {
    let [stretch] = order.stretches.as_slice() else {
        return Err(Error::Broken("a list of lists has one stretch".to_owned()));
    };
    let is_ascending = matches!(stretch.direction, Direction::Asc);
    if let Some(after) = &window.after {
        let place = cursor::read(order, "after", after)?;
        scope = scope.filter(compare(&stretch.keys, &place.keys, is_ascending));
    }
    let rows = conn.query_all(&placed(scope, by, stretch, window)).await?;
    let mut pages = HashMap::new();
    for row in rows {
        let page = pages.entry(row.try_get("", by.as_str())?);
        take(
            page.or_insert_with(|| Page::empty(window)),
            order,
            window,
            &row,
        )?;
    }
    Ok(pages)
}

/// The rows of all pages, each list's in its order, and of each one more than is wanted: it tells whether something follows.
fn placed<E: EntityTrait>(
    scope: Select<E>,
    by: E::Column,
    stretch: &Stretch,
    window: &Window,
) -> sea_orm::sea_query::SelectStatement {
    let place = Alias::new("place");
    let mut each = WindowStatement::partition_by(by);
    let mut numbered = scope.into_query();
    for (n, key) in stretch.keys.iter().enumerate() {
        numbered.expr_as(key.column.clone(), cursor::key_name(n));
        each.order_by_expr(key.column.clone(), stretch.direction.clone());
    }
    numbered.expr_window_as(Expr::cust("row_number()"), each, place.clone());
    let mut first = Query::select();
    first
        .column(Asterisk)
        .from_subquery(numbered, Alias::new("numbered"))
        .and_where(Expr::col(place.clone()).lte(window.limit.saturating_add(1)))
        .order_by(place, Direction::Asc);
    first
}

fn take<M: FromQueryResult>(
    page: &mut Page<M>,
    order: &Order,
    window: &Window,
    row: &QueryResult,
) -> Result<()> {
    if page.items.len() as u64 == window.limit {
        page.has_next = true;
        return Ok(());
    }
    let cursor = cursor::write(order, 0, row)?;
    page.items.push((cursor, M::from_query_result(row, "")?));
    Ok(())
}
