//! What is hidden from whoever may not see phone numbers, e-mail addresses and addresses on channels.

use super::{
    address, by_ids,
    patch::{NAMELESS, has_own_name},
};
use crate::{error::Result, viewer::Viewer};
use entity::{contact, contact_channel, id::ContactId};
use sea_orm::ConnectionTrait;
use std::collections::HashMap;

/// Stands where an address cannot be left out.
pub const HIDDEN: &str = "hidden";

/// The contact as the viewer may see it. To be called on the way out alone: what is hidden must not be written back.
pub fn masked(viewer: &Viewer, mut contact: contact::Model) -> contact::Model {
    if viewer.is_masked() {
        if !has_own_name(&contact) {
            NAMELESS.clone_into(&mut contact.display_name);
        }
        (contact.email, contact.email_key, contact.phone) = (None, None, None);
    }
    contact
}

/// The address as the viewer may see it; on the way out alone.
pub fn masked_address(viewer: &Viewer, mut row: contact_channel::Model) -> contact_channel::Model {
    if viewer.is_masked() {
        HIDDEN.clone_into(&mut row.address);
    }
    row
}

/// What is hidden of each of these contacts from the viewer, for [`masked_text`]; nothing is read for whoever may see it.
///
/// # Errors
/// When the database is away.
pub async fn secrets(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    ids: &[ContactId],
) -> Result<HashMap<ContactId, Vec<String>>> {
    let mut secrets = HashMap::<_, Vec<String>>::new();
    if !viewer.is_masked() {
        return Ok(secrets);
    }
    for row in by_ids(conn, viewer, ids).await? {
        let known = [row.email, row.phone].into_iter().flatten();
        secrets.entry(row.id).or_default().extend(known);
    }
    for row in address::of_contacts(conn, viewer, ids).await? {
        secrets.entry(row.contact_id).or_default().push(row.address);
    }
    Ok(secrets)
}

/// What is shorter stands in texts by chance.
const SHORTEST: usize = 5;

/// A text that was written for a contact, or about them, without what is hidden of them: a placeholder may have put it there.
pub fn masked_text(text: &str, secrets: &[String]) -> String {
    let mut secrets: Vec<&str> = secrets
        .iter()
        .flat_map(|secret| [secret.as_str(), secret.trim_start_matches('+')])
        .filter(|secret| secret.chars().count() >= SHORTEST)
        .collect();
    // What has another in it goes first.
    secrets.sort_unstable_by_key(|secret| std::cmp::Reverse(secret.len()));
    let mut text = text.to_owned();
    for secret in secrets {
        text = text.replace(secret, HIDDEN);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_keeps_all_but_what_is_hidden() {
        let secrets = ["+4915112345678", "ann@one.example", "ann"].map(str::to_owned);
        for (text, shown) in [
            ("Hi ann", "Hi ann"),
            ("+4915112345678, 4915112345678", "hidden, hidden"),
            ("Write to ann@one.example.", "Write to hidden."),
        ] {
            assert_eq!(masked_text(text, &secrets), shown);
        }
    }
}
