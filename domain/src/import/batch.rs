//! One batch of rows into the database: contacts, addresses, outcomes, counters, the cursor and the hint, all or none.
//!
//! Rows act as if they went in one by one, whatever the size of the batch: where a row names someone whom an earlier row of the same
//! batch has made or changed, the batch ends before it, and the next one finds them in the database.

use super::{
    parse::{Ready, Row, RowError, RowKey, key_name},
    plan::Plan,
    resolve::{Found, Target},
};
use crate::{
    clock,
    contact::{ADDRESS_COLUMNS, blank, derive, insert_contacts, is_nameless, update_contacts},
    db::{
        Tx,
        bulk::{self, Cell, Column},
        dialect::{self, Kind},
    },
    error::{Error, Result},
    event::Hint,
    segment,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    contact,
    id::{ChannelId, ContactId},
    import::{self, JobStatus},
    import_error::ImportErrorCode,
    import_row::RowOutcome,
};
use sea_orm::{
    ActiveEnum, ActiveModelTrait, ColumnTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use std::collections::HashSet;

/// What became of a batch.
pub enum Written {
    /// This many of its rows are in; the rest is for the next one. The import as it now stands.
    Rows(usize, Box<import::Model>),
    /// Somebody else wrote what this batch was about to; nothing is in, and trying again will do.
    Again,
    /// The import has ended, or another run of its job is at work.
    Ended,
}

/// What is to be written.
#[derive(Default)]
struct Work {
    outcomes: Vec<(i64, RowOutcome, Option<ContactId>)>,
    errors: Vec<(i64, i64, RowError)>,
    created: Vec<contact::Model>,
    updated: Vec<contact::Model>,
    addresses: Vec<(ContactId, ChannelId, String)>,
    members: Vec<ContactId>,
    /// Contacts and keys that a row of this batch has made or changed.
    touched_contacts: HashSet<ContactId>,
    touched_keys: HashSet<RowKey>,
}

/// Writes as many of `rows` as can go together; the first of them always can. `cursor` is where this run left the import.
///
/// # Errors
/// When the database refuses; then nothing is in.
pub async fn write(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
    rows: &[Row],
) -> Result<Written> {
    // Two imports that meet the same new person one after the other make them once.
    dialect::take_turn(&**tx, viewer.workspace_id.0).await?;
    let Some(import) = at_cursor(tx, viewer, plan, cursor).await? else {
        return Ok(Written::Ended);
    };
    let found = Found::load(tx, viewer, rows).await?;
    // Ids for all of them: those that are not used are lost, and nothing is lost by that.
    let mut ids = dialect::reserve_ids(&**tx, "contact", rows.len())
        .await?
        .into_iter()
        .map(ContactId);
    let mut work = Work::default();
    let now = clock::now();
    let mut taken = 0;
    for row in rows {
        match work.add(viewer, plan, &found, row, &mut ids, now) {
            Step::Taken => taken += 1,
            Step::Later => break,
            Step::Again => return Ok(Written::Again),
        }
    }
    let counts = work.counts();
    if !work.save(tx, viewer, plan, now).await? {
        return Ok(Written::Again);
    }
    let import = advance(tx, import, counts).await?;
    Ok(Written::Rows(taken, Box::new(import)))
}

/// The import, locked, if it runs and stands where this run left it.
async fn at_cursor(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
) -> Result<Option<import::Model>> {
    Ok(viewer
        .find::<import::Entity>()
        .filter(import::Column::Id.eq(plan.import_id))
        .filter(import::Column::Status.eq(JobStatus::Running))
        .filter(import::Column::Cursor.eq(cursor))
        .lock_exclusive()
        .one(&**tx)
        .await?)
}

/// Rows with each outcome.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    created: i64,
    updated: i64,
    unchanged: i64,
    failed: i64,
    duplicate: i64,
    discarded: i64,
}

/// Moves the cursor, and checks that every row behind it has an outcome.
async fn advance(tx: &Tx, mut import: import::Model, counts: Counts) -> Result<import::Model> {
    let Counts {
        created,
        updated,
        unchanged,
        failed,
        duplicate,
        discarded,
    } = counts;
    import.created_count += created;
    import.updated_count += updated;
    import.unchanged_count += unchanged;
    import.failed_count += failed;
    import.duplicate_count += duplicate;
    import.discarded_count += discarded;
    import.cursor += created + updated + unchanged + failed + duplicate + discarded;
    check(&import)?;
    let import = import.into_active_model().reset_all().update(&**tx).await?;
    tx.announce(Hint::Import {
        workspace: import.workspace_id,
        import: import.id,
    })
    .await?;
    Ok(import)
}

/// Rows read = created + updated + unchanged + failed + duplicate + discarded.
fn check(import: &import::Model) -> Result<()> {
    let outcomes = import.created_count
        + import.updated_count
        + import.unchanged_count
        + import.failed_count
        + import.duplicate_count
        + import.discarded_count;
    if outcomes == import.cursor && import.row_count.is_none_or(|rows| import.cursor <= rows) {
        return Ok(());
    }
    Err(Error::Broken(format!(
        "{}: {outcomes} outcomes for {} rows read",
        import.id, import.cursor
    )))
}

/// Gives the rows past the limit their outcome, all at once: their numbers say which they are. `line` is that of the first.
///
/// # Errors
/// When the database refuses.
pub async fn discard_rest(
    tx: &Tx,
    viewer: &Viewer,
    plan: &Plan,
    cursor: i64,
    line: i64,
) -> Result<Written> {
    let Some(import) = at_cursor(tx, viewer, plan, cursor).await? else {
        return Ok(Written::Ended);
    };
    let rest = plan.row_count - plan.rows_taken();
    if rest == 0 || cursor != plan.rows_taken() {
        return Ok(Written::Rows(0, Box::new(import)));
    }
    let error = RowError {
        header: None,
        value: None,
        code: ImportErrorCode::RowLimitExceeded,
        message: format!(
            "this row and all {rest} from here on were discarded: the list takes {} rows; upload the others as another file",
            plan.rows_taken()
        ),
        dropped: false,
    };
    save_errors(tx, plan, vec![(cursor + 1, line, error)]).await?;
    let counts = Counts {
        discarded: rest,
        ..Counts::default()
    };
    Ok(Written::Rows(
        0,
        Box::new(advance(tx, import, counts).await?),
    ))
}

/// What to do with a row.
enum Step {
    Taken,
    /// It hangs on an earlier row of this batch.
    Later,
    /// Somebody else was quicker.
    Again,
}

impl Work {
    fn add(
        &mut self,
        viewer: &Viewer,
        plan: &Plan,
        found: &Found,
        row: &Row,
        ids: &mut impl Iterator<Item = ContactId>,
        now: DateTime<Utc>,
    ) -> Step {
        let Some(ready) = &row.ready else {
            self.fail(row, row.errors.clone());
            return Step::Taken;
        };
        if self.hangs_on_this_batch(ready, found) {
            return Step::Later;
        }
        let target = match found.target(&ready.key) {
            Target::Several(names) => {
                let key = key_name(ready.key.by());
                let message = format!(
                    "several contacts have {key} of this row: {names}; merge them, or name one by its id"
                );
                self.fail(row, vec![fault(ImportErrorCode::ContactAmbiguous, message)]);
                return Step::Taken;
            }
            Target::Nobody if ready.key.by() == import::MatchBy::Id => {
                let message = "no contact has this id; leave the cell empty to find or make the contact by another key";
                self.fail(
                    row,
                    vec![fault(ImportErrorCode::ContactNotFound, message.to_owned())],
                );
                return Step::Taken;
            }
            Target::Nobody => None,
            Target::One(id) => Some(id),
        };
        if row.superseded {
            let key = key_name(ready.key.by());
            let message =
                format!("a later row of this file has {key} of this row; that row counts alone");
            self.errors.push((
                row.row,
                row.line,
                fault(ImportErrorCode::DuplicateInFile, message),
            ));
            self.outcomes.push((row.row, RowOutcome::Duplicate, None));
            return Step::Taken;
        }
        let owner = ready
            .address
            .as_ref()
            .and_then(|(channel, address)| found.owner(*channel, address));
        if let Some(other) = owner.filter(|owner| Some(*owner) != target) {
            let name = found
                .contact(other)
                .map_or("another contact", |contact| contact.display_name.as_str());
            let message = format!(
                "the address on the channel belongs to {name}, whom {} does not find",
                key_name(ready.key.by())
            );
            self.fail(row, vec![fault(ImportErrorCode::ContactAmbiguous, message)]);
            return Step::Taken;
        }
        let address = ready.address.clone().filter(|_| owner.is_none());
        match target {
            None => self.create(viewer, plan, row, ready, address, ids, now),
            Some(id) => self.change(plan, found, row, ready, address, id, now),
        }
    }

    /// Whether an earlier row of this batch has made or changed what this one names.
    fn hangs_on_this_batch(&self, ready: &Ready, found: &Found) -> bool {
        let address = ready
            .address
            .clone()
            .map(|(channel, address)| RowKey::Address(channel, address));
        let keys = [Some(&ready.key), address.as_ref()];
        keys.into_iter().flatten().any(|key| {
            self.touched_keys.contains(key)
                || found
                    .whom(key)
                    .any(|id| self.touched_contacts.contains(&id))
        })
    }

    fn fail(&mut self, row: &Row, errors: Vec<RowError>) {
        self.errors
            .extend(errors.into_iter().map(|error| (row.row, row.line, error)));
        self.outcomes.push((row.row, RowOutcome::Failed, None));
    }

    #[allow(clippy::too_many_arguments, reason = "one row with all it hangs on")]
    fn create(
        &mut self,
        viewer: &Viewer,
        plan: &Plan,
        row: &Row,
        ready: &Ready,
        address: Option<(ChannelId, String)>,
        ids: &mut impl Iterator<Item = ContactId>,
        now: DateTime<Utc>,
    ) -> Step {
        let Some(id) = ids.next() else {
            return Step::Again;
        };
        let mut contact = blank(viewer.workspace_id);
        (contact.id, contact.created_at, contact.updated_at) = (id, now, now);
        if let Err(fault) = ready
            .patch
            .clone()
            .apply(&mut contact, &plan.attributes, now)
        {
            self.fail(
                row,
                vec![RowError {
                    header: None,
                    value: None,
                    code: fault.code,
                    message: fault.message,
                    dropped: false,
                }],
            );
            return Step::Taken;
        }
        derive(
            &mut contact,
            address.as_ref().map(|(_, address)| address.as_str()),
        );
        self.done(row, RowOutcome::Created, &contact, address);
        self.created.push(contact);
        Step::Taken
    }

    #[allow(clippy::too_many_arguments, reason = "one row with all it hangs on")]
    fn change(
        &mut self,
        plan: &Plan,
        found: &Found,
        row: &Row,
        ready: &Ready,
        address: Option<(ChannelId, String)>,
        id: ContactId,
        now: DateTime<Utc>,
    ) -> Step {
        // Deleted between the look and the lock.
        let Some(old) = found.contact(id) else {
            return Step::Again;
        };
        let mut contact = old.clone();
        let mut patch = ready.patch.clone();
        // An exported name that stood in for a missing one must not become one.
        if patch.name == Some(Some(old.display_name.clone())) {
            patch.name = None;
        }
        let changed = match patch.apply(&mut contact, &plan.attributes, now) {
            Ok(changed) => changed,
            Err(fault) => {
                self.fail(
                    row,
                    vec![RowError {
                        header: None,
                        value: None,
                        code: fault.code,
                        message: fault.message,
                        dropped: false,
                    }],
                );
                return Step::Taken;
            }
        };
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
        self.updated.push(contact);
        Step::Taken
    }

    /// Notes that a row went in, and everything by which a later row could mean the same contact.
    fn done(
        &mut self,
        row: &Row,
        outcome: RowOutcome,
        contact: &contact::Model,
        address: Option<(ChannelId, String)>,
    ) {
        self.outcomes.push((row.row, outcome, Some(contact.id)));
        self.errors.extend(
            row.errors
                .iter()
                .cloned()
                .map(|error| (row.row, row.line, error)),
        );
        self.members.push(contact.id);
        self.touched_contacts.insert(contact.id);
        self.touched_keys
            .extend(contact.phone.clone().map(RowKey::Phone));
        self.touched_keys
            .extend(contact.email_key.clone().map(RowKey::Email));
        if let Some((channel, address)) = address {
            self.touched_keys
                .insert(RowKey::Address(channel, address.clone()));
            self.addresses.push((contact.id, channel, address));
        }
    }

    fn counts(&self) -> Counts {
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

    /// Writes it all; false where somebody else has taken one of the addresses.
    async fn save(
        mut self,
        tx: &Tx,
        viewer: &Viewer,
        plan: &Plan,
        now: DateTime<Utc>,
    ) -> Result<bool> {
        name_by_address(tx, viewer, &mut self.updated).await?;
        insert_contacts(&**tx, &self.created, &plan.attributes).await?;
        update_contacts(&**tx, &self.updated, &plan.attributes).await?;
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
                    Cell::Time(now),
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
async fn name_by_address(tx: &Tx, viewer: &Viewer, contacts: &mut [contact::Model]) -> Result<()> {
    let nameless: Vec<ContactId> = contacts
        .iter()
        .filter(|contact| is_nameless(contact))
        .map(|contact| contact.id)
        .collect();
    if nameless.is_empty() {
        return Ok(());
    }
    let addresses = crate::contact::addresses(&**tx, viewer, &nameless).await?;
    for contact in contacts.iter_mut().filter(|contact| is_nameless(contact)) {
        let first = addresses
            .iter()
            .find(|address| address.contact_id == contact.id);
        // One without any keeps the name by the address that comes with its row.
        if let Some(first) = first {
            derive(contact, Some(first.address.as_str()));
        }
    }
    Ok(())
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

async fn save_errors(tx: &Tx, plan: &Plan, errors: Vec<(i64, i64, RowError)>) -> Result<()> {
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
