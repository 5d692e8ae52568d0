//! What a person says about a contact, read: every field checked, all that does not hold reported at once.

use super::{Change, Fault, Patch, address, belonging::Belonging, field};
use crate::{
    attribute::{self, Attributes, NewAttribute},
    channel,
    db::Tx,
    error::{Error, Result, UserError},
    phone::{self, Country},
    value::Value,
    viewer::Viewer,
    workspace,
};
use entity::{
    attribute::AttributeType,
    contact::ContactStatus,
    contact_channel,
    id::{AttributeId, ChannelId, MemberId, TagId, TeamId},
};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::Value as Json;

/// A contact's fields as a person gives them.
#[derive(Debug, Clone, Default)]
#[allow(missing_docs, reason = "each is the contact's field of that name")]
pub struct Input {
    pub name: Change<String>,
    pub first_name: Change<String>,
    pub last_name: Change<String>,
    pub username: Change<String>,
    pub title: Change<String>,
    pub account: Change<String>,
    pub email: Change<String>,
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
    /// The names of all tags, where given; those that are not there are made.
    pub tag_names: Option<Vec<String>>,
    /// Only those named change.
    pub attributes: Vec<AttributeInput>,
    /// All addresses, where given.
    pub channels: Option<Vec<AddressInput>>,
}

/// A custom value as a person gives it.
#[derive(Debug, Clone)]
pub struct AttributeInput {
    /// The attribute's key.
    pub key: String,
    /// `Some(None)` removes it; none is refused.
    pub value: Change<Json>,
    /// The type to make the attribute with, where there is none of this key.
    pub r#type: Option<AttributeType>,
}

/// An address as a person gives it.
#[derive(Debug, Clone)]
pub struct AddressInput {
    /// None: an id that leads nowhere.
    pub channel_id: Option<ChannelId>,
    /// As people write it.
    pub address: String,
}

/// An address in its one form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) channel_id: ChannelId,
    pub(super) address: String,
}

/// An input that has been read.
pub(super) struct Prepared {
    pub(super) patch: Patch,
    pub(super) addresses: Option<Vec<Address>>,
    pub(super) tags: Option<Vec<TagId>>,
    pub(super) attributes: Attributes,
}

fn user_error(field: &str, fault: Fault) -> UserError {
    UserError::new(field, fault.code.as_str(), fault.message)
}

/// Reads every field, and reports all that do not hold at once. What the contact belongs to was found before.
pub(super) async fn prepare(
    tx: &Tx,
    viewer: &Viewer,
    input: Input,
    belonging: Belonging,
    old: &[contact_channel::Model],
) -> Result<Prepared> {
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let country = workspace
        .default_country
        .as_deref()
        .and_then(|country| country.parse().ok());
    let zone = workspace::zone(&workspace);
    let mut errors = belonging.errors;
    let mut attributes = Attributes::hold(tx, viewer).await?;
    let values = read_attributes(
        tx,
        viewer,
        input.attributes,
        zone,
        &mut attributes,
        &mut errors,
    )
    .await?;
    let addresses = match input.channels {
        Some(given) => Some(read_addresses(tx, viewer, given, old, country, &mut errors).await?),
        None => None,
    };
    let mut read = Reader {
        errors: &mut errors,
    };
    let patch = Patch {
        name: read.field("name", input.name, field::text),
        first_name: read.field("firstName", input.first_name, field::text),
        last_name: read.field("lastName", input.last_name, field::text),
        username: read.field("username", input.username, field::text),
        title: read.field("title", input.title, field::text),
        account: read.field("account", input.account, field::text),
        email: read.field("email", input.email, field::email),
        phone: read.field("phone", input.phone, |raw| phone_number(raw, country)),
        country: read.field("country", input.country, field::country),
        language: read.field("language", input.language, field::language),
        status: input.status,
        blocked: input.blocked,
        opted_out: input.opted_out,
        bot_active: input.bot_active,
        receives_support_requests: input.receives_support_requests,
        assignee_id: belonging.assignee_id,
        team_id: belonging.team_id,
        attributes: values,
    };
    if errors.is_empty() {
        Ok(Prepared {
            patch,
            addresses,
            tags: belonging.tags,
            attributes,
        })
    } else {
        Err(Error::User(errors))
    }
}

fn phone_number(raw: &str, country: Option<Country>) -> Result<Option<String>, Fault> {
    if raw.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(phone::parse(raw, country)?.into_string()))
}

/// Reads fields, and keeps what is wrong with them.
struct Reader<'a> {
    errors: &'a mut Vec<UserError>,
}

impl Reader<'_> {
    fn field<T>(
        &mut self,
        name: &str,
        given: Change<String>,
        read: impl Fn(&str) -> Result<Option<T>, Fault>,
    ) -> Change<T> {
        match given? {
            None => Some(None),
            Some(raw) => match read(&raw) {
                Ok(value) => Some(value),
                Err(fault) => {
                    self.errors
                        .push(user_error(&format!("contact.{name}"), fault));
                    None
                }
            },
        }
    }
}

async fn read_attributes(
    tx: &Tx,
    viewer: &Viewer,
    given: Vec<AttributeInput>,
    zone: chrono_tz::Tz,
    attributes: &mut Attributes,
    errors: &mut Vec<UserError>,
) -> Result<Vec<(AttributeId, Option<Value>)>> {
    let mut values: Vec<(AttributeId, Option<Value>)> = Vec::with_capacity(given.len());
    for (n, AttributeInput { key, value, r#type }) in given.into_iter().enumerate() {
        let path = format!("contact.attributes.{n}");
        let there = attributes
            .by_key(&key)
            .map(|attribute| (attribute.id, attribute.r#type));
        let (id, of_type) = match (there, r#type) {
            (Some((_, is)), Some(wanted)) if is != wanted => {
                let message = format!(
                    "The attribute \"{key}\" is of type {is}, and a key has one type for ever: it cannot be {wanted} too."
                );
                errors.push(UserError::new(
                    &format!("{path}.type"),
                    "ATTRIBUTE_TYPE_CONFLICT",
                    message,
                ));
                continue;
            }
            (Some(there), _) => there,
            (None, Some(r#type)) => match create_attribute(tx, viewer, &key, r#type).await {
                Ok(made) => {
                    let there = (made.id, made.r#type);
                    attributes.push(made);
                    there
                }
                Err(Error::User(found)) => {
                    let parts: Vec<&str> = path.split('.').collect();
                    errors.extend(found.into_iter().map(|error| error.under(&parts)));
                    continue;
                }
                Err(error) => return Err(error),
            },
            (None, None) => {
                let message =
                    format!("There is no attribute \"{key}\"; say which type to make it with.");
                errors.push(UserError::new(&format!("{path}.key"), "NOT_FOUND", message));
                continue;
            }
        };
        if values.iter().any(|(other, _)| *other == id) {
            let message = "This attribute is given twice.";
            errors.push(UserError::new(&format!("{path}.key"), "INVALID", message));
            continue;
        }
        match read_value(&format!("{path}.value"), of_type, value, zone) {
            Ok(value) => values.push((id, value)),
            Err(error) => errors.push(error),
        }
    }
    Ok(values)
}

/// Null removes; what is left out would do so by accident.
fn read_value(
    path: &str,
    of_type: AttributeType,
    given: Change<Json>,
    zone: chrono_tz::Tz,
) -> Result<Option<Value>, UserError> {
    let Some(given) = given else {
        let message = "Say the value, or null to remove it.";
        return Err(UserError::new(path, "REQUIRED", message));
    };
    given
        .filter(|value| !value.is_null())
        .map(|value| Value::from_json(of_type, &value, zone))
        .transpose()
        .map_err(|error| user_error(path, error.into()))
}

async fn create_attribute(
    tx: &Tx,
    viewer: &Viewer,
    key: &str,
    r#type: AttributeType,
) -> Result<entity::attribute::Model> {
    let key = key.to_owned();
    let new = NewAttribute {
        key,
        label: None,
        r#type,
        description: None,
        filterable: None,
        import_id: None,
    };
    attribute::create(tx, viewer, new).await
}

async fn read_addresses(
    tx: &Tx,
    viewer: &Viewer,
    given: Vec<AddressInput>,
    old: &[contact_channel::Model],
    country: Option<Country>,
    errors: &mut Vec<UserError>,
) -> Result<Vec<Address>> {
    let channels = channel::list(&**tx, viewer).await?;
    let mut addresses: Vec<Address> = Vec::with_capacity(given.len());
    for (
        n,
        AddressInput {
            channel_id,
            address: raw,
        },
    ) in given.into_iter().enumerate()
    {
        let path = format!("contact.channels.{n}");
        let Some(channel) = channels
            .iter()
            .find(|channel| Some(channel.id) == channel_id)
        else {
            errors.push(UserError::not_found(
                &format!("{path}.channelId"),
                "channel",
            ));
            continue;
        };
        match address::normalise(channel.kind, &raw, country) {
            Ok(address) => {
                let address = Address {
                    channel_id: channel.id,
                    address,
                };
                let own = old.iter().any(|row| {
                    row.channel_id == address.channel_id && row.address == address.address
                });
                if !own && is_taken(tx, viewer, &address).await? {
                    let message = "Another contact has this address on this channel.";
                    errors.push(UserError::new(&format!("{path}.address"), "TAKEN", message));
                } else if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            Err(fault) => errors.push(user_error(&format!("{path}.address"), fault)),
        }
    }
    Ok(addresses)
}

async fn is_taken(tx: &Tx, viewer: &Viewer, address: &Address) -> Result<bool> {
    let query = viewer
        .find::<contact_channel::Entity>()
        .filter(contact_channel::Column::ChannelId.eq(address.channel_id))
        .filter(contact_channel::Column::Address.eq(address.address.as_str()));
    Ok(query.one(&**tx).await?.is_some())
}
