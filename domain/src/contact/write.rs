//! Contacts into the database, one or thousands, with what is derived from them: slots, comparable and search texts, and the workspace's
//! total. Nothing else writes this table but `slot`, which gives or takes a column of its own.

use super::{
    comparable::{self, Searched},
    patch::has_own_name,
    slot::{self, SLOTS},
    total::Total,
};
use crate::{
    attribute::Attributes,
    clock,
    db::{
        bulk::{self, Cell, Column},
        dialect::{self, Kind, statement},
    },
};
use entity::{
    contact::{self, ContactStatus},
    id::{ContactId, WorkspaceId},
};
use sea_orm::{ConnectionTrait, DbErr};
use std::collections::HashMap;

/// Each contact's addresses on channels, oldest first.
pub(crate) type Addresses = HashMap<ContactId, Vec<String>>;

/// A contact to be written, and the status that it has in the database still.
#[derive(Debug, Clone)]
pub(crate) struct Changed {
    pub(crate) contact: contact::Model,
    pub(crate) was: ContactStatus,
}

const FIELDS: [Column; 37] = [
    ("id", Kind::BigInt),
    ("workspace_id", Kind::BigInt),
    ("display_name", Kind::Text),
    ("name_key", Kind::Text),
    ("named", Kind::Boolean),
    ("name", Kind::Text),
    ("first_name", Kind::Text),
    ("last_name", Kind::Text),
    ("username", Kind::Text),
    ("title", Kind::Text),
    ("account", Kind::Text),
    ("email", Kind::Text),
    ("email_key", Kind::Text),
    ("phone", Kind::Text),
    ("country", Kind::Text),
    ("language", Kind::Text),
    ("status", Kind::Text),
    ("blocked_at", Kind::Time),
    ("opted_out_at", Kind::Time),
    ("preference_at", Kind::Time),
    ("bot_active", Kind::Boolean),
    ("receives_support_requests", Kind::Boolean),
    ("assignee_id", Kind::BigInt),
    ("team_id", Kind::BigInt),
    ("last_channel_id", Kind::BigInt),
    ("profile_name", Kind::Text),
    ("avatar_url", Kind::Text),
    ("first_contact_at", Kind::Time),
    ("last_interaction_at", Kind::Time),
    ("last_incoming_at", Kind::Time),
    ("attributes", Kind::Json),
    ("comparable", Kind::JsonBinary),
    ("search", Kind::Text),
    ("reach", Kind::Text),
    ("version", Kind::Int),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
];

fn columns() -> Vec<Column> {
    FIELDS.into_iter().chain(SLOTS).collect()
}

/// A contact of whom nothing is known yet; its id is still 0.
pub(crate) fn blank(workspace_id: WorkspaceId) -> contact::Model {
    let now = clock::now();
    contact::Model {
        id: ContactId(0),
        workspace_id,
        display_name: String::new(),
        name_key: String::new(),
        name: None,
        first_name: None,
        last_name: None,
        username: None,
        title: None,
        account: None,
        email: None,
        email_key: None,
        phone: None,
        country: None,
        language: None,
        status: ContactStatus::Active,
        blocked_at: None,
        opted_out_at: None,
        preference_at: None,
        bot_active: true,
        receives_support_requests: false,
        assignee_id: None,
        team_id: None,
        last_channel_id: None,
        profile_name: None,
        avatar_url: None,
        first_contact_at: None,
        last_interaction_at: None,
        last_incoming_at: None,
        attributes: serde_json::Value::Object(serde_json::Map::new()),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Inserts contacts of one workspace whose ids are reserved, before their addresses.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    contacts: &[contact::Model],
    addresses: &Addresses,
    attributes: &Attributes,
) -> Result<(), DbErr> {
    let Some(first) = contacts.first() else {
        return Ok(());
    };
    let rows = contacts.iter();
    let rows = rows
        .map(|contact| row(contact, addresses, attributes))
        .collect();
    bulk::insert(conn, "contact", &columns(), rows, "").await?;
    let mut total = Total::default();
    for contact in contacts {
        total.came(contact.status);
    }
    total.save(conn, first.workspace_id).await
}

/// Writes contacts of one workspace that the transaction has locked.
pub(crate) async fn update(
    conn: &impl ConnectionTrait,
    contacts: &[Changed],
    addresses: &Addresses,
    attributes: &Attributes,
) -> Result<(), DbErr> {
    let Some(first) = contacts.first() else {
        return Ok(());
    };
    let rows = contacts.iter();
    let rows = rows
        .map(|changed| row(&changed.contact, addresses, attributes))
        .collect();
    bulk::update(conn, "contact", &columns(), rows).await?;
    let mut total = Total::default();
    for changed in contacts {
        total.went(changed.was);
        total.came(changed.contact.status);
    }
    total.save(conn, first.contact.workspace_id).await
}

/// Notes an edit of contacts that the transaction has locked, where nothing of their own row has changed otherwise.
pub(super) async fn touch(conn: &impl ConnectionTrait, ids: &[ContactId]) -> Result<(), DbErr> {
    if ids.is_empty() {
        return Ok(());
    }
    let backend = conn.get_database_backend();
    let (is_one, ids) = dialect::any_of(backend, "id", 2, ids.iter().map(|id| id.0));
    let sql = format!("UPDATE contact SET version = version + 1, updated_at = $1 WHERE {is_one}");
    let values = [clock::now().into(), ids];
    conn.execute_raw(statement(conn, &sql, values)).await?;
    Ok(())
}

/// A cell for each of [`columns`].
fn row(contact: &contact::Model, addresses: &Addresses, attributes: &Attributes) -> Vec<Cell> {
    let document = comparable::document(contact, attributes);
    let addresses = addresses.get(&contact.id).map_or(&[][..], Vec::as_slice);
    let searched = Searched::new(contact, &document, addresses, attributes);
    let status = match contact.status {
        ContactStatus::Active => "ACTIVE",
        ContactStatus::Inactive => "INACTIVE",
    };
    let mut cells = vec![
        Cell::Int(contact.id.0),
        Cell::Int(contact.workspace_id.0),
        Cell::Text(contact.display_name.clone()),
        Cell::Text(contact.name_key.clone()),
        Cell::Boolean(has_own_name(contact)),
        contact.name.as_deref().into(),
        contact.first_name.as_deref().into(),
        contact.last_name.as_deref().into(),
        contact.username.as_deref().into(),
        contact.title.as_deref().into(),
        contact.account.as_deref().into(),
        contact.email.as_deref().into(),
        contact.email_key.as_deref().into(),
        contact.phone.as_deref().into(),
        contact.country.as_deref().into(),
        contact.language.as_deref().into(),
        Cell::Text(status.to_owned()),
        contact.blocked_at.into(),
        contact.opted_out_at.into(),
        contact.preference_at.into(),
        Cell::Boolean(contact.bot_active),
        Cell::Boolean(contact.receives_support_requests),
        id(contact.assignee_id.map(|id| id.0)),
        id(contact.team_id.map(|id| id.0)),
        id(contact.last_channel_id.map(|id| id.0)),
        contact.profile_name.as_deref().into(),
        contact.avatar_url.as_deref().into(),
        contact.first_contact_at.into(),
        contact.last_interaction_at.into(),
        contact.last_incoming_at.into(),
        Cell::Text(contact.attributes.to_string()),
        Cell::Text(document.to_string()),
        Cell::Text(searched.open),
        Cell::Text(searched.reach),
        Cell::Int(contact.version.into()),
        Cell::Time(contact.created_at),
        Cell::Time(contact.updated_at),
    ];
    cells.resize(FIELDS.len() + SLOTS.len(), Cell::Null);
    for attribute in attributes.iter() {
        let slot = attribute.written_slot();
        if let Some(at) = slot.and_then(slot::place) {
            cells[FIELDS.len() + at] = slot::cell(&contact.attributes, attribute);
        }
    }
    cells
}

fn id(id: Option<i64>) -> Cell {
    id.map_or(Cell::Null, Cell::Int)
}
