//! What is hidden from whoever may not see phone numbers, e-mail addresses and addresses on channels.

use super::{
    address, by_ids,
    patch::{NAMELESS, has_own_name},
};
use crate::{error::Result, viewer::Viewer};
use entity::{contact, contact_channel, id::ContactId};
use regex::{Captures, Regex};
use sea_orm::ConnectionTrait;
use std::{borrow::Cow, collections::HashMap, sync::LazyLock};

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

/// What may be an address, whosever it is; before it, what only looks like one.
///
/// A phone number with its country has seven digits at least, and Meta's error codes, which a person looks up, have six.
static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?<instant> \d{4}-\d\d-\d\dT[\d:.]+Z )
        | \S*@\S*                                            # an e-mail address, a name on a messenger
        | \b[A-Z]{2}\.[0-9A-Za-z]{6,}                        # WhatsApp's own user id
        | \+?\d(?:[\s().\-/\u{2010}-\u{2015}]{0,2}\d){6,}    # a number, however it is grouped
        ",
    )
    .ok()
});

/// Words of somebody else's, such as what a provider says of a channel, as the viewer may read them: whose address stands in them nobody knows, so
/// whatever may be one is hidden.
pub fn masked_words<'a>(viewer: &Viewer, words: &'a str) -> Cow<'a, str> {
    if !viewer.is_masked() {
        return words.into();
    }
    let Some(address) = &*ADDRESS else {
        return HIDDEN.into();
    };
    address.replace_all(words, |found: &Captures<'_>| match found.name("instant") {
        Some(instant) => instant.as_str().to_owned(),
        None => HIDDEN.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::{
        id::WorkspaceId,
        role::{Restriction, Role},
    };

    #[test]
    fn words_of_a_provider_keep_all_but_what_may_be_an_address() {
        let open = Viewer::command_line(WorkspaceId(1));
        let masked = Viewer {
            role: Role::Manager,
            restrictions: vec![Restriction::MaskPhoneAndEmail],
            ..open.clone()
        };
        for (words, shown) in [
            (
                "Recipient +4915112345678 is not on WhatsApp",
                "Recipient hidden is not on WhatsApp",
            ),
            ("(4915112345678)", "(hidden)"),
            ("to: 1234567.", "to: hidden."),
            ("+49 (151) 123-456 78, again", "hidden, again"),
            (
                "+1.202.555.0143 and +1\u{2011}202\u{2011}555\u{2011}0143",
                "hidden and hidden",
            ),
            (
                "\u{664}\u{669}\u{661}\u{665}\u{661}\u{661}\u{662}\u{663} is blocked",
                "hidden is blocked",
            ),
            (
                "Write to <ann@one.example>, or @ann!",
                "Write to hidden or hidden",
            ),
            (
                "US.13491208655302741918 and DE.1a2b3c4d",
                "hidden and hidden",
            ),
            // What a person looks up stays.
            (
                "131042: Payment issue (131042)",
                "131042: Payment issue (131042)",
            ),
            (
                "190: Invalid OAuth access token.",
                "190: Invalid OAuth access token.",
            ),
            (
                "HTTP_503: The provider answered 503 Service Unavailable.",
                "HTTP_503: The provider answered 503 Service Unavailable.",
            ),
            (
                "after 2026-11-30T12:00:00Z, and",
                "after 2026-11-30T12:00:00Z, and",
            ),
            ("", ""),
        ] {
            assert_eq!(masked_words(&masked, words), shown);
            assert_eq!(masked_words(&open, words), words);
        }
    }

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
