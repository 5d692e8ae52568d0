//! Table views saved.

use super::{REQUIRED, TableView, saved, written};
use crate::{
    attribute::Attributes,
    column,
    contact::{self, Nulls, Sort},
    db::Tx,
    error::{Error, Result, UserError},
    inbox::{self, Inbox, InboxKey},
    viewer::Viewer,
};
use entity::{
    column::{ColumnOrder, ColumnRef},
    id::ApiTokenId,
    inbox as custom_inbox,
    table_view::{self, Column as Field, ViewColumn, ViewColumns, ViewSort},
    team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Set, sea_query::OnConflict};

/// Columns of a view at most.
const MAX_COLUMNS: usize = 100;

/// The least width of a column, in pixels.
const MIN_WIDTH: i32 = 20;

/// The greatest width of a column, in pixels.
const MAX_WIDTH: i32 = 2_000;

/// What to change: what is none stays, `Some(None)` is as by default again.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// The columns from left to right.
    pub columns: Option<Option<Vec<NewColumn>>>,
    /// What the table is sorted by: one column, or nothing.
    pub order: Option<Option<Vec<Sort>>>,
}

/// A column to show.
#[derive(Debug, Clone)]
pub struct NewColumn {
    /// Its key.
    pub column: String,
    /// Its width in pixels.
    pub width: Option<i32>,
}

/// Saves how the viewer wants the table of an inbox, or of all contacts.
///
/// # Errors
/// NOT_FOUND for an inbox or a column that is not there, REQUIRED where the name is left out, LIMIT_EXCEEDED, INVALID for a width, a column that is
/// there twice and an order that cannot be; [`Error::Forbidden`] for an order by what is hidden from the viewer.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    key: Option<InboxKey>,
    change: Change,
) -> Result<TableView> {
    let inbox = match key {
        Some(key) => Some(held(tx, viewer, key).await?),
        None => None,
    };
    let attributes = Attributes::load(&**tx, viewer).await?;
    let mut errors = Vec::new();
    let Change { columns, order } = change;
    let columns =
        columns.map(|columns| columns.map(|new| read_columns(new, &attributes, &mut errors)));
    let order = match order {
        None => None,
        Some(None) => Some(None),
        Some(Some(new)) => Some(read_order(viewer, new, &attributes, &mut errors)?),
    };
    if !errors.is_empty() {
        return Err(Error::User(errors));
    }
    save(tx, viewer, key, columns, order).await?;
    Ok(TableView::new(inbox, saved(&**tx, viewer, key).await?))
}

/// An inbox that the viewer has, and that nobody deletes until the transaction ends.
async fn held(tx: &Tx, viewer: &Viewer, key: InboxKey) -> Result<Inbox> {
    let is_there = match key {
        InboxKey::Custom(id) => viewer.hold::<custom_inbox::Entity>(tx, id).await?,
        InboxKey::Team(id) => viewer.hold::<team::Entity>(tx, id).await?,
        InboxKey::All | InboxKey::Mine | InboxKey::Unassigned => true,
    };
    let found = inbox::get(&**tx, viewer, key).await?;
    let found = found.filter(|_| is_there);
    Ok(found.ok_or_else(|| UserError::not_found("inboxId", "inbox"))?)
}

fn read_columns(
    new: Vec<NewColumn>,
    attributes: &Attributes,
    errors: &mut Vec<UserError>,
) -> ViewColumns {
    if new.len() > MAX_COLUMNS {
        let message = format!("A table shows at most {MAX_COLUMNS} columns.");
        errors.push(UserError::new("columns", "LIMIT_EXCEEDED", message));
        return ViewColumns(Vec::new());
    }
    let mut columns: Vec<ViewColumn> = Vec::with_capacity(new.len());
    for (n, NewColumn { column: key, width }) in new.into_iter().enumerate() {
        if width.is_some_and(|width| !(MIN_WIDTH..=MAX_WIDTH).contains(&width)) {
            let message = format!("A column is {MIN_WIDTH} to {MAX_WIDTH} pixels wide.");
            errors.push(UserError::new(
                &format!("columns.{n}.width"),
                "INVALID",
                message,
            ));
        }
        let path = format!("columns.{n}.column");
        let Some(column) = column::find(&key, attributes).map(|found| found.reference()) else {
            errors.push(missing(&path, &key));
            continue;
        };
        if columns.iter().any(|before| before.column == column) {
            let message = format!("The column \"{key}\" is there already: name each once.");
            errors.push(UserError::new(&path, "INVALID", message));
            continue;
        }
        columns.push(ViewColumn { column, width });
    }
    let name = ColumnRef::BuiltIn(REQUIRED.to_owned());
    if !columns.iter().any(|column| column.column == name) {
        let message = format!("Every table shows \"{REQUIRED}\": add it to the columns.");
        errors.push(UserError::new("columns", "REQUIRED", message));
    }
    ViewColumns(columns)
}

/// None: nothing, the newest first.
fn read_order(
    viewer: &Viewer,
    new: Vec<Sort>,
    attributes: &Attributes,
    errors: &mut Vec<UserError>,
) -> Result<Option<ViewSort>> {
    if new.len() > 1 {
        let message = "A table is sorted by one column: give one entry.";
        errors.push(UserError::new("orderBy", "LIMIT_EXCEEDED", message));
        return Ok(None);
    }
    let Some(sort) = new.into_iter().next() else {
        return Ok(None);
    };
    let path = "orderBy.0.column";
    let Some(column) = column::find(&sort.column, attributes) else {
        errors.push(missing(path, &sort.column));
        return Ok(None);
    };
    if !column.sortable() {
        let message = format!(
            "The table cannot be sorted by \"{}\": see Column.sortable.",
            sort.column
        );
        errors.push(UserError::new(path, "INVALID", message));
        return Ok(None);
    }
    if contact::is_order_hidden(viewer, &column) {
        return Err(Viewer::cannot_speak_of_masked("them"));
    }
    Ok(Some(ViewSort(vec![ColumnOrder {
        column: column.reference(),
        descending: sort.descending,
        nulls_first: sort.nulls == Nulls::First,
    }])))
}

fn missing(path: &str, key: &str) -> UserError {
    UserError::new(path, "NOT_FOUND", format!("There is no column \"{key}\"."))
}

/// Writes what was given, in one statement: of two that save at once each keeps what the other leaves out.
async fn save(
    tx: &Tx,
    viewer: &Viewer,
    key: Option<InboxKey>,
    columns: Option<Option<ViewColumns>>,
    order: Option<Option<ViewSort>>,
) -> Result<()> {
    let member_id = viewer.member.as_ref().map(|member| member.id);
    let (owner, token_id) = match (member_id, viewer.token_id) {
        (Some(_), _) => (Field::MemberId, None),
        (None, Some(token)) => (Field::TokenId, Some(token)),
        (None, None) => {
            let message = "The command line has no views of its own: come with a token.";
            return Err(Error::user("", "INVALID", message));
        }
    };
    let mut row = table_view::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        member_id: Set(member_id),
        token_id: Set(token_id),
        inbox: Set(written(key)),
        inbox_id: Set(match key {
            Some(InboxKey::Custom(id)) => Some(id),
            _ => None,
        }),
        team_id: Set(match key {
            Some(InboxKey::Team(id)) => Some(id),
            _ => None,
        }),
        ..Default::default()
    };
    let mut given = Vec::new();
    if let Some(columns) = columns {
        row.columns = Set(columns);
        given.push(Field::Columns);
    }
    if let Some(order) = order {
        row.sort = Set(order);
        given.push(Field::Sort);
    }
    if given.is_empty() {
        return Ok(());
    }
    let mut again = OnConflict::columns([owner, Field::Inbox]);
    again.update_columns(given);
    table_view::Entity::insert(row)
        .on_conflict(again)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Removes the views of a token that ends: its row stays, and would keep them.
#[allow(
    clippy::disallowed_methods,
    reason = "the token was found through the scope"
)]
pub(crate) async fn remove_of_token(tx: &Tx, id: ApiTokenId) -> Result<()> {
    table_view::Entity::delete_many()
        .filter(Field::TokenId.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}
