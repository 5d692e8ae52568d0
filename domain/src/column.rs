//! The one table of columns: what a table can show, sort by, and an import can fill.
//!
//! To add a built-in column, add a line to [`BUILT_IN`]; cells, sorting and the mapping of imports read it.

use crate::{
    attribute::Attributes,
    contact::{self, Change, Fault, Patch},
    page::KeyKind,
    phone::{self, Country},
    text,
    value::Value,
};
use chrono::{DateTime, SecondsFormat, Utc};
use chrono_tz::Tz;
use entity::{
    attribute::{self, AttributeType},
    channel,
    contact::{Column as Field, ContactStatus, Model as Contact},
    contact_channel,
};
use serde_json::Value as Json;

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
    /// Nothing: Roster alone writes it.
    Ignored,
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
            Self::Attribute(attribute) => attribute.slot.is_some(),
        }
    }

    /// Whether its value is read from a contact's addresses and their channels.
    pub fn reads_addresses(&self) -> bool {
        matches!(self, Self::BuiltIn(column) if matches!(column.import, ImportUse::Channel | ImportUse::Address))
    }

    /// Its value for a contact, as JSON; null where there is none.
    pub fn value(&self, row: &Row<'_>) -> Json {
        match self {
            Self::BuiltIn(column) => (column.read)(row),
            Self::Attribute(attribute) => row
                .contact
                .attributes
                .get(attribute.id.0.to_string())
                .cloned()
                .unwrap_or(Json::Null),
        }
    }

    /// Its value written for people; none where there is none.
    pub fn text(&self, row: &Row<'_>, zone: Tz) -> Option<String> {
        match self.value(row) {
            Json::Null => None,
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

/// An instant as answers write it.
fn instant(time: Option<DateTime<Utc>>) -> Json {
    time.map(|time| time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
        .into()
}

fn text_change(cell: Option<&str>) -> Result<Change<String>, Fault> {
    match cell {
        None => Ok(Some(None)),
        Some(cell) => contact::text_field(cell).map(Some),
    }
}

/// A flag or status has no empty state: an empty cell leaves it.
fn flag_change(cell: Option<&str>) -> Result<Option<bool>, Fault> {
    cell.map(contact::flag).transpose()
}

fn set_phone(patch: &mut Patch, cell: Option<&str>, reading: &Reading) -> Result<(), Fault> {
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
    ($key:literal, $label:literal, $aliases:expr, $field:ident) => {
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
            read: |row| row.contact.$field.clone().into(),
        }
    };
}

macro_rules! time_column {
    ($key:literal, $label:literal, $aliases:expr, $sort:expr, $read:expr) => {
        BuiltIn {
            key: $key,
            label: $label,
            aliases: $aliases,
            r#type: AttributeType::DateTime,
            sort: $sort,
            import: ImportUse::Ignored,
            read: $read,
        }
    };
}

const fn sorted(by: Field, kind: KeyKind, nullable: bool) -> Option<SortBy> {
    Some(SortBy { by, kind, nullable })
}

/// The columns that every workspace has, in the order in which a table offers them.
pub static BUILT_IN: [BuiltIn; 21] = [
    BuiltIn {
        key: "id",
        label: "ID",
        aliases: &["contact id", "Kontakt-ID"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Id,
        read: |row| row.contact.id.to_string().into(),
    },
    BuiltIn {
        key: "name",
        label: "Name",
        aliases: &[
            "full name",
            "display name",
            "vollständiger Name",
            "Anzeigename",
        ],
        r#type: AttributeType::Text,
        sort: sorted(Field::NameKey, KeyKind::Text, false),
        import: ImportUse::Set(|patch, cell, _| {
            patch.name = text_change(cell)?;
            Ok(())
        }),
        read: |row| row.contact.display_name.clone().into(),
    },
    text_column!(
        "firstName",
        "First name",
        &["user.first_name", "given name", "Vorname"],
        first_name
    ),
    text_column!(
        "lastName",
        "Last name",
        &[
            "user.last_name",
            "surname",
            "family name",
            "Nachname",
            "Familienname"
        ],
        last_name
    ),
    text_column!(
        "username",
        "User name",
        &["user.username", "Benutzername", "Nutzername"],
        username
    ),
    text_column!("title", "Title", &["user.title", "Titel", "Anrede"], title),
    text_column!(
        "account",
        "Account",
        &["user.account", "Konto", "Kundenkonto"],
        account
    ),
    BuiltIn {
        key: "email",
        label: "E-mail",
        aliases: &["user.email", "e-mail address", "E-Mail-Adresse", "Mail"],
        r#type: AttributeType::Text,
        sort: sorted(Field::EmailKey, KeyKind::Text, true),
        import: ImportUse::Set(|patch, cell, _| {
            patch.email = Some(cell.map(contact::email).transpose()?.flatten());
            Ok(())
        }),
        read: |row| row.contact.email.clone().into(),
    },
    BuiltIn {
        key: "phone",
        label: "Phone",
        aliases: &[
            "user.phone_no",
            "phone number",
            "number",
            "mobile",
            "mobile number",
            "Telefon",
            "Telefonnummer",
            "Nummer",
            "Rufnummer",
            "Handy",
            "Handynummer",
            "Mobilnummer",
        ],
        r#type: AttributeType::Text,
        sort: sorted(Field::Phone, KeyKind::Text, true),
        import: ImportUse::Set(set_phone),
        read: |row| row.contact.phone.clone().into(),
    },
    BuiltIn {
        key: "country",
        label: "Country",
        aliases: &["country code", "Land", "Ländercode"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Set(|patch, cell, _| {
            patch.country = Some(cell.map(contact::country).transpose()?.flatten());
            Ok(())
        }),
        read: |row| row.contact.country.clone().into(),
    },
    BuiltIn {
        key: "language",
        label: "Language",
        aliases: &["locale", "Sprache"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Set(|patch, cell, _| {
            patch.language = Some(cell.map(contact::language).transpose()?.flatten());
            Ok(())
        }),
        read: |row| row.contact.language.clone().into(),
    },
    BuiltIn {
        key: "status",
        label: "Status",
        aliases: &["activated", "active", "aktiviert", "aktiv"],
        r#type: AttributeType::Text,
        sort: sorted(Field::Status, KeyKind::Text, false),
        import: ImportUse::Set(|patch, cell, _| {
            patch.status = cell.map(contact::status).transpose()?;
            Ok(())
        }),
        read: |row| match row.contact.status {
            ContactStatus::Active => "ACTIVE".into(),
            ContactStatus::Inactive => "INACTIVE".into(),
        },
    },
    time_column!(
        "blockedAt",
        "Blocked",
        &["blocked at", "blockiert", "blockiert am", "gesperrt"],
        sorted(Field::BlockedAt, KeyKind::Time, true),
        |row| instant(row.contact.blocked_at)
    ),
    time_column!(
        "optedOutAt",
        "Opted out",
        &["opted out at", "abgemeldet", "abgemeldet am"],
        None,
        |row| instant(row.contact.opted_out_at)
    ),
    BuiltIn {
        key: "botActive",
        label: "Bot",
        aliases: &["bot active", "Bot aktiv"],
        r#type: AttributeType::Boolean,
        sort: None,
        import: ImportUse::Set(|patch, cell, _| {
            patch.bot_active = flag_change(cell)?;
            Ok(())
        }),
        read: |row| row.contact.bot_active.into(),
    },
    BuiltIn {
        key: "receivesSupportRequests",
        label: "Receives support requests",
        aliases: &["support", "erhält Supportanfragen"],
        r#type: AttributeType::Boolean,
        sort: None,
        import: ImportUse::Set(|patch, cell, _| {
            patch.receives_support_requests = flag_change(cell)?;
            Ok(())
        }),
        read: |row| row.contact.receives_support_requests.into(),
    },
    BuiltIn {
        key: "channel",
        label: "Channel",
        aliases: &["messenger", "Kanal"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Channel,
        read: |row| {
            let first = row.addresses.first();
            let channel = first.and_then(|first| {
                row.channels
                    .iter()
                    .find(|channel| channel.id == first.channel_id)
            });
            channel.map(|channel| channel.name.clone()).into()
        },
    },
    BuiltIn {
        key: "address",
        label: "Channel address",
        aliases: &["Kanaladresse", "messenger id"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Address,
        read: |row| {
            row.addresses
                .first()
                .map(|first| first.address.clone())
                .into()
        },
    },
    BuiltIn {
        key: "version",
        label: "Version",
        aliases: &[],
        r#type: AttributeType::Number,
        sort: None,
        import: ImportUse::Ignored,
        read: |row| row.contact.version.into(),
    },
    time_column!(
        "createdAt",
        "Created",
        &["created at", "erstellt", "erstellt am", "angelegt am"],
        sorted(Field::CreatedAt, KeyKind::Time, false),
        |row| instant(Some(row.contact.created_at))
    ),
    time_column!(
        "updatedAt",
        "Updated",
        &["updated at", "geändert", "geändert am"],
        sorted(Field::UpdatedAt, KeyKind::Time, false),
        |row| instant(Some(row.contact.updated_at))
    ),
];
