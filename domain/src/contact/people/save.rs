//! What has become of those who wrote, into the database.

use super::{
    super::{
        met::Unsaved,
        save::ADDRESS_COLUMNS,
        write::{self, Addresses, Changed},
    },
    People,
};
use crate::{
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::{Error, Result},
};
use entity::contact_channel::Model;

impl People<'_> {
    /// Writes them all as they now stand.
    ///
    /// # Errors
    /// When the database is away, or somebody has taken one of the new addresses meanwhile: then the same is to be tried again.
    pub(crate) async fn save(self, tx: &Tx) -> Result<()> {
        let attributes = self.attributes;
        let (mut made, mut changed, mut times) = (Vec::new(), Vec::new(), Vec::new());
        let (mut texts, mut addresses) = (Addresses::new(), Vec::new());
        let all = self.met.into_iter();
        for (id, met) in all.filter(|(_, met)| met.unsaved > Unsaved::Nothing) {
            texts.insert(id, met.texts());
            let here = met.addresses.iter();
            addresses.extend(
                here.filter(|row| row.channel_id == self.channel.id)
                    .cloned(),
            );
            match met.unsaved {
                Unsaved::New => made.push(met.changed().contact),
                Unsaved::Whole => changed.push(met.changed()),
                _ => times.push(met.changed()),
            }
        }
        write::insert(&**tx, &made, &texts, attributes).await?;
        let is_new = |row: &Model| row.id.0 == 0;
        let (new, there): (Vec<_>, Vec<_>) = addresses.into_iter().partition(is_new);
        insert_addresses(tx, &new).await?;
        write::update(&**tx, &changed, &texts, attributes).await?;
        update_times(tx, &times).await?;
        update_addresses(tx, &there).await
    }
}

const TIMES: [Column; 5] = [
    ("id", Kind::BigInt),
    ("last_channel_id", Kind::BigInt),
    ("first_contact_at", Kind::Time),
    ("last_interaction_at", Kind::Time),
    ("last_incoming_at", Kind::Time),
];

async fn update_times(tx: &Tx, contacts: &[Changed]) -> Result<()> {
    let rows = contacts.iter().map(|Changed { contact, .. }| {
        vec![
            Cell::Int(contact.id.0),
            contact
                .last_channel_id
                .map_or(Cell::Null, |id| Cell::Int(id.0)),
            contact.first_contact_at.into(),
            contact.last_interaction_at.into(),
            contact.last_incoming_at.into(),
        ]
    });
    bulk::update(&**tx, "contact", &TIMES, rows.collect()).await?;
    Ok(())
}

/// What else is known of an address.
const KNOWN: [Column; 4] = [
    ("profile_name", Kind::Text),
    ("first_contact_at", Kind::Time),
    ("last_contact_at", Kind::Time),
    ("last_incoming_at", Kind::Time),
];

fn known(row: &Model) -> [Cell; 4] {
    [
        row.profile_name.as_deref().into(),
        row.first_contact_at.into(),
        row.last_contact_at.into(),
        row.last_incoming_at.into(),
    ]
}

async fn insert_addresses(tx: &Tx, addresses: &[Model]) -> Result<()> {
    let columns: Vec<Column> = ADDRESS_COLUMNS.into_iter().chain(KNOWN).collect();
    let rows = addresses.iter().map(|row| {
        let own = [
            Cell::Int(row.workspace_id.0),
            Cell::Int(row.contact_id.0),
            Cell::Int(row.channel_id.0),
            Cell::Text(row.address.clone()),
            Cell::Time(row.created_at),
        ];
        own.into_iter().chain(known(row)).collect()
    });
    let suffix = "ON CONFLICT DO NOTHING";
    let written = bulk::insert(&**tx, "contact_channel", &columns, rows.collect(), suffix).await?;
    if written < addresses.len() as u64 {
        return Err(Error::Broken("an address was taken meanwhile".to_owned()));
    }
    Ok(())
}

async fn update_addresses(tx: &Tx, addresses: &[Model]) -> Result<()> {
    let columns: Vec<Column> = [("id", Kind::BigInt)].into_iter().chain(KNOWN).collect();
    let rows = addresses.iter().map(|row| {
        let own = [Cell::Int(row.id.0)];
        own.into_iter().chain(known(row)).collect()
    });
    bulk::update(&**tx, "contact_channel", &columns, rows.collect()).await?;
    Ok(())
}
