//! Contacts into the database, one or thousands, with the slots that copy their custom values. Nothing else writes this table.

use crate::{
    attribute::Attributes,
    clock,
    db::{
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    value::{Slot, Value},
};
use entity::{
    contact::{self, ContactStatus},
    id::{ContactId, WorkspaceId},
};
use sea_orm::{ConnectionTrait, DbErr};

const FIELDS: [Column; 24] = [
    ("id", Kind::BigInt),
    ("workspace_id", Kind::BigInt),
    ("display_name", Kind::Text),
    ("name_key", Kind::Text),
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
    ("bot_active", Kind::Boolean),
    ("receives_support_requests", Kind::Boolean),
    ("attributes", Kind::Json),
    ("version", Kind::Int),
    ("created_at", Kind::Time),
    ("updated_at", Kind::Time),
];

const SLOTS: [Column; 20] = [
    ("n1", Kind::Double),
    ("n2", Kind::Double),
    ("n3", Kind::Double),
    ("n4", Kind::Double),
    ("n5", Kind::Double),
    ("n6", Kind::Double),
    ("n7", Kind::Double),
    ("n8", Kind::Double),
    ("n9", Kind::Double),
    ("n10", Kind::Double),
    ("s1", Kind::Text),
    ("s2", Kind::Text),
    ("s3", Kind::Text),
    ("s4", Kind::Text),
    ("s5", Kind::Text),
    ("s6", Kind::Text),
    ("s7", Kind::Text),
    ("s8", Kind::Text),
    ("s9", Kind::Text),
    ("s10", Kind::Text),
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
        bot_active: true,
        receives_support_requests: false,
        attributes: serde_json::Value::Object(serde_json::Map::new()),
        version: 1,
        created_at: now,
        updated_at: now,
    }
}

/// Inserts contacts whose ids are reserved.
pub(crate) async fn insert(
    conn: &impl ConnectionTrait,
    contacts: &[contact::Model],
    attributes: &Attributes,
) -> Result<(), DbErr> {
    let rows = contacts
        .iter()
        .map(|contact| row(contact, attributes))
        .collect();
    bulk::insert(conn, "contact", &columns(), rows, "").await?;
    Ok(())
}

/// Writes contacts that the transaction has locked.
pub(crate) async fn update(
    conn: &impl ConnectionTrait,
    contacts: &[contact::Model],
    attributes: &Attributes,
) -> Result<(), DbErr> {
    let rows = contacts
        .iter()
        .map(|contact| row(contact, attributes))
        .collect();
    bulk::update(conn, "contact", &columns(), rows).await?;
    Ok(())
}

/// A cell for each of [`columns`].
fn row(contact: &contact::Model, attributes: &Attributes) -> Vec<Cell> {
    let status = match contact.status {
        ContactStatus::Active => "ACTIVE",
        ContactStatus::Inactive => "INACTIVE",
    };
    let mut cells = vec![
        Cell::Int(contact.id.0),
        Cell::Int(contact.workspace_id.0),
        Cell::Text(contact.display_name.clone()),
        Cell::Text(contact.name_key.clone()),
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
        Cell::Boolean(contact.bot_active),
        Cell::Boolean(contact.receives_support_requests),
        Cell::Text(contact.attributes.to_string()),
        Cell::Int(contact.version.into()),
        Cell::Time(contact.created_at),
        Cell::Time(contact.updated_at),
    ];
    cells.resize(FIELDS.len() + SLOTS.len(), Cell::Null);
    for attribute in attributes.iter() {
        let Some(slot) = attribute.slot.as_deref() else {
            continue;
        };
        let Some(at) = SLOTS.iter().position(|(name, _)| *name == slot) else {
            continue;
        };
        let stored = contact.attributes.get(attribute.id.0.to_string());
        let value = stored.and_then(|json| Value::from_stored(attribute.r#type, json));
        cells[FIELDS.len() + at] = match value.and_then(|value| value.slot()) {
            Some(Slot::Number(number)) => Cell::Double(number),
            Some(Slot::Text(text)) => Cell::Text(text),
            None => Cell::Null,
        };
    }
    cells
}
