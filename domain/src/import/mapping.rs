//! What becomes of each column of a CONTACTS file: proposed from the headers, corrected by the person, checked before the start.

use super::settings::MappingInput;
use crate::{
    attribute::{self, Attributes},
    column::{self, BuiltIn, Column, ImportUse},
    error::{Error, Result, UserError},
    text,
};
use entity::{
    attribute::AttributeType,
    id::ContactId,
    import::{self, Mapping, Mappings, MatchBy, Problem, Target},
};

/// The column that result files add, behind all others; in a file that comes back it is ours.
pub(super) const COMMENTS: &str = "Comments";

/// What it is called where the file has a column of that name already.
pub(super) const OTHER_COMMENTS: &str = "Comments of the import";

/// Whether the last column is that of a result file. Anywhere else, and in other letters, it is a person's own.
pub(super) fn ends_with_comments(headers: &[String]) -> bool {
    headers
        .last()
        .is_some_and(|header| header == COMMENTS || header == OTHER_COMMENTS)
}

/// A target for each header that is recognised; the others are for the person. `samples` are the file's first rows.
pub(super) fn propose(
    headers: &[String],
    samples: &[Vec<String>],
    attributes: &Attributes,
    problems: &mut Vec<Problem>,
) -> Mappings {
    let mut used = Vec::new();
    let mut mappings = Vec::with_capacity(headers.len());
    for (n, header) in headers.iter().enumerate() {
        let target = match column::by_header(header, attributes) {
            None if n + 1 == headers.len() && ends_with_comments(headers) => {
                problems.push(comments_ignored(header));
                Target::Ignore
            }
            None => Target::Undecided,
            Some(Column::BuiltIn(BuiltIn {
                import: ImportUse::Ignored,
                key,
                ..
            })) => {
                let message = format!(
                    "The column \"{header}\" ({key}) cannot be set by a file and is ignored."
                );
                problems.push(column_ignored(header, message));
                Target::Ignore
            }
            Some(Column::BuiltIn(BuiltIn { key: "id", .. })) if has_foreign_ids(samples, n) => {
                problems.push(foreign_ids(header));
                Target::Undecided
            }
            // The first header of a column has it; a second one is for the person.
            Some(column) if used.contains(&column.key()) => Target::Undecided,
            Some(column) => {
                used.push(column.key());
                Target::Column(column.key())
            }
        };
        mappings.push(Mapping {
            header: header.clone(),
            target,
        });
    }
    Mappings(mappings)
}

/// Whether another program has numbered these rows.
fn has_foreign_ids(samples: &[Vec<String>], column: usize) -> bool {
    let mut cells = samples
        .iter()
        .filter_map(|row| Some(row.get(column)?.trim()))
        .filter(|cell| !cell.is_empty())
        .peekable();
    cells.peek().is_some() && cells.all(|cell| cell.parse::<ContactId>().is_err())
}

fn foreign_ids(header: &str) -> Problem {
    let message = format!(
        "The column \"{header}\" holds ids that are not Roster's. Map it to an attribute to keep them, or ignore it."
    );
    noted("FOREIGN_IDS", header, message)
}

fn column_ignored(header: &str, message: String) -> Problem {
    noted("COLUMN_IGNORED", header, message)
}

fn noted(code: &str, header: &str, message: String) -> Problem {
    Problem {
        code: code.to_owned(),
        message,
        field: Some(vec![header.to_owned()]),
    }
}

/// What an inspection says of the last column of a result file.
pub(super) fn comments_ignored(header: &str) -> Problem {
    let message = format!(
        "The last column, \"{header}\", is the one that result files add, and is ignored. Rename it if it is your own."
    );
    column_ignored(header, message)
}

/// Takes what a person says over what was proposed.
///
/// # Errors
/// One for every entry that does not hold.
pub(super) fn merge(
    import: &mut import::Model,
    given: &[MappingInput],
    attributes: &Attributes,
) -> Result<()> {
    let mut errors = Vec::new();
    if !given.is_empty() && import.kind == import::ImportKind::BroadcastList {
        let message =
            "The columns of a broadcast list say themselves where they go; leave mapping out.";
        return Err(Error::user("mapping", "INVALID", message));
    }
    for (n, entry) in given.iter().enumerate() {
        let path = format!("mapping.{n}");
        let Some(mapping) = import
            .mapping
            .0
            .iter_mut()
            .find(|mapping| mapping.header == entry.header.trim())
        else {
            let message = format!("The file has no header \"{}\".", entry.header);
            errors.push(UserError::new(
                &format!("{path}.header"),
                "NOT_FOUND",
                message,
            ));
            continue;
        };
        match target(entry, attributes, &path) {
            Ok(target) => mapping.target = target,
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}

fn target(entry: &MappingInput, attributes: &Attributes, path: &str) -> Result<Target, UserError> {
    match (&entry.column, &entry.new_attribute, entry.ignore) {
        (None, None, true) => Ok(Target::Ignore),
        (Some(key), None, false) => match column::find(key, attributes) {
            Some(Column::BuiltIn(BuiltIn {
                import: ImportUse::Ignored,
                ..
            })) => {
                let message =
                    format!("The column \"{key}\" cannot be set by a file; ignore this header.");
                Err(UserError::new(
                    &format!("{path}.column"),
                    "INVALID",
                    message,
                ))
            }
            Some(column) => Ok(Target::Column(column.key())),
            None => {
                let message = format!(
                    "There is no column \"{key}\"; see the query columns, or make an attribute with newAttribute."
                );
                Err(UserError::new(
                    &format!("{path}.column"),
                    "NOT_FOUND",
                    message,
                ))
            }
        },
        (None, Some((key, r#type)), false) => new_attribute(key, *r#type, attributes, path),
        _ => {
            let message = "Say exactly one of column, newAttribute and ignore: true.";
            Err(UserError::new(path, "INVALID", message))
        }
    }
}

/// An attribute of this key and type that is there already is taken.
fn new_attribute(
    key: &str,
    r#type: AttributeType,
    attributes: &Attributes,
    path: &str,
) -> Result<Target, UserError> {
    let path = format!("{path}.newAttribute");
    match attributes.by_key(key) {
        Some(there) if there.r#type == r#type => Ok(Target::Column(format!(
            "{}{}",
            column::ATTRIBUTE_PREFIX,
            there.key
        ))),
        Some(there) => {
            let message = format!(
                "The attribute \"{}\" is of type {}, and a key has one type for ever: it cannot be {type} too.",
                there.key, there.r#type
            );
            Err(UserError::new(&path, "ATTRIBUTE_TYPE_CONFLICT", message))
        }
        None => match attribute::check_key(key) {
            Ok(()) => Ok(Target::NewAttribute {
                key: key.to_owned(),
                r#type,
            }),
            Err(message) => Err(UserError::new(&path, "INVALID", message)),
        },
    }
}

/// Whether nothing is left for a person to decide.
pub(super) fn is_decided(import: &import::Model) -> bool {
    let wants_channel =
        import.kind == import::ImportKind::BroadcastList && import.channel_id.is_none();
    !wants_channel && check(import).is_ok() && keys(import).is_ok()
}

/// Checks that every header goes somewhere or nowhere, and no two to the same place.
///
/// # Errors
/// One for every header that is undecided or comes second.
pub(super) fn check(import: &import::Model) -> Result<()> {
    let mut errors = Vec::new();
    let mut used: Vec<(String, &str)> = Vec::new();
    for mapping in &import.mapping.0 {
        let header = mapping.header.as_str();
        let place = match &mapping.target {
            Target::Ignore => continue,
            Target::Undecided => {
                let message = format!(
                    "The header \"{header}\" is not recognised: map it to a column, or ignore it."
                );
                errors.push(UserError {
                    field: vec!["mapping".to_owned(), header.to_owned()],
                    code: "HEADER_UNMAPPED",
                    message,
                });
                continue;
            }
            Target::Column(key) => text::fold(key),
            Target::NewAttribute { key, .. } => {
                text::fold(&format!("{}{key}", column::ATTRIBUTE_PREFIX))
            }
        };
        if let Some((_, first)) = used.iter().find(|(there, _)| *there == place) {
            let message = format!(
                "The headers \"{first}\" and \"{header}\" go to the same column: ignore one of them."
            );
            errors.push(UserError {
                field: vec!["mapping".to_owned(), header.to_owned()],
                code: "COLUMN_TWICE",
                message,
            });
        }
        used.push((place, header));
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}

/// Checks that the columns are there still: an attribute may have been deleted since the file came in.
///
/// # Errors
/// One for every header whose column is not.
pub(super) fn check_there(import: &import::Model, attributes: &Attributes) -> Result<()> {
    let mut errors = Vec::new();
    for mapping in &import.mapping.0 {
        let Target::Column(key) = &mapping.target else {
            continue;
        };
        if column::find(key, attributes).is_none() {
            let message = format!(
                "The column \"{key}\" has been deleted: map the header \"{}\" to another one, or ignore it.",
                mapping.header
            );
            errors.push(UserError {
                field: vec!["mapping".to_owned(), mapping.header.clone()],
                code: "HEADER_UNMAPPED",
                message,
            });
        }
    }
    if errors.is_empty() {
        Ok(())
    } else {
        Err(Error::User(errors))
    }
}

/// The keys that contacts are found by: those that were said, else all that the mapped columns allow, in the enum's order.
///
/// # Errors
/// When a key has no column, or there is none at all.
pub(super) fn keys(import: &import::Model) -> Result<Vec<MatchBy>> {
    if import.kind == import::ImportKind::BroadcastList {
        return Ok(vec![MatchBy::ChannelAddress]);
    }
    let has = |wanted: &str| {
        import
            .mapping
            .0
            .iter()
            .any(|mapping| mapping.target == Target::Column(wanted.to_owned()))
    };
    let possible = |key: MatchBy| match key {
        MatchBy::Id => has("id"),
        MatchBy::ChannelAddress => has("channel") && (has("address") || has("phone")),
        MatchBy::Phone => has("phone"),
        MatchBy::Email => has("email"),
    };
    let all = [
        MatchBy::Id,
        MatchBy::ChannelAddress,
        MatchBy::Phone,
        MatchBy::Email,
    ];
    if import.match_by.0.is_empty() {
        let found: Vec<MatchBy> = all.into_iter().filter(|key| possible(*key)).collect();
        if found.is_empty() {
            let message = "Nothing says who a row is about: map a header to phone, email, id, or channel with address.";
            return Err(Error::user("matchBy", "KEY_MISSING", message));
        }
        return Ok(found);
    }
    if import.match_by.0.iter().copied().all(possible) {
        return Ok(import.match_by.0.clone());
    }
    let message =
        "A key of matchBy has no column of the file: map one to it, or leave the key out.";
    Err(Error::user("matchBy", "KEY_MISSING", message))
}
