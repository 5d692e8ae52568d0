//! A contact's fields as a client gives them.

use super::ContactStatus;
use crate::graphql::{attribute::AttributeType, loader::read_id};
use async_graphql::{ID, InputObject, MaybeUndefined};
use domain::contact::{self, AddressInput};
use domain::scalar::{CountryCode, Locale};
use serde_json::Value as Json;

/// A contact's fields. In a change, what is left out stays, and null clears. A text that is empty clears too; texts have at most 500 characters
/// (else VALUE_TOO_LONG) and are trimmed.
#[derive(InputObject)]
pub(crate) struct ContactFieldsInput {
    /// The name to show for them.
    name: MaybeUndefined<String>,
    /// First name.
    first_name: MaybeUndefined<String>,
    /// Last name.
    last_name: MaybeUndefined<String>,
    /// User name.
    username: MaybeUndefined<String>,
    /// Title, such as `Dr.`.
    title: MaybeUndefined<String>,
    /// The account they belong to.
    account: MaybeUndefined<String>,
    /// E-mail address; what is none is EMAIL_INVALID. FORBIDDEN in a change by whom it is masked for.
    email: MaybeUndefined<String>,
    /// Phone number as people write it; without a `+` it is read in the workspace's defaultCountry. What is none is PHONE_INVALID. FORBIDDEN in
    /// a change by whom it is masked for.
    phone: MaybeUndefined<String>,
    /// Country.
    country: MaybeUndefined<CountryCode>,
    /// Language.
    language: MaybeUndefined<Locale>,
    /// Whether broadcasts reach them. ACTIVE for a new contact; null stays.
    status: Option<ContactStatus>,
    /// true sets blockedAt to now, unless they are blocked already; false clears it; null stays.
    blocked: Option<bool>,
    /// true sets optedOutAt to now, unless they have opted out already; false clears it; null stays.
    opted_out: Option<bool>,
    /// Whether the bot answers them. true for a new contact; null stays.
    bot_active: Option<bool>,
    /// Whether they are told when someone asks for support. false for a new contact; null stays.
    receives_support_requests: Option<bool>,
    /// The member who looks after them. NOT_FOUND where there is none; INVALID for a new contact that who makes it would not see, by the restriction
    /// ONLY_ASSIGNED_CONTACTS.
    assignee_id: MaybeUndefined<ID>,
    /// The team that looks after them. NOT_FOUND where there is none.
    team_id: MaybeUndefined<ID>,
    /// The names of all their tags, at most 100 (else LIMIT_EXCEEDED): those not named are taken off, null takes off all. Each has 1 to 100
    /// characters (else INVALID), is trimmed, and is found without regard to case and accents; one that is not there is made.
    tag_names: MaybeUndefined<Vec<String>>,
    /// Custom values. Only the keys named change; a key that is named twice is INVALID.
    attributes: Option<Vec<AttributeInput>>,
    /// All their addresses: those not named are removed, null removes all. One that is another contact's is TAKEN.
    /// FORBIDDEN in a change by whom addresses are masked for.
    channels: MaybeUndefined<Vec<ContactChannelInput>>,
}

/// A custom value.
#[derive(InputObject)]
pub(crate) struct AttributeInput {
    /// The attribute's key, without `attr.`. NOT_FOUND where there is none and no `type` is given.
    key: String,
    /// The value, of the JSON type that AttributeType describes; null removes it, and left out it is REQUIRED. One that does not fit is
    /// VALUE_OF_WRONG_TYPE, VALUE_OUT_OF_RANGE, NUMBER_TOO_LONG or VALUE_TOO_LONG.
    value: MaybeUndefined<Json>,
    /// The type to make the attribute with where there is none of this key. ATTRIBUTE_TYPE_CONFLICT where there is one of another type.
    r#type: Option<AttributeType>,
}

/// Who a contact is on a channel.
#[derive(InputObject)]
pub(crate) struct ContactChannelInput {
    /// The channel. NOT_FOUND where there is none.
    channel_id: ID,
    /// The address as people write it; it is kept in one form: phone numbers with `+`, e-mail addresses in lower case.
    address: String,
}

/// What was given of a field: none stays, `Some(None)` clears.
fn change<T>(given: MaybeUndefined<T>) -> contact::Change<T> {
    given.into()
}

impl From<ContactFieldsInput> for contact::Input {
    fn from(input: ContactFieldsInput) -> Self {
        let ContactFieldsInput {
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
            tag_names,
            attributes,
            channels,
        } = input;
        let addresses = |given: Vec<ContactChannelInput>| given.into_iter().map(Into::into);
        Self {
            name: change(name),
            first_name: change(first_name),
            last_name: change(last_name),
            username: change(username),
            title: change(title),
            account: change(account),
            email: change(email),
            phone: change(phone),
            country: change(country.map_value(|country| country.0)),
            language: change(language.map_value(|language| language.0)),
            status: status.map(Into::into),
            blocked,
            opted_out,
            bot_active,
            receives_support_requests,
            assignee_id: change(assignee_id.map_value(|id| read_id(&id))),
            team_id: change(team_id.map_value(|id| read_id(&id))),
            tag_names: change(tag_names).map(Option::unwrap_or_default),
            attributes: attributes
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            channels: change(channels).map(|given| {
                given
                    .map(|given| addresses(given).collect())
                    .unwrap_or_default()
            }),
        }
    }
}

impl From<AttributeInput> for contact::AttributeInput {
    fn from(input: AttributeInput) -> Self {
        let AttributeInput { key, value, r#type } = input;
        Self {
            key,
            value: change(value),
            r#type: r#type.map(Into::into),
        }
    }
}

impl From<ContactChannelInput> for AddressInput {
    fn from(input: ContactChannelInput) -> Self {
        let ContactChannelInput {
            channel_id,
            address,
        } = input;
        Self {
            channel_id: channel_id.parse().ok(),
            address,
        }
    }
}
