//! Names that people give: of workspaces, members, channels, segments. One rule for all of them.

use crate::{
    error::{Error, Result},
    text,
};
use sea_orm::{DbErr, SqlErr};

/// Characters of a name at most.
const LONGEST: usize = 100;

/// A name as it is stored: trimmed, with 1 to 100 characters. `of` is what it names, such as `segment`.
///
/// # Errors
/// INVALID, at `field`.
pub fn checked(field: &str, of: &str, name: &str) -> Result<String> {
    let name = text::clean(name);
    // What is unseen alone has nothing left when it is folded, and would be the name of all that are.
    let is_blank = text::fold(name).trim().is_empty();
    if is_blank || name.chars().count() > LONGEST || name.contains('\0') {
        let message = format!("A {of}'s name has 1 to {LONGEST} characters.");
        return Err(Error::user(field, "INVALID", message));
    }
    Ok(name.to_owned())
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
