//! Whom the rows of a batch are about: a few statements, however many rows.

use super::parse::{Row, RowKey};
use crate::{
    db::{
        Tx,
        bulk::Cell,
        dialect::{self, Kind, Probe, statement},
    },
    error::Result,
    viewer::Viewer,
};
use entity::{
    contact,
    id::{ChannelId, ContactId},
};
use sea_orm::{ConnectionTrait, FromQueryResult, QueryResult};
use std::collections::{HashMap, HashSet};

/// The contacts that the rows of a batch name, locked, and who has the addresses that they name.
#[derive(Default)]
pub(super) struct Found {
    by_key: HashMap<RowKey, Vec<Named>>,
    owners: HashMap<(ChannelId, String), ContactId>,
    contacts: HashMap<ContactId, contact::Model>,
}

/// A contact as a message names it.
#[derive(Debug, Clone)]
struct Named {
    id: ContactId,
    name: String,
}

/// What a key finds.
pub(super) enum Target {
    Nobody,
    One(ContactId),
    /// Names, to tell them apart by.
    Several(String),
}

/// Contacts that a message names at most.
const NAMED: usize = 5;

impl Found {
    /// Looks up every key and address of `rows`, and locks the contacts found.
    ///
    /// # Errors
    /// When the database is away.
    pub(super) async fn load(tx: &Tx, viewer: &Viewer, rows: &[Row]) -> Result<Self> {
        let mut found = Self::default();
        // Each once: what is asked twice is found twice.
        let keys: HashSet<&RowKey> = rows
            .iter()
            .filter_map(|row| Some(&row.ready.as_ref()?.key))
            .collect();
        found
            .by_column(
                tx,
                viewer,
                "id",
                Kind::BigInt,
                keys.iter().filter_map(|key| match key {
                    RowKey::Id(id) => Some(Cell::Int(id.0)),
                    _ => None,
                }),
            )
            .await?;
        found
            .by_column(
                tx,
                viewer,
                "phone",
                Kind::Text,
                keys.iter().filter_map(|key| match key {
                    RowKey::Phone(phone) => Some(Cell::Text(phone.clone())),
                    _ => None,
                }),
            )
            .await?;
        found
            .by_column(
                tx,
                viewer,
                "email_key",
                Kind::Text,
                keys.iter().filter_map(|key| match key {
                    RowKey::Email(email) => Some(Cell::Text(email.clone())),
                    _ => None,
                }),
            )
            .await?;
        found.by_address(tx, viewer, rows).await?;
        found.lock(tx, viewer).await?;
        Ok(found)
    }

    async fn by_column(
        &mut self,
        tx: &Tx,
        viewer: &Viewer,
        column: &str,
        kind: Kind,
        values: impl Iterator<Item = Cell>,
    ) -> Result<()> {
        let values: Vec<Cell> = values.collect();
        if values.is_empty() {
            return Ok(());
        }
        let columns = format!("id, display_name, phone, email, {column} AS key");
        let probe = Probe {
            columns: &columns,
            table: "contact",
            scope: "workspace_id = $1",
            column,
            kind,
            most: NAMED + 1,
        };
        let backend = tx.get_database_backend();
        let parameters = [
            viewer.workspace_id.0.into(),
            dialect::list(backend, &values),
        ];
        let statement = statement(&**tx, &probe.sql(backend, 2), parameters);
        for row in tx.query_all_raw(statement).await? {
            let named = named(&row)?;
            let key = match column {
                "id" => RowKey::Id(named.id),
                "phone" => RowKey::Phone(row.try_get("", "key")?),
                _ => RowKey::Email(row.try_get("", "key")?),
            };
            self.by_key.entry(key).or_default().push(named);
        }
        Ok(())
    }

    async fn by_address(&mut self, tx: &Tx, viewer: &Viewer, rows: &[Row]) -> Result<()> {
        let mut wanted: HashMap<ChannelId, Vec<Cell>> = HashMap::new();
        for ready in rows.iter().filter_map(|row| row.ready.as_ref()) {
            if let Some((channel, address)) = &ready.address {
                wanted
                    .entry(*channel)
                    .or_default()
                    .push(Cell::Text(address.clone()));
            }
        }
        for (channel, addresses) in wanted {
            let probe = Probe {
                columns: "contact_id, address",
                table: "contact_channel",
                scope: "workspace_id = $1 AND channel_id = $2",
                column: "address",
                kind: Kind::Text,
                most: 1,
            };
            let backend = tx.get_database_backend();
            let values = [
                viewer.workspace_id.0.into(),
                channel.0.into(),
                dialect::list(backend, &addresses),
            ];
            for row in tx
                .query_all_raw(statement(&**tx, &probe.sql(backend, 3), values))
                .await?
            {
                let contact = ContactId(row.try_get("", "contact_id")?);
                self.owners
                    .insert((channel, row.try_get("", "address")?), contact);
            }
        }
        Ok(())
    }

    /// In the order of their ids, so that two imports never wait for each other in a circle.
    async fn lock(&mut self, tx: &Tx, viewer: &Viewer) -> Result<()> {
        let single = self
            .by_key
            .values()
            .filter(|found| found.len() == 1)
            .map(|found| found[0].id);
        let mut ids: Vec<i64> = single
            .chain(self.owners.values().copied())
            .map(|id| id.0)
            .collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(());
        }
        let backend = tx.get_database_backend();
        let (any, parameter) = dialect::any_of(backend, "id", 2, ids);
        // The `+ 0` leaves the planner the primary key alone: of a new table it believes that a workspace has few contacts.
        let sql = format!(
            "SELECT * FROM contact WHERE workspace_id + 0 = $1 AND {any} ORDER BY id{}",
            dialect::for_update(backend)
        );
        let values = [viewer.workspace_id.0.into(), parameter];
        for row in tx.query_all_raw(statement(&**tx, &sql, values)).await? {
            let contact = contact::Model::from_query_result(&row, "")?;
            self.contacts.insert(contact.id, contact);
        }
        Ok(())
    }

    /// How many of `rows` may make a contact.
    pub(super) fn newcomers(&self, rows: &[Row]) -> usize {
        let new = |row: &&Row| {
            let ready = row.ready.as_ref();
            ready.is_some_and(|ready| matches!(self.target(&ready.key), Target::Nobody))
        };
        rows.iter().filter(new).count()
    }

    /// Whom a key means.
    pub(super) fn target(&self, key: &RowKey) -> Target {
        if let RowKey::Address(channel, address) = key {
            return self
                .owner(*channel, address)
                .map_or(Target::Nobody, Target::One);
        }
        match self.by_key.get(key).map(Vec::as_slice) {
            None | Some([]) => Target::Nobody,
            Some([one]) => Target::One(one.id),
            Some(several) => {
                let mut names: Vec<&str> = several
                    .iter()
                    .take(NAMED)
                    .map(|named| named.name.as_str())
                    .collect();
                if several.len() > NAMED {
                    names.push("and more");
                }
                Target::Several(names.join("; "))
            }
        }
    }

    /// Everyone whom a key finds, as far as they were looked for: more than enough to be ambiguous.
    pub(super) fn whom(&self, key: &RowKey) -> impl Iterator<Item = ContactId> {
        let owner = match key {
            RowKey::Address(channel, address) => self.owner(*channel, address),
            RowKey::Id(_) | RowKey::Phone(_) | RowKey::Email(_) => None,
        };
        let named = self.by_key.get(key).into_iter().flatten();
        owner.into_iter().chain(named.map(|named| named.id))
    }

    /// Who has an address.
    pub(super) fn owner(&self, channel: ChannelId, address: &str) -> Option<ContactId> {
        self.owners.get(&(channel, address.to_owned())).copied()
    }

    /// A contact that was found; none where it has been deleted since.
    pub(super) fn contact(&self, id: ContactId) -> Option<&contact::Model> {
        self.contacts.get(&id)
    }
}

fn named(row: &QueryResult) -> Result<Named> {
    let name: String = row.try_get("", "display_name")?;
    let address: Option<String> = match row.try_get::<Option<String>>("", "phone")? {
        Some(phone) => Some(phone),
        None => row.try_get("", "email")?,
    };
    let name = match address.filter(|address| *address != name) {
        Some(address) => format!("{name} ({address})"),
        None => name,
    };
    Ok(Named {
        id: ContactId(row.try_get("", "id")?),
        name,
    })
}
