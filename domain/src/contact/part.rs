//! A contact read in part. A table or a file shows a few of its columns; reading the others would be most of the work.

use super::write::blank;
use crate::{column::Column, page::Reader, viewer::Viewer};
use entity::contact::{Column as Field, Entity, Model};
use sea_orm::{DbErr, Iterable, QueryResult};
use std::mem::discriminant;

/// What is read of a contact; the rest is as that of a new one.
#[derive(Debug)]
pub struct Part(Vec<Field>);

impl Part {
    /// All of it.
    pub fn whole() -> Self {
        Self(Field::iter().collect())
    }

    /// What these columns show the viewer.
    pub fn of(viewer: &Viewer, columns: &[Column<'_>]) -> Self {
        if viewer.is_masked() {
            // What is hidden hangs on more than the columns show.
            return Self::whole();
        }
        let mut fields = vec![Field::Id];
        for field in columns.iter().flat_map(Column::fields) {
            let is_it = |there: &Field| discriminant(there) == discriminant(field);
            if !fields.iter().any(is_it) {
                fields.push(*field);
            }
        }
        Self(fields)
    }

    /// Reads so much of the viewer's contacts.
    pub fn reader(self, viewer: &Viewer) -> Reader<Entity> {
        let (fields, blank) = (self.0.clone(), blank(viewer.workspace_id));
        Reader {
            columns: self.0,
            read: Box::new(move |row| {
                let mut contact = blank.clone();
                for (at, field) in fields.iter().enumerate() {
                    read_field(&mut contact, *field, row, at)?;
                }
                Ok(contact)
            }),
        }
    }
}

/// Reads the field that stands at a place of a row.
fn read_field(
    contact: &mut Model,
    field: Field,
    row: &QueryResult,
    at: usize,
) -> Result<(), DbErr> {
    match field {
        Field::Id => contact.id = row.try_get_by(at)?,
        Field::WorkspaceId => contact.workspace_id = row.try_get_by(at)?,
        Field::DisplayName => contact.display_name = row.try_get_by(at)?,
        Field::NameKey => contact.name_key = row.try_get_by(at)?,
        Field::Name => contact.name = row.try_get_by(at)?,
        Field::FirstName => contact.first_name = row.try_get_by(at)?,
        Field::LastName => contact.last_name = row.try_get_by(at)?,
        Field::Username => contact.username = row.try_get_by(at)?,
        Field::Title => contact.title = row.try_get_by(at)?,
        Field::Account => contact.account = row.try_get_by(at)?,
        Field::Email => contact.email = row.try_get_by(at)?,
        Field::EmailKey => contact.email_key = row.try_get_by(at)?,
        Field::Phone => contact.phone = row.try_get_by(at)?,
        Field::Country => contact.country = row.try_get_by(at)?,
        Field::Language => contact.language = row.try_get_by(at)?,
        Field::Status => contact.status = row.try_get_by(at)?,
        Field::BlockedAt => contact.blocked_at = row.try_get_by(at)?,
        Field::OptedOutAt => contact.opted_out_at = row.try_get_by(at)?,
        Field::PreferenceAt => contact.preference_at = row.try_get_by(at)?,
        Field::BotActive => contact.bot_active = row.try_get_by(at)?,
        Field::ReceivesSupportRequests => {
            contact.receives_support_requests = row.try_get_by(at)?;
        }
        Field::AssigneeId => contact.assignee_id = row.try_get_by(at)?,
        Field::TeamId => contact.team_id = row.try_get_by(at)?,
        Field::LastChannelId => contact.last_channel_id = row.try_get_by(at)?,
        Field::ProfileName => contact.profile_name = row.try_get_by(at)?,
        Field::AvatarUrl => contact.avatar_url = row.try_get_by(at)?,
        Field::FirstContactAt => contact.first_contact_at = row.try_get_by(at)?,
        Field::LastInteractionAt => contact.last_interaction_at = row.try_get_by(at)?,
        Field::LastIncomingAt => contact.last_incoming_at = row.try_get_by(at)?,
        Field::Attributes => contact.attributes = row.try_get_by(at)?,
        Field::Version => contact.version = row.try_get_by(at)?,
        Field::CreatedAt => contact.created_at = row.try_get_by(at)?,
        Field::UpdatedAt => contact.updated_at = row.try_get_by(at)?,
    }
    Ok(())
}
