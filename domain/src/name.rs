//! Names that people give: of workspaces, members, channels, segments. One rule for all of them.

use crate::{
    db::dialect,
    error::{Error, Result},
    text,
};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, QueryFilter, Select, SqlErr,
    sea_query::{Expr, ExprTrait},
};

/// Characters of a name at most.
const LONGEST: usize = 100;
/// Characters of a search for names at most.
const MAX_SEARCH: usize = 1_000;

/// A name as it is stored: trimmed, with 1 to 100 characters. `of` is what it names, such as `segment`.
///
/// # Errors
/// INVALID, at `field`.
pub fn checked(field: &str, of: &str, name: &str) -> Result<String> {
    let name = text::clean(name);
    // What is unseen alone has nothing left when it is folded, and would be the name of all that are.
    let is_blank = text::is_blank(name);
    if is_blank || name.chars().count() > LONGEST || name.contains('\0') {
        let message = format!(
            "The name of the {of} has 1 to {LONGEST} characters, one of them visible, and no NUL."
        );
        return Err(Error::user(field, "INVALID", message));
    }
    Ok(name.to_owned())
}

/// Those rows whose folded name, in `column`, has `search` in it.
///
/// # Errors
/// BAD_USER_INPUT at `search` for what no name can have.
pub(crate) fn having<E: EntityTrait>(
    rows: Select<E>,
    column: impl ColumnTrait,
    search: Option<&str>,
) -> Result<Select<E>> {
    Ok(match searched(search)? {
        Some(folded) => {
            let pattern = dialect::containing(&folded);
            rows.filter(Expr::col(column.as_column_ref()).like(pattern))
        }
        None => rows,
    })
}

/// What is searched for among names, folded; none: nothing is.
///
/// # Errors
/// As [`having`].
pub(crate) fn searched(search: Option<&str>) -> Result<Option<String>> {
    let Some(search) = search else {
        return Ok(None);
    };
    if search.contains('\0') {
        let message = "A search has no NUL characters.";
        return Err(Error::bad_input("search", message));
    }
    if search.chars().count() > MAX_SEARCH {
        let message = format!("A search has at most {MAX_SEARCH} characters.");
        return Err(Error::bad_input("search", message));
    }
    Ok(Some(text::fold(search.trim())))
}

/// What a write was refused for: TAKEN, at `name`, where another has the name already.
pub fn taken(of: &str) -> impl FnOnce(DbErr) -> Error {
    move |error| match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = format!("Another {of} has this name already.");
            Error::user("name", "TAKEN", message)
        }
        _ => error.into(),
    }
}
