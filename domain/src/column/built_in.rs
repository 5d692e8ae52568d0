//! The one table of built-in columns. To add one, add an entry: cells, sorting and the mapping of imports read it.

use super::{
    Beside, BuiltIn, ImportUse,
    entry::{
        flag_change, instant, name_column, set_phone, sorted, text_change, text_column, time_column,
    },
};
use crate::{contact, page::KeyKind};
use entity::{
    attribute::AttributeType,
    contact::{Column as Field, ContactStatus},
};

/// The columns that every workspace has, in the order in which a table offers them.
pub static BUILT_IN: [BuiltIn; 27] = [
    BuiltIn {
        key: "id",
        label: "ID",
        aliases: &["contact id", "Kontakt-ID"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Id,
        fields: &[Field::Id],
        beside: Beside::Nothing,
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
        fields: &[Field::DisplayName],
        beside: Beside::Nothing,
        read: |row| row.contact.display_name.clone().into(),
    },
    text_column!(
        "firstName",
        "First name",
        &["user.first_name", "given name", "Vorname"],
        first_name,
        FirstName
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
        last_name,
        LastName
    ),
    text_column!(
        "username",
        "User name",
        &["user.username", "Benutzername", "Nutzername"],
        username,
        Username
    ),
    text_column!(
        "title",
        "Title",
        &["user.title", "Titel", "Anrede"],
        title,
        Title
    ),
    text_column!(
        "account",
        "Account",
        &["user.account", "Konto", "Kundenkonto"],
        account,
        Account
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
        fields: &[Field::Email],
        beside: Beside::Nothing,
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
        fields: &[Field::Phone],
        beside: Beside::Nothing,
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
        fields: &[Field::Country],
        beside: Beside::Nothing,
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
        fields: &[Field::Language],
        beside: Beside::Nothing,
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
        fields: &[Field::Status],
        beside: Beside::Nothing,
        read: |row| match row.contact.status {
            ContactStatus::Active => "ACTIVE".into(),
            ContactStatus::Inactive => "INACTIVE".into(),
        },
    },
    time_column!(
        "blockedAt",
        "Blocked",
        &["blocked at", "blockiert", "blockiert am", "gesperrt"],
        BlockedAt,
        sorted(Field::BlockedAt, KeyKind::Time, true),
        |row| instant(row.contact.blocked_at)
    ),
    time_column!(
        "optedOutAt",
        "Opted out",
        &["opted out at", "abgemeldet", "abgemeldet am"],
        OptedOutAt,
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
        fields: &[Field::BotActive],
        beside: Beside::Nothing,
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
        fields: &[Field::ReceivesSupportRequests],
        beside: Beside::Nothing,
        read: |row| row.contact.receives_support_requests.into(),
    },
    BuiltIn {
        key: "channel",
        label: "Channel",
        aliases: &["messenger", "Kanal"],
        r#type: AttributeType::Text,
        sort: None,
        import: ImportUse::Channel,
        fields: &[],
        beside: Beside::Addresses,
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
        fields: &[],
        beside: Beside::Addresses,
        read: |row| {
            row.addresses
                .first()
                .map(|first| first.address.clone())
                .into()
        },
    },
    name_column!(
        "assignee",
        "Assignee",
        Text,
        &[Field::AssigneeId],
        Members,
        |row| {
            let mut members = row.members.iter();
            let found = members.find(|member| Some(member.id) == row.contact.assignee_id);
            found.map(|member| member.name.clone()).into()
        }
    ),
    name_column!("team", "Team", Text, &[Field::TeamId], Teams, |row| {
        let mut teams = row.teams.iter();
        let found = teams.find(|team| Some(team.id) == row.contact.team_id);
        found.map(|team| team.name.clone()).into()
    }),
    name_column!("tags", "Tags", Array, &[], Tags, |row| {
        let names: Vec<_> = row.tags.iter().map(|tag| tag.name.as_str()).collect();
        Some(names).filter(|names| !names.is_empty()).into()
    }),
    time_column!(
        "firstContactAt",
        "First contact",
        &["first contact at", "Erstkontakt"],
        FirstContactAt,
        sorted(Field::FirstContactAt, KeyKind::Time, true),
        |row| instant(row.contact.first_contact_at)
    ),
    time_column!(
        "lastInteractionAt",
        "Last interaction",
        &[
            "last interaction at",
            "last chat",
            "letzter Kontakt",
            "letzter Chat"
        ],
        LastInteractionAt,
        sorted(Field::LastInteractionAt, KeyKind::Time, true),
        |row| instant(row.contact.last_interaction_at)
    ),
    time_column!(
        "lastIncomingAt",
        "Last incoming message",
        &["last incoming at", "letzte eingehende Nachricht"],
        LastIncomingAt,
        sorted(Field::LastIncomingAt, KeyKind::Time, true),
        |row| instant(row.contact.last_incoming_at)
    ),
    BuiltIn {
        key: "version",
        label: "Version",
        aliases: &[],
        r#type: AttributeType::Number,
        sort: None,
        import: ImportUse::Ignored,
        fields: &[Field::Version],
        beside: Beside::Nothing,
        read: |row| row.contact.version.into(),
    },
    time_column!(
        "createdAt",
        "Created",
        &["created at", "erstellt", "erstellt am", "angelegt am"],
        CreatedAt,
        sorted(Field::CreatedAt, KeyKind::Time, false),
        |row| instant(Some(row.contact.created_at))
    ),
    time_column!(
        "updatedAt",
        "Updated",
        &["updated at", "geändert", "geändert am"],
        UpdatedAt,
        sorted(Field::UpdatedAt, KeyKind::Time, false),
        |row| instant(Some(row.contact.updated_at))
    ),
];
