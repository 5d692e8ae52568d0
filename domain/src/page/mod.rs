//! The one function that pages: Relay's first/after/last/before by keyset, so that page 10,000 costs what page 1 costs.
//!
//! An [`Order`] is a list of stretches that follow each other, each sorted by its own keys: contacts sorted by a column come as those
//! that have a value, and those that have none. A cursor names its stretch and the keys of its row, so it stays good when rows come and
//! go, that of its own row included.

mod count;
mod cursor;

pub(crate) use count::counted;
pub use count::{Count, count};

use crate::error::{Error, Result};
use cursor::Place;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, Order as Direction, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

/// Rows of a page where nothing is said.
pub const DEFAULT_LIMIT: u64 = 50;
/// Rows of a page at most.
pub const MAX_LIMIT: u64 = 500;

/// What part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Window {
    limit: u64,
    backward: bool,
    after: Option<String>,
    before: Option<String>,
}

impl Window {
    /// Relay's four arguments.
    ///
    /// # Errors
    /// When `first` or `last` is out of range, or both are given.
    pub fn new(
        first: Option<i32>,
        after: Option<String>,
        last: Option<i32>,
        before: Option<String>,
    ) -> Result<Self> {
        if first.is_some() && last.is_some() {
            return Err(Error::bad_input("last", "Give first or last, not both."));
        }
        let (name, given) = if last.is_some() {
            ("last", last)
        } else {
            ("first", first)
        };
        let limit = match given.map(u64::try_from) {
            None => DEFAULT_LIMIT,
            Some(Ok(limit)) if (1..=MAX_LIMIT).contains(&limit) => limit,
            Some(_) => {
                let message = format!(
                    "{name} is from 1 to {MAX_LIMIT}; {DEFAULT_LIMIT} where it is left out."
                );
                return Err(Error::bad_input(name, message));
            }
        };
        Ok(Self {
            limit,
            backward: last.is_some(),
            after,
            before,
        })
    }
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The rows, each with its cursor, in the list's order.
    pub items: Vec<(String, T)>,
    /// Whether something follows.
    pub has_next: bool,
    /// Whether something comes before.
    pub has_previous: bool,
}

/// How a list is sorted.
#[derive(Debug, Clone)]
pub struct Order {
    /// Told apart by this, so that a cursor of one order is not taken for one of another.
    name: String,
    stretches: Vec<Stretch>,
}

/// Rows that stand together, sorted by the same keys.
#[derive(Debug, Clone)]
pub struct Stretch {
    /// Which rows; none: all.
    pub filter: Option<SimpleExpr>,
    /// Sorted by these in turn; the last one unique; none of them ever NULL here.
    pub keys: Vec<Key>,
    /// The direction of all of them: one comparison of rows finds the place.
    pub direction: Direction,
}

/// A column to sort by.
#[derive(Debug, Clone)]
pub struct Key {
    /// The column.
    pub column: SimpleExpr,
    /// What it holds.
    pub kind: KeyKind,
}

/// What a key holds, so that it can be written into a cursor and read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// A whole number.
    Int,
    /// A double.
    Double,
    /// Text that the database compares byte by byte.
    Text,
    /// An instant.
    Time,
}

impl Key {
    /// A column of an entity.
    pub fn of(column: impl ColumnTrait, kind: KeyKind) -> Self {
        Self {
            column: Expr::col(column.as_column_ref()),
            kind,
        }
    }
}

impl Order {
    /// An order of these stretches, told apart by `name`.
    pub fn new(name: impl Into<String>, stretches: Vec<Stretch>) -> Self {
        Self {
            name: name.into(),
            stretches,
        }
    }

    /// By id, newest first.
    pub fn newest_first(id: impl ColumnTrait) -> Self {
        let keys = vec![Key::of(id, KeyKind::Int)];
        Self::new(
            "newest",
            vec![Stretch {
                filter: None,
                keys,
                direction: Direction::Desc,
            }],
        )
    }
}

/// One page of `select`, which brings its filters and no order.
///
/// # Errors
/// BAD_USER_INPUT for a cursor of another list; otherwise when the database is away.
pub async fn fetch<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
    order: &Order,
    window: &Window,
) -> Result<Page<E::Model>> {
    let after = window
        .after
        .as_deref()
        .map(|text| cursor::read(order, "after", text))
        .transpose()?;
    let before = window
        .before
        .as_deref()
        .map(|text| cursor::read(order, "before", text))
        .transpose()?;
    // One more than wanted tells whether something follows.
    let wanted = usize::try_from(window.limit).unwrap_or(usize::MAX);
    let mut items = Vec::with_capacity(wanted + 1);
    let mut walk: Vec<usize> = (0..order.stretches.len()).collect();
    if window.backward {
        walk.reverse();
    }
    for at in walk {
        let missing = wanted + 1 - items.len();
        if missing == 0
            || after.as_ref().is_some_and(|a| at < a.stretch)
            || before.as_ref().is_some_and(|b| at > b.stretch)
        {
            continue;
        }
        let query = stretch_query(
            select.clone(),
            &order.stretches[at],
            at,
            window.backward,
            &after,
            &before,
        );
        for row in conn
            .query_all(query.limit(missing as u64).as_query())
            .await?
        {
            items.push((
                cursor::write(order, at, &row)?,
                E::Model::from_query_result(&row, "")?,
            ));
        }
    }
    let more = items.len() > wanted;
    items.truncate(wanted);
    if window.backward {
        items.reverse();
        return Ok(Page {
            items,
            has_next: before.is_some(),
            has_previous: more,
        });
    }
    Ok(Page {
        items,
        has_next: more,
        has_previous: after.is_some(),
    })
}

fn stretch_query<E: EntityTrait>(
    mut select: Select<E>,
    stretch: &Stretch,
    at: usize,
    backward: bool,
    after: &Option<Place>,
    before: &Option<Place>,
) -> Select<E> {
    if let Some(filter) = &stretch.filter {
        select = select.filter(filter.clone());
    }
    let ascending = matches!(stretch.direction, Direction::Asc);
    for (place, greater) in [(after, ascending), (before, !ascending)] {
        if let Some(place) = place.as_ref().filter(|place| place.stretch == at) {
            select = select.filter(compare(&stretch.keys, &place.keys, greater));
        }
    }
    for (n, key) in stretch.keys.iter().enumerate() {
        select = select.expr_as(key.column.clone(), cursor::key_name(n));
        let direction = if ascending == backward {
            Direction::Desc
        } else {
            Direction::Asc
        };
        select = select.order_by(key.column.clone(), direction);
    }
    select
}

/// Compared as a row: an index finds the place, where an OR of comparisons would read from its beginning.
fn compare(keys: &[Key], values: &[Value], greater: bool) -> SimpleExpr {
    let left = Expr::tuple(keys.iter().map(|key| key.column.clone()));
    let right = Expr::tuple(values.iter().map(|value| Expr::val(value.clone())));
    if greater {
        left.gt(right)
    } else {
        left.lt(right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_bounded() {
        let window = |first, last| Window::new(first, None, last, None);
        assert_eq!(window(None, None).expect("fits").limit, 50);
        assert_eq!(window(Some(500), None).expect("fits").limit, 500);
        for (first, last) in [
            (Some(0), None),
            (Some(501), None),
            (None, Some(-1)),
            (Some(1), Some(1)),
        ] {
            assert!(window(first, last).is_err(), "{first:?} {last:?}");
        }
    }
}
