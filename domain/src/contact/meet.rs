//! People who write: found by who they are on the channel, or by their number, else made.

use super::{
    address,
    input::Address,
    patch::derive,
    save::insert_addresses,
    write::{self, Changed},
};
use crate::{
    attribute::Attributes,
    db::{Tx, dialect},
    error::Result,
    phone,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    contact::{self, ContactStatus, Model},
    contact_channel,
    id::ContactId,
};
use sea_orm::{ActiveModelTrait, ColumnTrait, QueryFilter, QueryOrder, QuerySelect, Set};

/// Who wrote, as the channel tells it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Writer {
    /// Their addresses in the form in which addresses are kept, the one to show first.
    pub(crate) addresses: Vec<String>,
    /// Other ways in which the first may be written: for finding alone.
    pub(crate) variants: Vec<String>,
    /// What they call themselves.
    pub(crate) profile_name: Option<String>,
    /// Where their picture is.
    pub(crate) avatar_url: Option<String>,
}

/// A contact who wrote, locked.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) contact: Model,
    was: ContactStatus,
    addresses: Vec<contact_channel::Model>,
}

/// Finds who wrote over a channel, and gives them the addresses that they did not have; makes them where they are not known.
pub(crate) async fn meet(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    writer: &Writer,
    attributes: &Attributes,
) -> Result<Met> {
    let (id, known) = match find(tx, viewer, channel, writer).await? {
        Some(found) => found,
        None => {
            let id = make(tx, viewer, channel, writer, attributes).await?;
            (id, Vec::new())
        }
    };
    let is_new = |address: &String| !known.contains(address);
    if writer.addresses.iter().any(is_new) {
        add_addresses(tx, viewer, channel, writer, id).await?;
    }
    let found = locked(tx, viewer, id).await?;
    let contact = found.ok_or_else(|| crate::error::Error::Broken(format!("{id} is gone")))?;
    let addresses = address::of_contacts(&**tx, viewer, &[id]).await?;
    Ok(Met {
        was: contact.status,
        contact,
        addresses,
    })
}

/// Who it is, and which of the addresses they have already.
async fn find(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    writer: &Writer,
) -> Result<Option<(ContactId, Vec<String>)>> {
    let known = writer.addresses.iter().chain(&writer.variants);
    let known: Vec<&str> = known.map(String::as_str).collect();
    let rows = viewer
        .find::<contact_channel::Entity>()
        .filter(contact_channel::Column::ChannelId.eq(channel.id))
        .filter(contact_channel::Column::Address.is_in(known.iter().copied()))
        .all(&**tx)
        .await?;
    // Their own address counts for more than another way to write it.
    let found = rows.iter().min_by_key(|row| {
        let place = known.iter().position(|address| *address == row.address);
        (place, row.id)
    });
    if let Some(id) = found.map(|row| row.contact_id) {
        let own = rows.into_iter().filter(|row| row.contact_id == id);
        return Ok(Some((id, own.map(|row| row.address).collect())));
    }
    if !address::is_phone(channel.kind) {
        return Ok(None);
    }
    let id = by_number(tx, viewer, channel, &known).await?;
    Ok(id.map(|id| (id, Vec::new())))
}

/// The one contact with this phone number who is nobody on the channel yet: made by hand or by a file, before they wrote.
async fn by_number(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    numbers: &[&str],
) -> Result<Option<ContactId>> {
    let rows = super::visible(viewer)
        .filter(contact::Column::Phone.is_in(numbers.iter().copied()))
        .order_by_asc(contact::Column::Id)
        .limit(2)
        .all(&**tx)
        .await?;
    let [only] = rows.as_slice() else {
        return Ok(None);
    };
    let addresses = address::of_contacts(&**tx, viewer, &[only.id]).await?;
    let is_somebody = addresses.iter().any(|row| row.channel_id == channel.id);
    Ok((!is_somebody).then_some(only.id))
}

async fn make(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    writer: &Writer,
    attributes: &Attributes,
) -> Result<ContactId> {
    let mut contact = write::blank(viewer.workspace_id);
    contact.id = ContactId(dialect::reserve_ids(&**tx, "contact", 1).await?[0]);
    let first = writer.addresses.first();
    if address::is_phone(channel.kind) {
        contact.phone = first
            .filter(|address| phone::parse(address, None).is_ok())
            .cloned();
    }
    contact.profile_name.clone_from(&writer.profile_name);
    contact.avatar_url.clone_from(&writer.avatar_url);
    derive(&mut contact, first.map(String::as_str));
    let texts = write::Addresses::from([(contact.id, writer.addresses.clone())]);
    write::insert(&**tx, std::slice::from_ref(&contact), &texts, attributes).await?;
    Ok(contact.id)
}

async fn add_addresses(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    writer: &Writer,
    id: ContactId,
) -> Result<()> {
    let addresses: Vec<Address> = writer
        .addresses
        .iter()
        .map(|address| Address {
            channel_id: channel.id,
            address: address.clone(),
        })
        .collect();
    insert_addresses(tx, viewer, id, &addresses).await?;
    Ok(())
}

impl Met {
    /// Notes that they wrote at `at` over `channel`: their times there and in all, and the profile where this is the newest message. It is no edit.
    pub(crate) async fn wrote(
        mut self,
        tx: &Tx,
        channel: &Channel,
        writer: &Writer,
        at: DateTime<Utc>,
        attributes: &Attributes,
    ) -> Result<()> {
        let contact = &mut self.contact;
        let is_newest = contact.last_interaction_at.is_none_or(|last| last <= at);
        if is_newest {
            contact.last_channel_id = Some(channel.id);
            for (field, new) in [
                (&mut contact.profile_name, &writer.profile_name),
                (&mut contact.avatar_url, &writer.avatar_url),
            ] {
                if new.is_some() {
                    field.clone_from(new);
                }
            }
        }
        earliest(&mut contact.first_contact_at, at);
        latest(&mut contact.last_interaction_at, at);
        latest(&mut contact.last_incoming_at, at);
        for row in self
            .addresses
            .iter()
            .filter(|row| row.channel_id == channel.id)
        {
            let mut row = row.clone();
            if is_newest && writer.profile_name.is_some() {
                row.profile_name.clone_from(&writer.profile_name);
            }
            earliest(&mut row.first_contact_at, at);
            latest(&mut row.last_contact_at, at);
            latest(&mut row.last_incoming_at, at);
            let changed = contact_channel::ActiveModel {
                id: Set(row.id),
                profile_name: Set(row.profile_name),
                first_contact_at: Set(row.first_contact_at),
                last_contact_at: Set(row.last_contact_at),
                last_incoming_at: Set(row.last_incoming_at),
                ..Default::default()
            };
            changed.update(&**tx).await?;
        }
        self.save(tx, attributes).await
    }

    /// Writes the contact as it now stands.
    pub(crate) async fn save(mut self, tx: &Tx, attributes: &Attributes) -> Result<()> {
        let texts: Vec<String> = self.addresses.into_iter().map(|row| row.address).collect();
        derive(&mut self.contact, texts.first().map(String::as_str));
        let texts = write::Addresses::from([(self.contact.id, texts)]);
        let changed = [Changed {
            contact: self.contact,
            was: self.was,
        }];
        write::update(&**tx, &changed, &texts, attributes).await?;
        Ok(())
    }

    /// Notes that they said at `at` that they want nothing more; who has said so before keeps that time. It is an edit. Whether there is anything to write.
    pub(crate) fn opt_out(&mut self, at: DateTime<Utc>) -> bool {
        if !self.chose(at) {
            return false;
        }
        if self.contact.opted_out_at.is_none() {
            self.contact.opted_out_at = Some(at);
            self.edited();
        }
        true
    }

    /// Notes that they took a stop back at `at`. Whether there is anything to write.
    pub(crate) fn opt_in(&mut self, at: DateTime<Utc>) -> bool {
        if !self.chose(at) {
            return false;
        }
        if self.contact.opted_out_at.take().is_some() {
            self.edited();
        }
        true
    }

    /// Notes that they chose at `at`; false where they have chosen later, and this is told late or again.
    fn chose(&mut self, at: DateTime<Utc>) -> bool {
        let contact = &mut self.contact;
        let last = contact.preference_at.max(contact.opted_out_at);
        // Providers tell whole seconds: within one, what comes last counts.
        if last.is_some_and(|last| at.timestamp() < last.timestamp()) {
            return false;
        }
        latest(&mut contact.preference_at, at);
        true
    }

    fn edited(&mut self) {
        self.contact.version += 1;
        self.contact.updated_at = crate::clock::now();
    }
}

fn earliest(field: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *field = Some(field.map_or(at, |old| old.min(at)));
}

fn latest(field: &mut Option<DateTime<Utc>>, at: DateTime<Utc>) {
    *field = Some(field.map_or(at, |old| old.max(at)));
}

/// Notes that a contact said at `at` that they want nothing more; who is gone, or has taken it back since, stays as they are.
pub(crate) async fn opt_out(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    at: DateTime<Utc>,
) -> Result<()> {
    edit(tx, viewer, id, |met| met.opt_out(at)).await
}

/// Switches the bot off for a contact, until a member switches it on.
pub(crate) async fn silence_bot(tx: &Tx, viewer: &Viewer, id: ContactId) -> Result<()> {
    let silence = |met: &mut Met| {
        let was_active = std::mem::replace(&mut met.contact.bot_active, false);
        if was_active {
            met.edited();
        }
        was_active
    };
    edit(tx, viewer, id, silence).await
}

/// Writes a contact whom `change` has changed, where it says so.
async fn edit(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    change: impl FnOnce(&mut Met) -> bool,
) -> Result<()> {
    let Some(contact) = locked(tx, viewer, id).await? else {
        return Ok(());
    };
    let attributes = Attributes::hold(tx, viewer).await?;
    let mut met = Met {
        was: contact.status,
        contact,
        addresses: address::of_contacts(&**tx, viewer, &[id]).await?,
    };
    match change(&mut met) {
        true => met.save(tx, &attributes).await,
        false => Ok(()),
    }
}

/// A contact whom the viewer sees; nobody else changes them until the transaction ends.
pub(crate) async fn locked(tx: &Tx, viewer: &Viewer, id: ContactId) -> Result<Option<Model>> {
    Ok(super::visible(viewer)
        .filter(contact::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?)
}
