//! Those who write, many at once: found by who they are on the channel or by their number, else made; what has become of them is written in the end. How many
//! statements that takes does not depend on how many they are.

mod find;
mod save;

use super::{
    address,
    met::{Met, Unsaved},
    write,
};
use crate::{
    attribute::Attributes,
    clock,
    db::{Tx, dialect},
    error::{Error, Result},
    phone,
    viewer::Viewer,
};
use entity::{
    channel::Model as Channel,
    contact_channel,
    id::{ContactChannelId, ContactId},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

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

impl Writer {
    /// Their own addresses before the other ways to write them, for those count for less.
    fn known_by(&self) -> impl Iterator<Item = &String> {
        self.addresses.iter().chain(&self.variants)
    }
}

/// Those who wrote over one channel; whoever was there before is locked.
pub(crate) struct People<'a> {
    viewer: &'a Viewer,
    channel: &'a Channel,
    attributes: &'a Attributes,
    met: BTreeMap<ContactId, Met>,
    /// Who has an address on the channel.
    owners: HashMap<String, ContactId>,
}

impl<'a> People<'a> {
    /// Finds them all; those who are not known are made, with what they call themselves.
    ///
    /// # Errors
    /// When the database is away.
    pub(crate) async fn meet(
        tx: &Tx,
        (viewer, channel, attributes): (&'a Viewer, &'a Channel, &'a Attributes),
        writers: &[&Writer],
    ) -> Result<Self> {
        let mut people = Self {
            viewer,
            channel,
            attributes,
            met: BTreeMap::new(),
            owners: HashMap::new(),
        };
        people.owners = people.owners_of(tx, writers).await?;
        let is_unknown = |writer: &&&Writer| people.owner(writer).is_none();
        let unknown: Vec<&Writer> = writers.iter().filter(is_unknown).copied().collect();
        let by_number = people.by_number(tx, &unknown).await?;
        people.lock(tx, writers, &by_number).await?;
        people.add(tx, writers, &unknown, by_number).await?;
        Ok(people)
    }

    /// One of them.
    pub(crate) fn of(&mut self, writer: &Writer) -> Option<&mut Met> {
        let id = self.owner(writer)?;
        self.met.get_mut(&id)
    }

    /// One of them, by id.
    pub(crate) fn get(&self, id: ContactId) -> Option<&Met> {
        self.met.get(&id)
    }

    fn owner(&self, writer: &Writer) -> Option<ContactId> {
        let mut known_by = writer.known_by();
        known_by.find_map(|address| self.owners.get(address).copied())
    }

    /// Makes whoever is not known, and gives everybody the addresses that nobody has.
    async fn add(
        &mut self,
        tx: &Tx,
        writers: &[&Writer],
        unknown: &[&Writer],
        mut by_number: HashMap<String, ContactId>,
    ) -> Result<()> {
        // As many as there may be: who has several messages among these is made once.
        let distinct: BTreeSet<&[String]> =
            unknown.iter().map(|w| w.addresses.as_slice()).collect();
        let ids = dialect::reserve_ids(&**tx, "contact", distinct.len()).await?;
        let mut ids = ids.into_iter().map(ContactId);
        for writer in writers {
            let id = match self.owner(writer) {
                Some(id) => id,
                None => match writer.addresses.first().and_then(|of| by_number.remove(of)) {
                    Some(id) if !self.is_here(id) => id,
                    _ => {
                        let id = ids
                            .next()
                            .ok_or_else(|| Error::Broken("too few ids".to_owned()))?;
                        self.make(writer, id);
                        id
                    }
                },
            };
            for address in &writer.addresses {
                self.give(id, address);
            }
        }
        Ok(())
    }

    /// Whether somebody has an address on the channel.
    fn is_here(&self, id: ContactId) -> bool {
        let met = self.met.get(&id);
        met.is_some_and(|met| {
            met.addresses
                .iter()
                .any(|row| row.channel_id == self.channel.id)
        })
    }

    fn make(&mut self, writer: &Writer, id: ContactId) {
        let mut contact = write::blank(self.viewer.workspace_id);
        contact.id = id;
        if address::is_phone(self.channel.kind) {
            let first = writer.addresses.first();
            contact.phone = first
                .filter(|address| phone::parse(address, None).is_ok())
                .cloned();
        }
        contact.profile_name.clone_from(&writer.profile_name);
        contact.avatar_url.clone_from(&writer.avatar_url);
        self.met
            .insert(id, Met::new(contact, Vec::new(), Unsaved::New));
    }

    /// Gives somebody an address, where nobody has it.
    fn give(&mut self, id: ContactId, address: &String) {
        if self.owners.contains_key(address) {
            return;
        }
        self.owners.insert(address.clone(), id);
        if let Some(met) = self.met.get_mut(&id) {
            met.unsaved(Unsaved::Whole);
            met.addresses.push(contact_channel::Model {
                id: ContactChannelId(0),
                workspace_id: self.viewer.workspace_id,
                contact_id: id,
                channel_id: self.channel.id,
                address: address.clone(),
                profile_name: None,
                first_contact_at: None,
                last_contact_at: None,
                last_incoming_at: None,
                created_at: clock::now(),
            });
        }
    }
}
