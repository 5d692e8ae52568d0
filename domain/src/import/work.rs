//! What a batch writes, and the writing of it.

use super::{
    batch::Counts,
    parse::{RowError, RowKey},
    plan::Plan,
};
use crate::{
    attribute::Attributes,
    contact::{
        self, ADDRESS_COLUMNS, Addresses, Changed, derive, insert_contacts, is_nameless,
        update_contacts,
    },
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::Kind,
    },
    error::Result,
    segment,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    contact::Model as Contact,
    id::{ChannelId, ContactId},
    import_row::RowOutcome,
};
use sea_orm::ActiveEnum;
use std::collections::HashSet;

/// What a batch writes.
pub(super) struct Work {
    pub(super) now: DateTime<Utc>,
    pub(super) outcomes: Vec<(i64, RowOutcome, Option<ContactId>)>,
    /// With the row and its line.
    pub(super) errors: Vec<(i64, i64, RowError)>,
    pub(super) created: Vec<Contact>,
    pub(super) updated: Vec<Changed>,
    pub(super) addresses: Vec<(ContactId, ChannelId, String)>,
    pub(super) members: Vec<ContactId>,
    /// Contacts and keys that a row of this batch has made or changed.
    pub(super) touched_contacts: HashSet<ContactId>,
    pub(super) touched_keys: HashSet<RowKey>,
}

impl Work {
    /// Nothing yet; what is made or changed is so at `now`.
    pub(super) fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            outcomes: Vec::new(),
            errors: Vec::new(),
            created: Vec::new(),
            updated: Vec::new(),
            addresses: Vec::new(),
            members: Vec::new(),
            touched_contacts: HashSet::new(),
            touched_keys: HashSet::new(),
        }
    }

    /// How many rows have each outcome.
    pub(super) fn counts(&self) -> Counts {
        let count = |wanted: RowOutcome| {
            self.outcomes
                .iter()
                .filter(|(_, outcome, _)| *outcome == wanted)
                .count() as i64
        };
        Counts {
            created: count(RowOutcome::Created),
            updated: count(RowOutcome::Updated),
            unchanged: count(RowOutcome::Unchanged),
            failed: count(RowOutcome::Failed),
            duplicate: count(RowOutcome::Duplicate),
            discarded: 0,
        }
    }

    /// The addresses of everyone made or changed: those they have, then those that the rows bring.
    async fn addresses_of_all(&self, tx: &Tx, viewer: &Viewer) -> Result<Addresses> {
        let ids = self.updated.iter().map(|changed| changed.contact.id);
        let mut all = contact::address_texts(&**tx, viewer, &ids.collect::<Vec<_>>()).await?;
        for (contact, _, address) in &self.addresses {
            all.entry(*contact).or_default().push(address.clone());
        }
        Ok(all)
    }

    /// Writes it all; false where somebody else has taken one of the addresses.
    pub(super) async fn save(
        mut self,
        tx: &Tx,
        viewer: &Viewer,
        plan: &Plan,
        attributes: &Attributes,
    ) -> Result<bool> {
        let addresses = self.addresses_of_all(tx, viewer).await?;
        name_by_address(&mut self.updated, &addresses);
        insert_contacts(&**tx, &self.created, &addresses, attributes).await?;
        update_contacts(&**tx, &self.updated, &addresses, attributes).await?;
        let wanted = self.addresses.len() as u64;
        let addresses = self
            .addresses
            .into_iter()
            .map(|(contact, channel, address)| {
                let (workspace, contact, channel) = (viewer.workspace_id.0, contact.0, channel.0);
                vec![
                    Cell::Int(workspace),
                    Cell::Int(contact),
                    Cell::Int(channel),
                    Cell::Text(address),
                    Cell::Time(self.now),
                ]
            });
        let written = bulk::insert(
            &**tx,
            "contact_channel",
            &ADDRESS_COLUMNS,
            addresses.collect(),
            "ON CONFLICT DO NOTHING",
        )
        .await?;
        if written != wanted {
            return Ok(false);
        }
        if let Some(segment) = plan.segment_id {
            segment::add(tx, segment, &self.members).await?;
        }
        let outcomes = self.outcomes.into_iter().map(|(row, outcome, contact)| {
            let contact = contact.map_or(Cell::Null, |id| Cell::Int(id.0));
            vec![
                Cell::Int(plan.import_id.0),
                Cell::Int(row),
                Cell::Int(outcome.to_value().into()),
                contact,
            ]
        });
        bulk::insert(
            &**tx,
            "import_row",
            &OUTCOME_COLUMNS,
            outcomes.collect(),
            "",
        )
        .await?;
        save_errors(tx, plan, self.errors).await?;
        Ok(true)
    }
}

/// Who has lost name, phone number and e-mail address is shown by an address.
fn name_by_address(contacts: &mut [Changed], addresses: &Addresses) {
    for Changed { contact, .. } in contacts {
        let first = addresses.get(&contact.id).and_then(|all| all.first());
        if let Some(first) = first.filter(|_| is_nameless(contact)) {
            derive(contact, Some(first));
        }
    }
}

const OUTCOME_COLUMNS: [Column; 4] = [
    ("import_id", Kind::BigInt),
    ("row", Kind::BigInt),
    ("outcome", Kind::SmallInt),
    ("contact_id", Kind::BigInt),
];

const ERROR_COLUMNS: [Column; 9] = [
    ("import_id", Kind::BigInt),
    ("row", Kind::BigInt),
    ("seq", Kind::Int),
    ("line", Kind::BigInt),
    ("header", Kind::Text),
    ("value", Kind::Text),
    ("code", Kind::Text),
    ("message", Kind::Text),
    ("dropped", Kind::Boolean),
];

/// Writes errors, numbered within their row.
pub(super) async fn save_errors(
    tx: &Tx,
    plan: &Plan,
    errors: Vec<(i64, i64, RowError)>,
) -> Result<()> {
    let mut last = (0, 0);
    let rows = errors.into_iter().map(|(row, line, error)| {
        last = if row == last.0 {
            (row, last.1 + 1)
        } else {
            (row, 0)
        };
        vec![
            Cell::Int(plan.import_id.0),
            Cell::Int(row),
            Cell::Int(last.1),
            Cell::Int(line),
            error.header.as_deref().into(),
            error.value.as_deref().into(),
            Cell::Text(error.code.as_str().to_owned()),
            Cell::Text(error.message),
            Cell::Boolean(error.dropped),
        ]
    });
    bulk::insert(&**tx, "import_error", &ERROR_COLUMNS, rows.collect(), "").await?;
    Ok(())
}
