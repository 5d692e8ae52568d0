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

/// The page in this window of the list of each row that `by` names, for those that have such a page. All of them are in the same order, of one
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
    for place in within(order, stretch, window)? {
        scope = scope.filter(place);
    }
    let rows = conn.query_all(&placed(scope, by, stretch, window)).await?;
    let mut pages = HashMap::new();
    gather::<E>(&mut pages, rows, by, order, window)?;
    Ok(turned(pages, window))
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
    let places = within(order, stretch, window)?;
    let mut pages = HashMap::new();
    for lists in lists.chunks(MOST_LISTS) {
        let lists = lists.iter().cloned().map(|list| {
            let places = places.iter().cloned();
            places.fold(list, |list, place| list.filter(place))
        });
        if let Some(joined) = joined(lists, stretch, window) {
            let rows = conn.query_all(&joined).await?;
            gather::<E>(&mut pages, rows, by, order, window)?;
        }
    }
    Ok(turned(pages, window))
}

fn only(order: &Order) -> Result<&Stretch> {
    match order.stretches.as_slice() {
        [stretch] => Ok(stretch),
        _ => Err(Error::Broken("a list of lists has one stretch".to_owned())),
    }
}

/// Each holds for what lies on the right side of one of the window's cursors.
fn within(order: &Order, stretch: &Stretch, window: &Window) -> Result<Vec<SimpleExpr>> {
    let is_ascending = matches!(stretch.direction, Direction::Asc);
    let cursors = [
        ("after", &window.after, is_ascending),
        ("before", &window.before, !is_ascending),
    ];
    let mut places = Vec::new();
    for (name, given, greater) in cursors {
        if let Some(given) = given {
            let place = cursor::read(order, name, given)?;
            places.push(compare(&stretch.keys, &place.keys, greater));
        }
    }
    Ok(places)
}

/// The direction in which a window is read: its last rows are the first ones from behind.
fn direction(stretch: &Stretch, window: &Window) -> Direction {
    match (&stretch.direction, window.backward) {
        (Direction::Asc, true) => Direction::Desc,
        (Direction::Desc, true) => Direction::Asc,
        (direction, _) => direction.clone(),
    }
}

/// What was read from behind, in the lists' own order.
fn turned<M>(mut pages: HashMap<i64, Page<M>>, window: &Window) -> HashMap<i64, Page<M>> {
    if window.backward {
        pages.values_mut().for_each(|page| page.items.reverse());
    }
    pages
}

/// The first rows of each list, as the window reads them.
fn joined<E: EntityTrait>(
    lists: impl Iterator<Item = Select<E>>,
    stretch: &Stretch,
    window: &Window,
) -> Option<SelectStatement> {
    let mut lists = lists.map(|list| {
        let mut first = list.into_query();
        for (n, key) in stretch.keys.iter().enumerate() {
            first.expr_as(key.column.clone(), cursor::key_name(n));
            first.order_by_expr(key.column.clone(), direction(stretch, window));
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
        joined.order_by(key, direction(stretch, window));
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

/// The rows of all pages, each list's as the window reads it, and of each one more than is wanted: it tells whether there is more.
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
        each.order_by_expr(key.column.clone(), direction(stretch, window));
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
        match window.backward {
            true => page.has_previous = true,
            false => page.has_next = true,
        }
        return Ok(());
    }
    let cursor = cursor::write(order, 0, row)?;
    page.items.push((cursor, M::from_query_result(row, "")?));
    Ok(())
}
