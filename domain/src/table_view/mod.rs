//! Table views: which columns somebody sees in the table of an inbox, and how it is sorted. Each member has their own, and each script's token.
//!
//! What a view names and is no longer there is left out when it is read: an attribute that was deleted, an order by what has no index any more
//! or is hidden from the viewer by now.

mod change;

pub(crate) use change::remove_of_token;
pub use change::{Change, NewColumn, update};

use crate::{
    attribute::Attributes,
    column::{self, Column},
    contact::{self, Nulls},
    error::Result,
    inbox::{self, Inbox, InboxKey},
    viewer::Viewer,
};
use entity::table_view::{self, Column as Field, ViewColumns, ViewSort};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, Select};

/// The column that no table is without.
const REQUIRED: &str = "name";

/// What a table shows where nobody has said otherwise, from left to right.
const DEFAULT: [&str; 9] = [
    REQUIRED,
    "phone",
    "email",
    "channel",
    "status",
    "blockedAt",
    "firstContactAt",
    "lastInteractionAt",
    "createdAt",
];

/// A viewer's view of one table.
#[derive(Debug, Clone)]
pub struct TableView {
    /// The inbox that the table shows; none: all contacts.
    pub inbox: Option<Inbox>,
    columns: Option<ViewColumns>,
    sort: Option<ViewSort>,
}

/// A column of a table.
#[derive(Clone, Copy)]
pub struct ShownColumn<'a> {
    /// It.
    pub column: Column<'a>,
    /// Its width in pixels; none: as wide as who draws it likes.
    pub width: Option<i32>,
}

/// What a table is sorted by.
#[derive(Clone, Copy)]
pub struct SortedBy<'a> {
    /// By which column.
    pub column: Column<'a>,
    /// Downwards.
    pub descending: bool,
    /// Where those without a value stand.
    pub nulls: Nulls,
}

impl TableView {
    /// The columns that are there, from left to right; the name is always among them.
    pub fn columns<'a>(&self, attributes: &'a Attributes) -> Vec<ShownColumn<'a>> {
        match &self.columns {
            Some(ViewColumns(saved)) => {
                let shown = saved.iter().filter_map(|saved| {
                    let column = column::kept(&saved.column, attributes)?;
                    let width = saved.width;
                    Some(ShownColumn { column, width })
                });
                shown.collect()
            }
            None => {
                let shown = DEFAULT.iter().filter_map(|key| {
                    let column = column::find(key, attributes)?;
                    let width = None;
                    Some(ShownColumn { column, width })
                });
                shown.collect()
            }
        }
    }

    /// What the table is sorted by, as far as it can be by this viewer; nothing: the newest first.
    pub fn order<'a>(&self, viewer: &Viewer, attributes: &'a Attributes) -> Vec<SortedBy<'a>> {
        let saved = self.sort.iter().flat_map(|ViewSort(saved)| saved);
        let sorted = saved.filter_map(|saved| {
            let column = column::kept(&saved.column, attributes)?;
            let possible = contact::can_order_by(viewer, &column);
            possible.then_some(SortedBy {
                column,
                descending: saved.descending,
                nulls: if saved.nulls_first {
                    Nulls::First
                } else {
                    Nulls::Last
                },
            })
        });
        sorted.collect()
    }

    fn new(inbox: Option<Inbox>, saved: Option<table_view::Model>) -> Self {
        let (columns, sort) = match saved {
            Some(saved) => (saved.columns, saved.sort),
            None => (None, None),
        };
        Self {
            inbox,
            columns,
            sort,
        }
    }
}

/// The viewer's view of the table of an inbox, or of all contacts; the default where they have saved none. None where they have no such inbox.
///
/// # Errors
/// When the database is away.
pub async fn get(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    key: Option<InboxKey>,
) -> Result<Option<TableView>> {
    let inbox = match key {
        None => None,
        Some(key) => match inbox::get(conn, viewer, key).await? {
            None => return Ok(None),
            inbox => inbox,
        },
    };
    let saved = saved(conn, viewer, key).await?;
    Ok(Some(TableView::new(inbox, saved)))
}

async fn saved(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    key: Option<InboxKey>,
) -> Result<Option<table_view::Model>> {
    let Some(own) = own(viewer) else {
        return Ok(None);
    };
    let found = own.filter(Field::Inbox.eq(written(key)));
    Ok(found.one(conn).await?)
}

/// The viewer's views; none for the command line, which is nobody.
fn own(viewer: &Viewer) -> Option<Select<table_view::Entity>> {
    let all = viewer.find::<table_view::Entity>();
    match (&viewer.member, viewer.token_id) {
        (Some(member), _) => Some(all.filter(Field::MemberId.eq(member.id))),
        (None, Some(token)) => Some(all.filter(Field::TokenId.eq(token))),
        (None, None) => None,
    }
}

/// The table's name in a row.
fn written(key: Option<InboxKey>) -> String {
    key.map(|key| key.to_string()).unwrap_or_default()
}
