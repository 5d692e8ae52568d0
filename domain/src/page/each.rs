//! Lists that hang on the rows of another list, as conversations on the contacts of a page: one statement reads a page of each. [`fetch_each`] numbers all of
//! their rows, which suits short lists; [`fetch_first`] reads no row that is not wanted, however long they are.

use super::{Order, Page, Stretch, Window, compare, cursor};
use crate::error::{Error, Result};
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, IdenStatic, Order as Direction, QueryFilter,
    QueryResult, QueryTrait, Select,
    sea_query::{
        Alias, Asterisk, Expr, ExprTrait, Query, SelectStatement, SimpleExpr, UnionType,
        WindowStatement,
    },
};
use std::collections::HashMap;

/// Lists that one statement reads at most: SQLite joins no more than 500.
const MOST_LISTS: usize = 400;

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
    let stretch = only(order)?;
    if let Some(place) = behind(order, stretch, window)? {
        scope = scope.filter(place);
    }
    let rows = conn.query_all(&placed(scope, by, stretch, window)).await?;
    let mut pages = HashMap::new();
    gather::<E>(&mut pages, rows, by, order, window)?;
    Ok(pages)
}

/// The same of lists each of which has a query of its own, that an index serves: it is read from its place on, and no further than the page goes.
///
/// # Errors
/// As [`fetch_each`].
pub async fn fetch_first<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    lists: Vec<Select<E>>,
    by: E::Column,
    order: &Order,
    window: &Window,
) -> Result<HashMap<i64, Page<E::Model>>> {
    let stretch = only(order)?;
    let place = behind(order, stretch, window)?;
    let mut pages = HashMap::new();
    for lists in lists.chunks(MOST_LISTS) {
        let lists = lists.iter().cloned().map(|list| match &place {
            Some(place) => list.filter(place.clone()),
            None => list,
        });
        if let Some(joined) = joined(lists, stretch, window) {
            let rows = conn.query_all(&joined).await?;
            gather::<E>(&mut pages, rows, by, order, window)?;
        }
    }
    Ok(pages)
}

fn only(order: &Order) -> Result<&Stretch> {
    match order.stretches.as_slice() {
        [stretch] => Ok(stretch),
        _ => Err(Error::Broken("a list of lists has one stretch".to_owned())),
    }
}

/// Holds for what follows the window's cursor, where it has one.
fn behind(order: &Order, stretch: &Stretch, window: &Window) -> Result<Option<SimpleExpr>> {
    let Some(after) = &window.after else {
        return Ok(None);
    };
    let place = cursor::read(order, "after", after)?;
    let is_ascending = matches!(stretch.direction, Direction::Asc);
    Ok(Some(compare(&stretch.keys, &place.keys, is_ascending)))
}

/// The first rows of each list, in the lists' order.
fn joined<E: EntityTrait>(
    lists: impl Iterator<Item = Select<E>>,
    stretch: &Stretch,
    window: &Window,
) -> Option<SelectStatement> {
    let mut lists = lists.map(|list| {
        let mut first = list.into_query();
        for (n, key) in stretch.keys.iter().enumerate() {
            first.expr_as(key.column.clone(), cursor::key_name(n));
            first.order_by_expr(key.column.clone(), stretch.direction.clone());
        }
        first.limit(window.limit.saturating_add(1));
        // SQLite takes an order within what is joined in a subquery alone.
        Query::select()
            .column(Asterisk)
            .from_subquery(first, Alias::new("list"))
            .take()
    });
    let mut joined = lists.next()?;
    for list in lists {
        joined.union(UnionType::All, list);
    }
    for n in 0..stretch.keys.len() {
        let key = Alias::new(cursor::key_name(n));
        joined.order_by(key, stretch.direction.clone());
    }
    Some(joined)
}

/// Puts each row on the page of its list.
fn gather<E: EntityTrait>(
    pages: &mut HashMap<i64, Page<E::Model>>,
    rows: Vec<QueryResult>,
    by: E::Column,
    order: &Order,
    window: &Window,
) -> Result<()> {
    for row in rows {
        let page = pages.entry(row.try_get("", by.as_str())?);
        let page = page.or_insert_with(|| Page::empty(window));
        take(page, order, window, &row)?;
    }
    Ok(())
}

/// The rows of all pages, each list's in its order, and of each one more than is wanted: it tells whether something follows.
fn placed<E: EntityTrait>(
    scope: Select<E>,
    by: E::Column,
    stretch: &Stretch,
    window: &Window,
) -> SelectStatement {
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
