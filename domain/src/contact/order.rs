//! How the table is sorted: by one column, those without a value at one end.

use crate::{
    attribute::Attributes,
    column::{self, Column},
    error::{Error, Result},
    page::{Key, KeyKind, Order, Stretch},
    viewer::Viewer,
};
use entity::contact;
use sea_orm::{
    Order as Direction,
    sea_query::{Alias, Expr, ExprTrait},
};

/// Sorted by which column, and how.
#[derive(Debug, Clone)]
pub struct Sort {
    /// A column's key.
    pub column: String,
    /// Downwards.
    pub descending: bool,
    /// Where those without a value stand.
    pub nulls: Nulls,
}

/// Where those without a value stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nulls {
    /// Before all others.
    First,
    /// After all others.
    Last,
}

/// The order that `sort` asks for; none: newest first.
///
/// # Errors
/// BAD_USER_INPUT for a column that is not there or cannot be sorted by; FORBIDDEN for one that is masked for the viewer.
pub fn order(viewer: &Viewer, sort: Option<&Sort>, attributes: &Attributes) -> Result<Order> {
    let id = || Key::of(contact::Column::Id, KeyKind::Int);
    let by_age = |filter, direction| Stretch {
        filter,
        keys: vec![Key::of(contact::Column::CreatedAt, KeyKind::Time), id()],
        direction,
    };
    let Some(sort) = sort else {
        return Ok(Order::new("newest", vec![by_age(None, Direction::Desc)]));
    };
    let path = "orderBy.0.column";
    let column = column::find(&sort.column, attributes).ok_or_else(|| {
        Error::bad_input(path, format!("There is no column \"{}\".", sort.column))
    })?;
    let (key, nullable) = sort_key(&column).ok_or_else(|| {
        let message = format!(
            "The table cannot be sorted by \"{}\": see Column.sortable.",
            sort.column
        );
        Error::bad_input(path, message)
    })?;
    let direction = if sort.descending {
        Direction::Desc
    } else {
        Direction::Asc
    };
    if is_order_hidden(viewer, &column) {
        return Err(Viewer::cannot_speak_of_masked("them"));
    }
    let (present, missing) = match (viewer.is_masked(), sort.column.as_str()) {
        // Nothing that stands in for a name may show in the order.
        (true, "name") => {
            let named = Expr::col((contact::Entity, Alias::new("named")));
            (Some(named.clone().eq(true)), Some(named.eq(false)))
        }
        _ if nullable => {
            let value = key.column.clone();
            (Some(value.clone().is_not_null()), Some(value.is_null()))
        }
        _ => (None, None),
    };
    let missing = missing.map(|missing| by_age(Some(missing), Direction::Asc));
    let name = format!(
        "{} {} {:?}",
        sort.column,
        if sort.descending { "down" } else { "up" },
        sort.nulls
    );
    let mut stretches = vec![Stretch {
        filter: present,
        keys: vec![key, id()],
        direction,
    }];
    match sort.nulls {
        Nulls::First => stretches.splice(0..0, missing),
        Nulls::Last => stretches.splice(1..1, missing),
    };
    Ok(Order::new(name, stretches))
}

/// Whether the viewer may sort by this column: an index has its order, and it tells nothing that is hidden from them.
pub fn can_order_by(viewer: &Viewer, column: &Column<'_>) -> bool {
    column.sortable() && !is_order_hidden(viewer, column)
}

/// Whether the order by this column would tell the viewer what is hidden from them.
pub(crate) fn is_order_hidden(viewer: &Viewer, column: &Column<'_>) -> bool {
    let hidden = ["phone", "email"];
    viewer.is_masked() && matches!(column, Column::BuiltIn(column) if hidden.contains(&column.key))
}

/// The column of the database that sorts by `column`, and whether it can be NULL.
fn sort_key(column: &Column<'_>) -> Option<(Key, bool)> {
    match column {
        Column::BuiltIn(built_in) => built_in
            .sort
            .as_ref()
            .map(|sort| (Key::of(sort.by, sort.kind), sort.nullable)),
        Column::Attribute(attribute) => {
            let slot = attribute.readable_slot()?;
            let kind = if slot.starts_with('n') {
                KeyKind::Double
            } else {
                KeyKind::Text
            };
            Some((
                Key {
                    column: Expr::col((contact::Entity, Alias::new(slot))),
                    kind,
                },
                true,
            ))
        }
    }
}
