//! What becomes of each row of a batch.
//!
//! Rows act as if they went in one by one, whatever the size of the batch: where a row names someone whom an earlier row of the same
//! batch has made or changed, the batch ends before it, and the next one finds them in the database.

use super::{
    parse::{Ready, Row, RowError, RowKey, key_name},
    resolve::{Found, Target},
    work::Work,
};
use crate::{
    attribute::Attributes,
    contact::{Changed, blank, derive},
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    contact,
    id::{ChannelId, ContactId},
    import::MatchBy,
    import_error::ImportErrorCode,
    import_row::RowOutcome,
};

/// What to do with a row.
pub(super) enum Step {
    Taken,
    /// It hangs on an earlier row of this batch.
    Later,
    /// Somebody else was quicker.
    Again,
}

/// An address that a row brings.
type Address = Option<(ChannelId, String)>;

/// Decides row after row, and gathers what is to be written.
pub(super) struct Decision<'a, Ids> {
    viewer: &'a Viewer,
    attributes: &'a Attributes,
    found: &'a Found,
    ids: Ids,
    pub(super) work: Work,
}

impl<'a, Ids: Iterator<Item = ContactId>> Decision<'a, Ids> {
    /// `ids` are reserved for the contacts that the rows make.
    pub(super) fn new(
        viewer: &'a Viewer,
        attributes: &'a Attributes,
        found: &'a Found,
        ids: Ids,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            viewer,
            attributes,
            found,
            ids,
            work: Work::new(now),
        }
    }

    pub(super) fn add(&mut self, row: &Row) -> Step {
        let Some(ready) = &row.ready else {
            return self.fail(row, row.errors.clone());
        };
        if self.hangs_on_this_batch(ready) {
            return Step::Later;
        }
        let target = match self.target(ready) {
            Ok(target) => target,
            Err(error) => return self.fail(row, vec![error]),
        };
        if row.superseded {
            let key = key_name(ready.key.by());
            let message =
                format!("a later row of this file has {key} of this row; that row counts alone");
            let error = fault(ImportErrorCode::DuplicateInFile, message);
            self.work.errors.push((row.row, row.line, error));
            self.work
                .outcomes
                .push((row.row, RowOutcome::Duplicate, None));
            return Step::Taken;
        }
        let owner = ready
            .address
            .as_ref()
            .and_then(|(channel, address)| self.found.owner(*channel, address));
        if let Some(other) = owner.filter(|owner| Some(*owner) != target) {
            return self.fail(row, vec![self.address_of_another(ready, other)]);
        }
        let address = ready.address.clone().filter(|_| owner.is_none());
        match target {
            None => self.create(row, ready, address),
            Some(id) => self.change(row, ready, address, id),
        }
    }

    /// Whom the row's key means; none: somebody new.
    fn target(&self, ready: &Ready) -> Result<Option<ContactId>, RowError> {
        match self.found.target(&ready.key) {
            Target::Several(names) => {
                let key = key_name(ready.key.by());
                let message = format!(
                    "several contacts have {key} of this row: {names}; merge them, or name one by its id"
                );
                Err(fault(ImportErrorCode::ContactAmbiguous, message))
            }
            Target::Nobody if ready.key.by() == MatchBy::Id => {
                let message = "no contact has this id; leave the cell empty to find or make the contact by another key";
                Err(fault(ImportErrorCode::ContactNotFound, message.to_owned()))
            }
            Target::Nobody => Ok(None),
            Target::One(id) => Ok(Some(id)),
        }
    }

    fn address_of_another(&self, ready: &Ready, other: ContactId) -> RowError {
        let name = self
            .found
            .contact(other)
            .map_or("another contact", |contact| contact.display_name.as_str());
        let key = key_name(ready.key.by());
        let message =
            format!("the address on the channel belongs to {name}, whom {key} does not find");
        fault(ImportErrorCode::ContactAmbiguous, message)
    }

    /// Whether an earlier row of this batch has made or changed what this one names.
    fn hangs_on_this_batch(&self, ready: &Ready) -> bool {
        let address = ready
            .address
            .clone()
            .map(|(channel, address)| RowKey::Address(channel, address));
        let touched = |id: &ContactId| self.work.touched_contacts.contains(id);
        [Some(&ready.key), address.as_ref()]
            .into_iter()
            .flatten()
            .any(|key| {
                self.work.touched_keys.contains(key) || self.found.whom(key).any(|id| touched(&id))
            })
    }

    fn fail(&mut self, row: &Row, errors: Vec<RowError>) -> Step {
        self.work
            .errors
            .extend(errors.into_iter().map(|error| (row.row, row.line, error)));
        self.work.outcomes.push((row.row, RowOutcome::Failed, None));
        Step::Taken
    }

    fn create(&mut self, row: &Row, ready: &Ready, address: Address) -> Step {
        let Some(id) = self.ids.next() else {
            return Step::Again;
        };
        let now = self.work.now;
        let mut contact = blank(self.viewer.workspace_id);
        (contact.id, contact.created_at, contact.updated_at) = (id, now, now);
        ready
            .patch
            .clone()
            .apply(&mut contact, self.attributes, now);
        derive(
            &mut contact,
            address.as_ref().map(|(_, address)| address.as_str()),
        );
        self.done(row, RowOutcome::Created, &contact, address);
        self.work.created.push(contact);
        Step::Taken
    }

    fn change(&mut self, row: &Row, ready: &Ready, address: Address, id: ContactId) -> Step {
        // Deleted between the look and the lock.
        let Some(old) = self.found.contact(id) else {
            return Step::Again;
        };
        let now = self.work.now;
        let mut contact = old.clone();
        let mut patch = ready.patch.clone();
        // An exported name that stood in for a missing one must not become one.
        if patch.name == Some(Some(old.display_name.clone())) {
            patch.name = None;
        }
        let changed = patch.apply(&mut contact, self.attributes, now);
        if !changed && address.is_none() {
            self.done(row, RowOutcome::Unchanged, &contact, None);
            return Step::Taken;
        }
        contact.version += 1;
        contact.updated_at = now;
        derive(
            &mut contact,
            address.as_ref().map(|(_, address)| address.as_str()),
        );
        self.done(row, RowOutcome::Updated, &contact, address);
        let was = old.status;
        self.work.updated.push(Changed { contact, was });
        Step::Taken
    }

    /// Notes that a row went in, and everything by which a later row could mean the same contact.
    fn done(&mut self, row: &Row, outcome: RowOutcome, contact: &contact::Model, address: Address) {
        let work = &mut self.work;
        work.outcomes.push((row.row, outcome, Some(contact.id)));
        work.errors.extend(
            row.errors
                .iter()
                .cloned()
                .map(|error| (row.row, row.line, error)),
        );
        work.members.push(contact.id);
        work.touched_contacts.insert(contact.id);
        work.touched_keys
            .extend(contact.phone.clone().map(RowKey::Phone));
        work.touched_keys
            .extend(contact.email_key.clone().map(RowKey::Email));
        if let Some((channel, address)) = address {
            work.touched_keys
                .insert(RowKey::Address(channel, address.clone()));
            work.addresses.push((contact.id, channel, address));
        }
    }
}

fn fault(code: ImportErrorCode, message: String) -> RowError {
    RowError {
        header: None,
        value: None,
        code,
        message,
        dropped: false,
    }
}
