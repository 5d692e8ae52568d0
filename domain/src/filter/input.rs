//! The filter as it is given, stored and read back: one type for all three.

use crate::scalar::{Date, DateTime, Duration, Time, TimeZone};
use async_graphql::{ID, InputObject};
use entity::contact::ContactStatus as Status;
use serde_json::Value as Json;

/// Whether broadcasts reach a contact.
#[derive(async_graphql::Enum, Debug, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::contact::ContactStatus")]
pub enum ContactStatus {
    /// Reachable by broadcasts.
    Active,
    /// Known, but not to be contacted.
    Inactive,
}

impl ContactStatus {
    /// The status as the contact's row has it.
    pub fn of(self) -> Status {
        self.into()
    }
}

/// Which contacts: all conditions given must hold; nothing given: every contact. A null counts as not given. A condition on a value does
/// not hold for contacts without one, but `not`, `notIn`, `noneOf` and `notInLast` do. A condition with nothing in it (`name: {}`) holds for
/// everyone; of an empty list, `in`, `anyOf` and `status` hold for nobody, `notIn`, `allOf` and `noneOf` for everyone; an empty text is in every
/// value. At most 10 levels deep and 200 conditions, where the installation sets no other limits, 1,000 entries in a list and 10,000 characters in a
/// text, else BAD_USER_INPUT with the path to the place.
#[derive(InputObject, Debug, Clone, Default, PartialEq)]
pub struct ContactFilter {
    /// All of these must hold. An empty list holds for everyone.
    pub and: Option<Vec<ContactFilter>>,
    /// At least one of these must hold. An empty list holds for nobody.
    pub or: Option<Vec<ContactFilter>>,
    /// This must not hold. Holds for contacts without a value.
    pub not: Option<Box<ContactFilter>>,
    /// By what is shown for them (`Contact.displayName`): a name, else what stands in for it. In a filter that is saved it is FORBIDDEN to whom
    /// phone numbers and addresses are masked.
    pub name: Option<TextFilter>,
    /// By first name.
    pub first_name: Option<TextFilter>,
    /// By last name.
    pub last_name: Option<TextFilter>,
    /// By user name.
    pub username: Option<TextFilter>,
    /// By title, such as `Dr.`.
    pub title: Option<TextFilter>,
    /// By the account they belong to.
    pub account: Option<TextFilter>,
    /// By e-mail address. FORBIDDEN to whom it is masked.
    pub email: Option<TextFilter>,
    /// By phone number as it is kept, with the country's digits first: `+`, spaces, dashes, dots, slashes and brackets do not count. A number as
    /// it is dialled within a country (`0151 …`) is found by `search`, not here. FORBIDDEN to whom it is masked.
    pub phone: Option<TextFilter>,
    /// By country, two letters such as `DE`.
    pub country: Option<TextFilter>,
    /// By language, a tag such as `de` or `pt-BR`.
    pub language: Option<TextFilter>,
    /// Of one of these statuses. Where a filter speaks of the status, inactive contacts are no longer left out by themselves.
    pub status: Option<Vec<ContactStatus>>,
    /// Whether they are blocked.
    pub blocked: Option<bool>,
    /// Whether they said stop.
    pub opted_out: Option<bool>,
    /// Whether the bot answers them.
    pub bot_active: Option<bool>,
    /// Whether they are told when someone asks for support.
    pub receives_support_requests: Option<bool>,
    /// By the member who looks after them.
    pub assignee: Option<ReferenceFilter>,
    /// By the team that looks after them.
    pub team: Option<ReferenceFilter>,
    /// By their tags.
    pub tags: Option<SetFilter>,
    /// By the channels on which they have an address.
    pub channels: Option<SetFilter>,
    /// By the channel of the last message.
    pub last_channel: Option<ReferenceFilter>,
    /// By the segments they are in.
    pub segments: Option<SetFilter>,
    /// By the imports that brought or changed them.
    pub imports: Option<SetFilter>,
    /// By when they became known.
    pub created_at: Option<DateTimeFilter>,
    /// By when the first message came or went.
    pub first_contact_at: Option<DateTimeFilter>,
    /// By when the last message came or went.
    pub last_interaction_at: Option<DateTimeFilter>,
    /// By when the last message came.
    pub last_incoming_at: Option<DateTimeFilter>,
    /// By when the conversation with them that was opened last (`Contact.lastConversation`) was opened, whether it goes on or is closed; it counts as opened when
    /// the message that opened it came or was asked for, or when it was opened by hand. `isSet: false`: there has never been a conversation with them.
    pub conversation_opened_at: Option<DateTimeFilter>,
    /// By the time that has passed since the last incoming message, for example `{ lt: "PT24H" }` for WhatsApp's service window.
    pub since_last_incoming: Option<DurationFilter>,
    /// By a custom attribute. For several, use `and`.
    pub attribute: Option<AttributeFilter>,
}

impl ContactFilter {
    /// The filters that it has in it.
    pub fn inner(&self) -> impl Iterator<Item = &Self> {
        let lists = [&self.and, &self.or].into_iter().flatten().flatten();
        lists.chain(self.not.as_deref())
    }
}

/// Conditions on a text; all that are given must hold. Case and accents do not count, as in search and sorting.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct TextFilter {
    /// Is this.
    pub eq: Option<String>,
    /// Is one of these.
    #[graphql(name = "in")]
    pub any: Option<Vec<String>>,
    /// Is none of these, or there is no value.
    pub not_in: Option<Vec<String>>,
    /// Has this in it.
    pub contains: Option<String>,
    /// Begins with this.
    pub starts_with: Option<String>,
    /// Ends with this.
    pub ends_with: Option<String>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on a number; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq)]
pub struct NumberFilter {
    /// Is this.
    pub eq: Option<f64>,
    /// Is one of these.
    #[graphql(name = "in")]
    pub any: Option<Vec<f64>>,
    /// Is less.
    pub lt: Option<f64>,
    /// Is less, or this.
    pub lte: Option<f64>,
    /// Is more.
    pub gt: Option<f64>,
    /// Is more, or this.
    pub gte: Option<f64>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on a calendar date; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct DateFilter {
    /// Where "today" is read off for `inLast` and `inNext`: the workspace's zone where it is left out. A saved filter keeps its zone.
    pub time_zone: Option<TimeZone>,
    /// Is this day.
    pub eq: Option<Date>,
    /// Is earlier.
    pub before: Option<Date>,
    /// Is later.
    pub after: Option<Date>,
    /// Is earlier, or this day.
    pub on_or_before: Option<Date>,
    /// Is later, or this day.
    pub on_or_after: Option<Date>,
    /// Is today or at most so many days ago: `P7D` is today and the seven days before it, `P0D` today. Whole days alone.
    pub in_last: Option<Duration>,
    /// Is today or at most so many days ahead: `P7D` is today and the seven days after it. Whole days alone.
    pub in_next: Option<Duration>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on a time of day; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeFilter {
    /// Is this.
    pub eq: Option<Time>,
    /// Is earlier.
    pub before: Option<Time>,
    /// Is later.
    pub after: Option<Time>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on an instant; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct DateTimeFilter {
    /// Where days begin, for `on`, `inLast` and `notInLast`: the workspace's zone where it is left out. A saved filter keeps its zone.
    pub time_zone: Option<TimeZone>,
    /// Is on this day of the zone: from its midnight, that included, to the next, that not.
    pub on: Option<Date>,
    /// Is earlier.
    pub before: Option<DateTime>,
    /// Is later.
    pub after: Option<DateTime>,
    /// Is earlier, or this instant.
    pub on_or_before: Option<DateTime>,
    /// Is later, or this instant.
    pub on_or_after: Option<DateTime>,
    /// Is not in the future, and at most so long ago. Of whole days (`P7D`) they begin at midnight of the zone: today and the seven days before
    /// it; `P0D` is today so far. Hours (`PT24H`) are counted back from now.
    pub in_last: Option<Duration>,
    /// Is not in that time, or there is no value.
    pub not_in_last: Option<Duration>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on the time that has passed; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct DurationFilter {
    /// Less has passed.
    pub lt: Option<Duration>,
    /// More has passed.
    pub gt: Option<Duration>,
}

/// Conditions on yes or no; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct BooleanFilter {
    /// Is this.
    pub eq: Option<bool>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// Conditions on something that a contact has one of; all that are given must hold. An id that does not exist is nobody's.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct ReferenceFilter {
    /// Is one of these.
    #[graphql(name = "in")]
    pub any: Option<Vec<ID>>,
    /// Is none of these, or there is none.
    pub not_in: Option<Vec<ID>>,
    /// Whether there is one.
    pub is_set: Option<bool>,
}

/// Conditions on something that a contact may have several of; all that are given must hold. An id that does not exist is nobody's.
#[derive(InputObject, Debug, Clone, Default, PartialEq, Eq)]
pub struct SetFilter {
    /// Has at least one of these. An empty list holds for nobody.
    pub any_of: Option<Vec<ID>>,
    /// Has each of these; each counts as a condition. An empty list holds for everyone.
    pub all_of: Option<Vec<ID>>,
    /// Has none of these. An empty list holds for everyone.
    pub none_of: Option<Vec<ID>>,
    /// Whether there are none at all.
    pub is_empty: Option<bool>,
}

/// Conditions on the items of an ARRAY; all that are given must hold. Texts are compared without regard to case and accents, numbers by their value,
/// whatever else as JSON.
#[derive(InputObject, Debug, Clone, Default, PartialEq)]
pub struct ArrayFilter {
    /// Has at least one of these. An empty list holds for nobody.
    pub any_of: Option<Vec<Json>>,
    /// Has each of these; each counts as a condition. An empty list holds for everyone who has a value.
    pub all_of: Option<Vec<Json>>,
    /// Has none of these, or there is no value.
    pub none_of: Option<Vec<Json>>,
    /// Whether there is an array without items (false: one with items).
    pub is_empty: Option<bool>,
    /// Whether there is a value, be it an array without items.
    pub is_set: Option<bool>,
}

/// Conditions on a place; all that are given must hold.
#[derive(InputObject, Debug, Clone, Default, PartialEq)]
pub struct LocationFilter {
    /// Is in this circle, its edge included.
    pub within: Option<CircleInput>,
    /// Whether there is a value.
    pub is_set: Option<bool>,
}

/// A circle on the earth, taken as a sphere with a radius of 6,371,008.8 m (the mean of IUGG): wrong by half a percent at most.
#[derive(InputObject, Debug, Clone, PartialEq)]
pub struct CircleInput {
    /// Of the middle, in degrees: -90 to 90.
    pub latitude: f64,
    /// Of the middle, in degrees: -180 to 180.
    pub longitude: f64,
    /// In metres, 0 to 20,100,000.
    pub radius: f64,
}

/// A condition on a custom attribute: its key, and exactly one condition beside it, of the attribute's own type or `isSet`.
#[derive(InputObject, Debug, Clone, Default, PartialEq)]
pub struct AttributeFilter {
    /// The attribute's key, without `attr.`. One that is not there is BAD_USER_INPUT.
    pub key: String,
    /// For TEXT.
    pub text: Option<TextFilter>,
    /// For NUMBER.
    pub number: Option<NumberFilter>,
    /// For DATE.
    pub date: Option<DateFilter>,
    /// For TIME.
    pub time: Option<TimeFilter>,
    /// For DATETIME.
    pub date_time: Option<DateTimeFilter>,
    /// For BOOLEAN.
    pub boolean: Option<BooleanFilter>,
    /// For ARRAY.
    pub array: Option<ArrayFilter>,
    /// For LOCATION.
    pub location: Option<LocationFilter>,
    /// Whether there is a value; for every type.
    pub is_set: Option<bool>,
}
