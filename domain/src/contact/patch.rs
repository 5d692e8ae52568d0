//! What to change in a contact: made by mutations and by import rows alike, applied in one place.

use crate::{attribute::Attributes, email::Email, text, value::Value};
use chrono::{DateTime, Utc};
use entity::{
    contact::{self, ContactStatus},
    id::{AttributeId, MemberId, TeamId},
};
use serde_json::Value as Json;

/// None: stays; `Some(None)`: is cleared.
pub type Change<T> = Option<Option<T>>;

/// What to change; what is none stays.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "each is the contact's field of that name")]
pub struct Patch {
    pub name: Change<String>,
    pub first_name: Change<String>,
    pub last_name: Change<String>,
    pub username: Change<String>,
    pub title: Change<String>,
    pub account: Change<String>,
    pub email: Change<Email>,
    pub phone: Change<String>,
    pub country: Change<String>,
    pub language: Change<String>,
    pub status: Option<ContactStatus>,
    pub blocked: Option<bool>,
    pub opted_out: Option<bool>,
    pub bot_active: Option<bool>,
    pub receives_support_requests: Option<bool>,
    pub assignee_id: Change<MemberId>,
    pub team_id: Change<TeamId>,
    /// Custom values by attribute.
    pub attributes: Vec<(AttributeId, Option<Value>)>,
}

/// Characters of the name's sort key.
const NAME_KEY_CHARACTERS: usize = 200;

/// Shown for someone of whom nothing is known but that they exist.
pub(super) const NAMELESS: &str = "Unnamed contact";

impl Patch {
    /// Applies it and says whether that changed anything. `now` marks what has a time of its own (blocked, opted out); who calls
    /// writes `version` and `updated_at`, and calls [`derive`].
    pub fn apply(
        self,
        contact: &mut contact::Model,
        attributes: &Attributes,
        now: DateTime<Utc>,
    ) -> bool {
        let Self {
            name,
            first_name,
            last_name,
            username,
            title,
            account,
            email,
            phone,
            country,
            language,
            status,
            blocked,
            opted_out,
            bot_active,
            receives_support_requests,
            assignee_id,
            team_id,
            attributes: values,
        } = self;
        let (email, email_key) = match email {
            None => (None, None),
            Some(None) => (Some(None), Some(None)),
            Some(Some(email)) => (Some(Some(email.address)), Some(Some(email.key))),
        };
        let texts = [
            (&mut contact.name, name),
            (&mut contact.first_name, first_name),
            (&mut contact.last_name, last_name),
            (&mut contact.username, username),
            (&mut contact.title, title),
            (&mut contact.account, account),
            (&mut contact.email, email),
            (&mut contact.email_key, email_key),
            (&mut contact.phone, phone),
            (&mut contact.country, country),
            (&mut contact.language, language),
        ];
        let mut changed = false;
        for (field, change) in texts {
            changed |= change.is_some_and(|new| replace(field, new));
        }
        changed |= status.is_some_and(|new| replace(&mut contact.status, new));
        changed |= bot_active.is_some_and(|new| replace(&mut contact.bot_active, new));
        changed |= receives_support_requests
            .is_some_and(|new| replace(&mut contact.receives_support_requests, new));
        changed |= assignee_id.is_some_and(|new| replace(&mut contact.assignee_id, new));
        changed |= team_id.is_some_and(|new| replace(&mut contact.team_id, new));
        changed |= blocked.is_some_and(|on| mark(&mut contact.blocked_at, on, now));
        if opted_out.is_some_and(|on| mark(&mut contact.opted_out_at, on, now)) {
            // What the person chose before is over, also where it is told late.
            contact.preference_at = Some(now);
            changed = true;
        }
        for (id, value) in values {
            changed |= set_attribute(&mut contact.attributes, id, value, attributes);
        }
        changed
    }
}

fn replace<T: PartialEq>(field: &mut T, new: T) -> bool {
    let changed = *field != new;
    *field = new;
    changed
}

/// A flag with a time: switched on again, it keeps the first time.
fn mark(field: &mut Option<DateTime<Utc>>, on: bool, now: DateTime<Utc>) -> bool {
    if field.is_some() == on {
        return false;
    }
    *field = on.then_some(now);
    true
}

/// Compared by meaning: `1` and `1.0` are the same number, an object's keys have no order.
fn set_attribute(
    document: &mut Json,
    id: AttributeId,
    value: Option<Value>,
    attributes: &Attributes,
) -> bool {
    let (Some(attribute), Json::Object(map)) = (attributes.by_id(id), document) else {
        return false;
    };
    let key = id.0.to_string();
    let old = map
        .get(&key)
        .and_then(|json| Value::from_stored(attribute.r#type, json));
    if old == value {
        return false;
    }
    match value {
        Some(value) => map.insert(key, value.to_json()),
        None => map.remove(&key),
    };
    true
}

/// Sets what follows from the other fields: the display name and its sort key. `address` is the contact's first one.
pub(crate) fn derive(contact: &mut contact::Model, address: Option<&str>) {
    let full = [contact.first_name.as_deref(), contact.last_name.as_deref()];
    let full: Vec<&str> = full.into_iter().flatten().collect();
    let full = full.join(" ");
    let name = contact.name.as_deref().filter(|name| !name.is_empty());
    let name = name.or(Some(full.as_str()).filter(|full| !full.is_empty()));
    let name = name
        .or(contact.profile_name.as_deref())
        .or(contact.phone.as_deref())
        .or(contact.email.as_deref())
        .or(address)
        .unwrap_or(NAMELESS)
        .to_owned();
    contact.name_key = text::fold_prefix(&name, NAME_KEY_CHARACTERS);
    contact.display_name = name;
}

/// Whether the display name is one, and not a number or address that stands in for it.
pub(super) fn has_own_name(contact: &contact::Model) -> bool {
    let names = [
        &contact.name,
        &contact.first_name,
        &contact.last_name,
        &contact.profile_name,
    ];
    names.into_iter().flatten().any(|name| !name.is_empty())
}

/// Whether nothing but an address can stand for the contact's name.
pub(crate) fn is_nameless(contact: &contact::Model) -> bool {
    let names = [
        &contact.name,
        &contact.first_name,
        &contact.last_name,
        &contact.profile_name,
        &contact.phone,
        &contact.email,
    ];
    names.into_iter().all(Option::is_none)
}
