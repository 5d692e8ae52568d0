//! Who a contact is on a channel.

use super::{Addresses, Fault};
use crate::{
    db::dialect,
    email,
    error::Result,
    phone::{self, Country},
    viewer::Viewer,
};
use entity::{channel::ChannelKind, contact_channel, id::ContactId, import_error::ImportErrorCode};
use sea_orm::{ConnectionTrait, QueryFilter, QueryOrder};

/// Characters of an address at most: the databases index it.
const MAX_ADDRESS: usize = 256;

/// The one form in which a channel's addresses are kept and compared: E.164 with `+` where they are phone numbers, lower case where
/// they are e-mail addresses, otherwise as given.
///
/// # Errors
/// When it is no address of such a channel.
pub fn normalise(kind: ChannelKind, raw: &str, country: Option<Country>) -> Result<String, Fault> {
    let raw = raw.trim();
    if raw.is_empty() || raw.chars().count() > MAX_ADDRESS || raw.contains('\0') {
        let message = format!("An address has 1 to {MAX_ADDRESS} characters.");
        return Err(Fault::new(ImportErrorCode::ValueTooLong, message));
    }
    match kind {
        ChannelKind::WhatsApp if is_user_id(raw) => Ok(raw.to_owned()),
        ChannelKind::WhatsApp | ChannelKind::Sms => Ok(phone::parse(raw, country)?.into_string()),
        ChannelKind::Email => match email::normalise(raw) {
            Ok(email) => Ok(email.key),
            Err(error) => Err(Fault::new(ImportErrorCode::EmailInvalid, error.to_string())),
        },
        ChannelKind::Messenger
        | ChannelKind::Instagram
        | ChannelKind::Telegram
        | ChannelKind::Web
        | ChannelKind::Custom => Ok(raw.to_owned()),
    }
}

/// WhatsApp's own user id: a country, a dot, and what no phone number has: letters or digits without end.
fn is_user_id(raw: &str) -> bool {
    let Some((country, rest)) = raw.split_once('.') else {
        return false;
    };
    country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && (1..=128).contains(&rest.len())
        && rest.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// Whether a contact's phone number is their address on such a channel.
pub(crate) fn is_phone(kind: ChannelKind) -> bool {
    matches!(kind, ChannelKind::WhatsApp | ChannelKind::Sms)
}

/// The texts of the addresses of these contacts, oldest first, for whoever writes them.
pub(crate) async fn texts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    contacts: &[ContactId],
) -> Result<Addresses> {
    let mut texts = Addresses::new();
    for row in of_contacts(conn, viewer, contacts).await? {
        texts.entry(row.contact_id).or_default().push(row.address);
    }
    Ok(texts)
}

/// The addresses of these contacts, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn of_contacts(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    contacts: &[ContactId],
) -> Result<Vec<contact_channel::Model>> {
    if contacts.is_empty() {
        return Ok(Vec::new());
    }
    let ids = contacts.iter().map(|id| id.0);
    let is_one = dialect::is_one_of(
        conn.get_database_backend(),
        "contact_channel.contact_id",
        ids,
    );
    Ok(viewer
        .find::<contact_channel::Entity>()
        .filter(is_one)
        .order_by_asc(contact_channel::Column::Id)
        .all(conn)
        .await?)
}
