//! Whether those who write are known.

use super::{
    super::{
        address,
        met::{Met, Unsaved},
        visible,
    },
    People, Writer,
};
use crate::{
    db::{Tx, dialect},
    error::{Error, Result},
};
use entity::{contact, contact_channel, id::ContactId};
use sea_orm::{ColumnTrait, ConnectionTrait, QueryFilter, QueryOrder, QuerySelect};
use std::collections::{BTreeSet, HashMap};

impl People<'_> {
    /// Who has which of their addresses on the channel.
    pub(super) async fn owners_of(
        &self,
        tx: &Tx,
        writers: &[&Writer],
    ) -> Result<HashMap<String, ContactId>> {
        let known_by = writers.iter().flat_map(|writer| writer.known_by());
        let known_by: BTreeSet<&String> = known_by.collect();
        let known_by: Vec<String> = known_by.into_iter().cloned().collect();
        let backend = tx.get_database_backend();
        let rows: Vec<(String, ContactId)> = self
            .viewer
            .find::<contact_channel::Entity>()
            .filter(contact_channel::Column::ChannelId.eq(self.channel.id))
            .filter(dialect::is_one_text(
                backend,
                "contact_channel.address",
                &known_by,
            ))
            .select_only()
            .columns([
                contact_channel::Column::Address,
                contact_channel::Column::ContactId,
            ])
            .into_tuple()
            .all(&**tx)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// For each of these numbers the one contact who has it and is nobody on the channel yet: made by hand or by a file, before they wrote.
    pub(super) async fn by_number(
        &self,
        tx: &Tx,
        unknown: &[&Writer],
    ) -> Result<HashMap<String, ContactId>> {
        if unknown.is_empty() || !address::is_phone(self.channel.kind) {
            return Ok(HashMap::new());
        }
        let numbers: BTreeSet<&String> = unknown.iter().flat_map(|w| w.known_by()).collect();
        let numbers: Vec<String> = numbers.into_iter().cloned().collect();
        let is_one = dialect::is_one_text(tx.get_database_backend(), "contact.phone", &numbers);
        // Of many with one number it is enough to know that they are several.
        let found: Vec<Found> = visible(self.viewer)
            .filter(is_one)
            .select_only()
            .column(contact::Column::Phone)
            .expr_as(contact::Column::Id.min(), "first")
            .expr_as(contact::Column::Id.max(), "last")
            .group_by(contact::Column::Phone)
            .into_tuple()
            .all(&**tx)
            .await?;
        let ids: Vec<ContactId> = found.iter().map(|(_, first, _)| *first).collect();
        let there = address::of_contacts(&**tx, self.viewer, &ids).await?;
        let here = there.iter().filter(|row| row.channel_id == self.channel.id);
        let here: BTreeSet<ContactId> = here.map(|row| row.contact_id).collect();
        let mut by_number = of_each(unknown, &found);
        by_number.retain(|_, id| !here.contains(id));
        Ok(by_number)
    }

    /// Reads whoever is there already; nobody else changes them until the transaction ends.
    pub(super) async fn lock(
        &mut self,
        tx: &Tx,
        writers: &[&Writer],
        by_number: &HashMap<String, ContactId>,
    ) -> Result<()> {
        let known = writers.iter().filter_map(|writer| self.owner(writer));
        let ids: BTreeSet<ContactId> = known.chain(by_number.values().copied()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        let numbers = ids.iter().map(|id| id.0);
        let found = visible(self.viewer)
            .filter(dialect::is_one_of(
                tx.get_database_backend(),
                "contact.id",
                numbers,
            ))
            // Two who write to the same take turns.
            .order_by_asc(contact::Column::Id)
            .lock_exclusive()
            .all(&**tx)
            .await?;
        if found.len() < ids.len() {
            return Err(Error::Broken("one who wrote is gone".to_owned()));
        }
        let ids: Vec<ContactId> = ids.into_iter().collect();
        let mut addresses: HashMap<ContactId, Vec<contact_channel::Model>> = HashMap::new();
        for row in address::of_contacts(&**tx, self.viewer, &ids).await? {
            addresses.entry(row.contact_id).or_default().push(row);
        }
        for contact in found {
            let addresses = addresses.remove(&contact.id).unwrap_or_default();
            let id = contact.id;
            self.met
                .insert(id, Met::new(contact, addresses, Unsaved::Nothing));
        }
        Ok(())
    }
}

/// A number and the first and last of those who have it.
type Found = (String, ContactId, ContactId);

/// Those who are the only ones with any of a writer's numbers, by the first of these.
fn of_each(unknown: &[&Writer], found: &[Found]) -> HashMap<String, ContactId> {
    let found: HashMap<&String, &Found> = found.iter().map(|found| (&found.0, found)).collect();
    let only = |writer: &&Writer| {
        let mut all = writer.known_by().filter_map(|number| found.get(number));
        let (_, first, last) = all.next()?;
        let is_only = first == last && all.next().is_none();
        let number = writer.addresses.first().filter(|_| is_only)?;
        Some((number.clone(), *first))
    };
    unknown.iter().filter_map(only).collect()
}
