//! Columns: what a table can show, sort by, and an import can fill. The built-in ones stand in one table, [`BUILT_IN`]; every attribute
//! is one too.

mod built_in;
mod entry;

pub use built_in::BUILT_IN;

use crate::{
    attribute::Attributes,
    contact::{Fault, Patch},
    page::KeyKind,
    phone::Country,
    text,
    value::Value,
};
use chrono_tz::Tz;
use entity::{
    attribute::{self, AttributeType},
    channel,
    column::ColumnRef,
    contact::{Column as Field, Model as Contact},
    contact_channel, member, tag, team,
};
use serde_json::Value as Json;
use std::borrow::Cow;

/// What stands before an attribute's key in a column's.
pub const ATTRIBUTE_PREFIX: &str = "attr.";

/// A column that every workspace has.
pub struct BuiltIn {
    /// Stable, and the same everywhere.
    pub key: &'static str,
    /// What a table shows above it.
    pub label: &'static str,
    /// Further headers by which a file may call it, in English and German.
    pub aliases: &'static [&'static str],
    /// The type of its values.
    pub r#type: AttributeType,
    /// How the table is sorted by it; none: it is not.
    pub sort: Option<SortBy>,
    /// What an import does with it.
    pub import: ImportUse,
    /// What of the contact its value is read from.
    pub fields: &'static [Field],
    /// What its value is read from beside the contact.
    pub beside: Beside,
    read: fn(&Row<'_>) -> Json,
}

/// The column of the database that sorts by a column.
#[derive(Debug, Clone, Copy)]
pub struct SortBy {
    /// It.
    pub by: Field,
    /// What it holds.
    pub kind: KeyKind,
    /// Whether it can be without a value.
    pub nullable: bool,
}

/// What an import does with the cells of a column.
#[derive(Clone, Copy)]
pub enum ImportUse {
    /// Finds contacts by it.
    Id,
    /// Names the channel of the address.
    Channel,
    /// Is who they are on the channel.
    Address,
    /// Sets the field; an empty cell clears it where the import says so.
    Set(fn(&mut Patch, Option<&str>, &Reading) -> Result<(), Fault>),
    /// Nothing: it cannot be set by a file.
    Ignored,
}

/// What a column's value is read from beside the contact; of a [`Row`] this much must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// The contact alone.
    Nothing,
    /// Its addresses, and the workspace's channels.
    Addresses,
    /// The workspace's members.
    Members,
    /// The workspace's teams.
    Teams,
    /// Its tags.
    Tags,
}

/// What a cell's meaning may hang on.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// The country of phone numbers without one.
    pub country: Option<Country>,
    /// The zone of times without an offset.
    pub zone: Tz,
    /// Whether phone numbers must be digits alone (broadcast lists).
    pub digits_only: bool,
}

/// A contact with what its columns read.
#[derive(Clone, Copy)]
pub struct Row<'a> {
    /// The contact.
    pub contact: &'a Contact,
    /// Its addresses, oldest first.
    pub addresses: &'a [contact_channel::Model],
    /// The workspace's channels.
    pub channels: &'a [channel::Model],
    /// The workspace's members.
    pub members: &'a [member::Model],
    /// The workspace's teams.
    pub teams: &'a [team::Model],
    /// Its tags, by name.
    pub tags: &'a [tag::Model],
}

/// A column of the table.
#[derive(Clone, Copy)]
pub enum Column<'a> {
    /// One that every workspace has.
    BuiltIn(&'static BuiltIn),
    /// A custom one.
    Attribute(&'a attribute::Model),
}

impl Column<'_> {
    /// Stable, and the same everywhere: `email`, `attr.plan`.
    pub fn key(&self) -> String {
        match self {
            Self::BuiltIn(column) => column.key.to_owned(),
            Self::Attribute(attribute) => format!("{ATTRIBUTE_PREFIX}{}", attribute.key),
        }
    }

    /// What it is kept by.
    pub fn reference(&self) -> ColumnRef {
        match self {
            Self::BuiltIn(column) => ColumnRef::BuiltIn(column.key.to_owned()),
            Self::Attribute(attribute) => ColumnRef::Attribute(attribute.id),
        }
    }

    /// The type of its values.
    pub fn r#type(&self) -> AttributeType {
        match self {
            Self::BuiltIn(column) => column.r#type,
            Self::Attribute(attribute) => attribute.r#type,
        }
    }

    /// What a table shows above it.
    pub fn label(&self) -> &str {
        match self {
            Self::BuiltIn(column) => column.label,
            Self::Attribute(attribute) => &attribute.label,
        }
    }

    /// Whether the table can be sorted by it.
    pub fn sortable(&self) -> bool {
        match self {
            Self::BuiltIn(column) => column.sort.is_some(),
            Self::Attribute(attribute) => attribute.readable_slot().is_some(),
        }
    }

    /// What of the contact its value is read from.
    pub fn fields(&self) -> &'static [Field] {
        match self {
            Self::BuiltIn(column) => column.fields,
            Self::Attribute(_) => &[Field::Attributes],
        }
    }

    /// What its value is read from beside the contact.
    pub fn beside(&self) -> Beside {
        match self {
            Self::BuiltIn(column) => column.beside,
            Self::Attribute(_) => Beside::Nothing,
        }
    }

    /// Its value for a contact, as JSON; null where there is none.
    pub fn value<'r>(&self, row: &Row<'r>) -> Cow<'r, Json> {
        match self {
            Self::BuiltIn(column) => Cow::Owned((column.read)(row)),
            Self::Attribute(attribute) => {
                let values = &row.contact.attributes;
                let value = values.get(attribute.id.0.to_string());
                value.map_or(Cow::Owned(Json::Null), Cow::Borrowed)
            }
        }
    }

    /// Its value as an export writes it and an import reads it; none where there is none.
    pub fn cell<'r>(&self, row: &Row<'r>) -> Option<Cow<'r, str>> {
        match self.value(row) {
            Cow::Owned(Json::String(text)) => Some(Cow::Owned(text)),
            Cow::Borrowed(Json::String(text)) => Some(Cow::Borrowed(text)),
            json if json.is_null() => None,
            json => Some(Cow::Owned(match Value::from_stored(self.r#type(), &json) {
                Some(value) => value.to_cell(),
                None => json.to_string(),
            })),
        }
    }

    /// Its value written for people; none where there is none.
    pub fn text(&self, row: &Row<'_>, zone: Tz) -> Option<String> {
        match self.value(row) {
            json if json.is_null() => None,
            json => Some(match Value::from_stored(self.r#type(), &json) {
                Some(value) => value.to_text(zone),
                None => json
                    .as_str()
                    .map_or_else(|| json.to_string(), str::to_owned),
            }),
        }
    }
}

/// All columns: the built-in ones, then the attributes, oldest first.
pub fn all(attributes: &Attributes) -> impl Iterator<Item = Column<'_>> {
    BUILT_IN
        .iter()
        .map(Column::BuiltIn)
        .chain(attributes.iter().map(Column::Attribute))
}

/// The column of this key.
pub fn find<'a>(key: &str, attributes: &'a Attributes) -> Option<Column<'a>> {
    if let Some(key) = key.strip_prefix(ATTRIBUTE_PREFIX) {
        return attributes.by_key(key).map(Column::Attribute);
    }
    BUILT_IN
        .iter()
        .find(|column| column.key == key)
        .map(Column::BuiltIn)
}

/// The column that was kept; none where it is no longer there.
pub fn kept<'a>(meant: &ColumnRef, attributes: &'a Attributes) -> Option<Column<'a>> {
    match meant {
        ColumnRef::BuiltIn(key) => find(key, attributes),
        ColumnRef::Attribute(id) => attributes.by_id(*id).map(Column::Attribute),
    }
}

/// The column that a file's header means, by key or label, in English or German.
pub fn by_header<'a>(header: &str, attributes: &'a Attributes) -> Option<Column<'a>> {
    if let Some(column) = find(header.trim(), attributes) {
        return Some(column);
    }
    let wanted = heading(header);
    let named = |column: &&BuiltIn| {
        heading(column.key) == wanted
            || heading(column.label) == wanted
            || column.aliases.iter().any(|alias| heading(alias) == wanted)
    };
    if let Some(column) = BUILT_IN.iter().find(named) {
        return Some(Column::BuiltIn(column));
    }
    let custom = |attribute: &&attribute::Model| {
        heading(&attribute.key) == wanted || heading(&attribute.label) == wanted
    };
    attributes.iter().find(custom).map(Column::Attribute)
}

/// Headers are compared by their letters and digits.
fn heading(header: &str) -> String {
    text::fold(header)
        .chars()
        .filter(|c| c.is_alphanumeric())
        .collect()
}
