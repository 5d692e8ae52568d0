//! The one function that pages: Relay's first/after/last/before by keyset, so that page 10,000 costs what page 1 costs.
//!
//! An [`Order`] is a list of stretches that follow each other, each sorted by its own keys: contacts sorted by a column come as those
//! that have a value, and those that have none. A cursor names its stretch and the keys of its row, so it stays good when rows come and
//! go, that of its own row included.
//!
//! A [`Filter`] is answered in one of two ways, since both databases pick badly when left alone. **Walk**: in the order's index, row by row, but no
//! further than a bound; a full page is the answer. Else **seek**: find the rows first, by whatever index the filter has, and sort them; where
//! there are too many to sort at hand, again without a bound. Where an index serves the filter, a glance at the first rows comes before all, which
//! finds what is frequent, and then a seek for a few: what is rare is found at once, and of what is neither the walk finds a page soon.

mod count;
mod cursor;
mod each;
mod reading;

pub(crate) use count::counted;
pub use count::{Count, count};
pub use each::{fetch_each, fetch_first};

use crate::error::{Error, Result};
use futures_util::{Stream, StreamExt};
use reading::Reading;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, FromQueryResult,
    Iterable, Order as Direction, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    Select, StreamTrait, Value,
    sea_query::{Expr, ExprTrait, SimpleExpr},
};

/// Rows of a page where nothing is said.
pub const DEFAULT_LIMIT: u64 = 50;
/// Rows of a page at most.
pub const MAX_LIMIT: u64 = 500;

/// What part of a list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
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

impl<T> Page<T> {
    /// One without rows.
    pub fn empty(window: &Window) -> Self {
        Self {
            items: Vec::new(),
            has_next: window.backward && window.before.is_some(),
            has_previous: !window.backward && window.after.is_some(),
        }
    }
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

/// What a list is a page of.
#[derive(Debug, Clone)]
pub struct Pick<E: EntityTrait> {
    /// Whose rows at all: conditions that an order's index is walked with.
    pub scope: Select<E>,
    /// Which of them.
    pub filter: Option<Filter>,
}

/// A condition that may hold for any share of the rows.
#[derive(Debug, Clone)]
pub struct Filter {
    /// To look at one row after the other.
    pub walk: SimpleExpr,
    /// To find the rows first.
    pub seek: SimpleExpr,
    /// Whether an index names those for whom it may hold, so that finding them first may be quick.
    pub indexed: bool,
}

impl<E: EntityTrait> From<Select<E>> for Pick<E> {
    fn from(scope: Select<E>) -> Self {
        Self {
            scope,
            filter: None,
        }
    }
}

/// What of each row is read, and how.
pub struct Reader<E: EntityTrait> {
    /// These columns, in this order, before all others.
    pub columns: Vec<E::Column>,
    /// Makes a row of them.
    #[allow(clippy::type_complexity, reason = "it is a function of a row")]
    pub read: Box<dyn Fn(&QueryResult) -> Result<E::Model, DbErr> + Send + Sync>,
}

impl<E: EntityTrait> Reader<E> {
    /// All of it.
    pub fn whole() -> Self {
        Self {
            columns: E::Column::iter().collect(),
            read: Box::new(|row| E::Model::from_query_result(row, "")),
        }
    }

    /// The statement with these columns alone.
    pub(crate) fn select(&self, select: Select<E>) -> Select<E> {
        let columns = self.columns.iter().copied();
        select.select_only().columns(columns)
    }
}

/// One page of a list.
///
/// # Errors
/// BAD_USER_INPUT for a cursor of another list; otherwise when the database is away.
pub async fn fetch<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    pick: impl Into<Pick<E>>,
    order: &Order,
    window: &Window,
) -> Result<Page<E::Model>> {
    fetch_by(conn, pick.into(), order, window, &Reader::whole()).await
}

/// One page of a list, of whose rows a reader says what is read.
///
/// # Errors
/// As [`fetch`].
pub async fn fetch_by<E: EntityTrait>(
    conn: &impl ConnectionTrait,
    pick: Pick<E>,
    order: &Order,
    window: &Window,
    reader: &Reader<E>,
) -> Result<Page<E::Model>> {
    let read = |name, text: &Option<String>| {
        let place = text.as_deref().map(|text| cursor::read(order, name, text));
        place.transpose()
    };
    let reading = Reading {
        reader,
        order,
        backward: window.backward,
        after: read("after", &window.after)?,
        before: read("before", &window.before)?,
        // One more than wanted tells whether something follows.
        wanted: usize::try_from(window.limit)
            .unwrap_or(usize::MAX)
            .saturating_add(1),
    };
    let mut items = reading.items(conn, &pick).await?;
    let more = items.len() == reading.wanted;
    items.truncate(reading.wanted - 1);
    if window.backward {
        items.reverse();
        return Ok(Page {
            items,
            has_next: reading.before.is_some(),
            has_previous: more,
        });
    }
    Ok(Page {
        items,
        has_next: more,
        has_previous: reading.after.is_some(),
    })
}

/// The ids of a list, in no order, as one moment sees them: however many there are, they are read one after the other.
///
/// # Errors
/// When the database is away.
pub async fn ids<'a, E: EntityTrait>(
    conn: &'a DatabaseConnection,
    pick: Pick<E>,
    id: E::Column,
) -> Result<impl Stream<Item = Result<i64>> + use<'a, E>> {
    let mut select = pick.scope;
    if let Some(filter) = pick.filter {
        select = select.filter(filter.seek);
    }
    let select = select.select_only().column_as(id, "id");
    let rows = conn.stream(&select.into_query()).await?;
    Ok(rows.map(|row| Ok(row?.try_get("", "id")?)))
}

/// The statements that read a whole list in its order, one after the other.
pub fn whole<E: EntityTrait>(pick: Pick<E>, order: &Order) -> Vec<Select<E>> {
    let mut select = pick.scope;
    if let Some(filter) = pick.filter {
        select = select.filter(filter.seek);
    }
    let stretches = order.stretches.iter().map(|stretch| {
        let mut select = select.clone();
        if let Some(filter) = &stretch.filter {
            select = select.filter(filter.clone());
        }
        for key in &stretch.keys {
            select = select.order_by(key.column.clone(), stretch.direction.clone());
        }
        select
    });
    stretches.collect()
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
