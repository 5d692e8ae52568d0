//! Somebody who has written: what their messages change of them.

use super::{
    address,
    patch::derive,
    write::{self, Changed},
};
use crate::{attribute::Attributes, clock, db::Tx, error::Result, viewer::Viewer};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    contact::{self, ContactStatus, Model},
    contact_channel,
    id::ContactId,
};
use sea_orm::{ColumnTrait, QueryFilter, QuerySelect};

/// How much of a contact is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unsaved {
    /// Nothing.
    Nothing,
    /// When they wrote and where, which few indexes hold: the whole costs each of them.
    Times,
    /// All of it, with what is derived from it.
    Whole,
    /// All of it; they are not there yet.
    New,
}

/// A contact who wrote; whoever is there already is locked.
#[derive(Debug)]
pub(crate) struct Met {
    pub(crate) contact: Model,
    was: ContactStatus,
    /// Those that are not there yet have the id 0.
    pub(super) addresses: Vec<contact_channel::Model>,
    pub(super) unsaved: Unsaved,
}

impl Met {
    pub(super) fn new(
        contact: Model,
        addresses: Vec<contact_channel::Model>,
        unsaved: Unsaved,
    ) -> Self {
        Self {
            was: contact.status,
            contact,
            addresses,
            unsaved,
        }
    }

    pub(super) fn unsaved(&mut self, what: Unsaved) {
        self.unsaved = self.unsaved.max(what);
    }

    /// Notes that they wrote at `at` over `channel`: their times there and in all, and the profile where this is the newest message. It is no edit.
    pub(crate) fn wrote(
        &mut self,
        channel: &Channel,
        (profile_name, avatar_url): (Option<&str>, Option<&str>),
        at: DateTime<Utc>,
    ) {
        let contact = &mut self.contact;
        let is_newest = contact.last_interaction_at.is_none_or(|last| last <= at);
        let mut unsaved = Unsaved::Times;
        if is_newest {
            contact.last_channel_id = Some(channel.id);
            for (field, new) in [
                (&mut contact.profile_name, profile_name),
                (&mut contact.avatar_url, avatar_url),
            ] {
                if new.is_some() && field.as_deref() != new {
                    *field = new.map(str::to_owned);
                    unsaved = Unsaved::Whole;
                }
            }
        }
        earliest(&mut contact.first_contact_at, at);
        latest(&mut contact.last_interaction_at, at);
        latest(&mut contact.last_incoming_at, at);
        let here = self.addresses.iter_mut();
        for row in here.filter(|row| row.channel_id == channel.id) {
            if is_newest && profile_name.is_some() {
                row.profile_name = profile_name.map(str::to_owned);
            }
            earliest(&mut row.first_contact_at, at);
            latest(&mut row.last_contact_at, at);
            latest(&mut row.last_incoming_at, at);
        }
        self.unsaved(unsaved);
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
        self.unsaved(Unsaved::Whole);
        true
    }

    fn edited(&mut self) {
        self.unsaved(Unsaved::Whole);
        self.contact.version += 1;
        self.contact.updated_at = clock::now();
    }

    /// The texts of their addresses, oldest first.
    pub(super) fn texts(&self) -> Vec<String> {
        let texts = self.addresses.iter().map(|row| row.address.clone());
        texts.collect()
    }

    /// The contact as it is to be written.
    pub(super) fn changed(mut self) -> Changed {
        let first = self.addresses.first().map(|row| row.address.as_str());
        derive(&mut self.contact, first);
        Changed {
            contact: self.contact,
            was: self.was,
        }
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
    let opt_out = |met: &mut Met| {
        met.opt_out(at);
    };
    edit(tx, viewer, id, opt_out).await
}

/// Switches the bot off for a contact, until a member switches it on.
pub(crate) async fn silence_bot(tx: &Tx, viewer: &Viewer, id: ContactId) -> Result<()> {
    let silence = |met: &mut Met| {
        if std::mem::replace(&mut met.contact.bot_active, false) {
            met.edited();
        }
    };
    edit(tx, viewer, id, silence).await
}

/// Writes a contact as `change` leaves them.
async fn edit(
    tx: &Tx,
    viewer: &Viewer,
    id: ContactId,
    change: impl FnOnce(&mut Met),
) -> Result<()> {
    let Some(contact) = locked(tx, viewer, id).await? else {
        return Ok(());
    };
    let attributes = Attributes::hold(tx, viewer).await?;
    let addresses = address::of_contacts(&**tx, viewer, &[id]).await?;
    let mut met = Met::new(contact, addresses, Unsaved::Nothing);
    change(&mut met);
    if met.unsaved > Unsaved::Nothing {
        let texts = write::Addresses::from([(id, met.texts())]);
        write::update(&**tx, &[met.changed()], &texts, &attributes).await?;
    }
    Ok(())
}

/// A contact whom the viewer sees; nobody else changes them until the transaction ends.
pub(crate) async fn locked(tx: &Tx, viewer: &Viewer, id: ContactId) -> Result<Option<Model>> {
    Ok(super::visible(viewer)
        .filter(contact::Column::Id.eq(id))
        .lock_exclusive()
        .one(&**tx)
        .await?)
}
