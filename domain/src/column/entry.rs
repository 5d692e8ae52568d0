//! What the entries of the table of built-in columns are made with.

use super::{Reading, SortBy};
use crate::{
    contact::{self, Change, Fault, Patch},
    page::KeyKind,
    phone,
};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::contact::Column as Field;
use serde_json::Value as Json;

/// An instant as answers write it.
pub(super) fn instant(time: Option<DateTime<Utc>>) -> Json {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        .into()
}

pub(super) fn text_change(cell: Option<&str>) -> Result<Change<String>, Fault> {
    match cell {
        None => Ok(Some(None)),
        Some(cell) => contact::text_field(cell).map(Some),
    }
}

/// A flag or status has no empty state: an empty cell leaves it.
pub(super) fn flag_change(cell: Option<&str>) -> Result<Option<bool>, Fault> {
    cell.map(contact::flag).transpose()
}

pub(super) fn set_phone(
    patch: &mut Patch,
    cell: Option<&str>,
    reading: &Reading,
) -> Result<(), Fault> {
    patch.phone = match cell {
        None => Some(None),
        Some(cell) if reading.digits_only => Some(Some(
            phone::parse_list(cell, reading.country)?.into_string(),
        )),
        Some(cell) => Some(Some(phone::parse(cell, reading.country)?.into_string())),
    };
    Ok(())
}

macro_rules! text_column {
    ($key:literal, $label:literal, $aliases:expr, $field:ident, $column:ident) => {
        BuiltIn {
            key: $key,
            label: $label,
            aliases: $aliases,
            r#type: AttributeType::Text,
            sort: None,
            import: ImportUse::Set(|patch, cell, _| {
                patch.$field = text_change(cell)?;
                Ok(())
            }),
            fields: &[Field::$column],
            beside: Beside::Nothing,
            read: |row| row.contact.$field.clone().into(),
        }
    };
}
pub(super) use text_column;

macro_rules! time_column {
    ($key:literal, $label:literal, $aliases:expr, $column:ident, $sort:expr, $read:expr) => {
        BuiltIn {
            key: $key,
            label: $label,
            aliases: $aliases,
            r#type: AttributeType::DateTime,
            sort: $sort,
            import: ImportUse::Ignored,
            fields: &[Field::$column],
            beside: Beside::Nothing,
            read: $read,
        }
    };
}
pub(super) use time_column;

/// A column whose value is somebody's or something's name, which files do not set.
macro_rules! name_column {
    ($key:literal, $label:literal, $type:ident, $fields:expr, $beside:ident, $read:expr) => {
        BuiltIn {
            key: $key,
            label: $label,
            // None: in files of other programs these are mostly something else.
            aliases: &[],
            r#type: AttributeType::$type,
            sort: None,
            import: ImportUse::Ignored,
            fields: $fields,
            beside: Beside::$beside,
            read: $read,
        }
    };
}
pub(super) use name_column;

pub(super) const fn sorted(by: Field, kind: KeyKind, nullable: bool) -> Option<SortBy> {
    Some(SortBy { by, kind, nullable })
}
