//! From a record to a row: who it is about, what it changes, or what is wrong with it. Asks no database.

use super::plan::{CellUse, Plan};
use crate::{
    channel,
    contact::{Fault, Patch, is_phone_channel, normalise_address},
    csv_file::{self, Record},
    formula,
    value::Value,
};
use entity::{
    channel::Model as Channel,
    id::{ChannelId, ContactId},
    import::MatchBy,
    import_error::ImportErrorCode,
};

/// Characters of a cell that an error shows.
const SHOWN: usize = 200;

/// A row of the file, read.
#[derive(Debug, Clone)]
pub struct Row {
    /// 1 is the first row after the header.
    pub row: i64,
    /// The line on which it begins.
    pub line: i64,
    /// What it says; none: it fails.
    pub(super) ready: Option<Ready>,
    /// Why it fails, or which cells were left out.
    pub(super) errors: Vec<RowError>,
    /// Whether a later row of the same key counts instead.
    pub(super) superseded: bool,
}

/// A row that can go in.
#[derive(Debug, Clone)]
pub(super) struct Ready {
    pub(super) key: RowKey,
    pub(super) patch: Patch,
    /// An address to have.
    pub(super) address: Option<(ChannelId, String)>,
}

/// Who a row is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum RowKey {
    Id(ContactId),
    Address(ChannelId, String),
    Phone(String),
    Email(String),
}

/// Something wrong with a row.
#[derive(Debug, Clone)]
pub(super) struct RowError {
    pub(super) header: Option<String>,
    pub(super) value: Option<String>,
    pub(super) code: ImportErrorCode,
    pub(super) message: String,
    pub(super) dropped: bool,
}

/// What has been read of a record so far.
#[derive(Default)]
struct Draft<'a> {
    patch: Patch,
    id: Option<ContactId>,
    channel: Option<&'a Channel>,
    address: Option<&'a str>,
    /// Cells that have something in them, by what they can be a key for.
    has: Has,
    faults: Vec<(usize, Fault)>,
}

/// The column of each key cell that is not empty.
#[derive(Default, Clone, Copy)]
struct Has {
    id: Option<usize>,
    channel: Option<usize>,
    address: Option<usize>,
    phone: Option<usize>,
    email: Option<usize>,
}

impl Row {
    /// Says whether a later row of the same key counts instead.
    pub fn mark(&mut self, superseded: bool) {
        self.superseded = superseded;
    }
}

impl Plan {
    /// Reads a record whole.
    pub fn read(&self, record: &Record<'_>) -> Row {
        let mut row = Row {
            row: i64::try_from(record.row()).unwrap_or(i64::MAX),
            line: i64::try_from(record.line()).unwrap_or(i64::MAX),
            ready: None,
            errors: Vec::new(),
            superseded: false,
        };
        if let Some(fault) = record.fault() {
            row.errors.push(self.record_error(record, fault));
            return row;
        }
        let draft = self.draft(record, false);
        match self.finish(draft, record) {
            Ok((ready, dropped)) => {
                row.ready = Some(ready);
                row.errors = dropped;
            }
            Err(errors) => row.errors = errors,
        }
        row
    }

    /// Reads no more of a record than who it is about; none where that is not to be had.
    pub(super) fn read_key(&self, record: &Record<'_>) -> Option<RowKey> {
        if record.fault().is_some() {
            return None;
        }
        let mut draft = self.draft(record, true);
        let (key, columns) = self.key(&mut draft)?;
        if draft
            .faults
            .iter()
            .any(|(column, _)| columns.contains(&Some(*column)))
        {
            return None;
        }
        key
    }

    fn record_error(&self, record: &Record<'_>, fault: csv_file::Fault) -> RowError {
        let column = fault.cell();
        RowError {
            header: column.and_then(|column| self.headers.get(column).cloned()),
            value: column.and_then(|column| record.get(column)).map(shown),
            code: match fault {
                csv_file::Fault::QuoteNotClosed => ImportErrorCode::QuoteNotClosed,
                csv_file::Fault::TooLong => ImportErrorCode::ValueTooLong,
                csv_file::Fault::TextNotDecodable { .. } => ImportErrorCode::TextNotDecodable,
                csv_file::Fault::TooManyCells { .. } => ImportErrorCode::TooManyCells,
                csv_file::Fault::TooFewCells { .. } => ImportErrorCode::TooFewCells,
            },
            message: fault.to_string(),
            dropped: false,
        }
    }

    fn draft<'a>(&'a self, record: &Record<'a>, keys_only: bool) -> Draft<'a> {
        let mut draft = Draft {
            channel: self.list_channel.as_ref(),
            ..Draft::default()
        };
        for (at, (cell, cell_use)) in record.iter().zip(&self.uses).enumerate() {
            let cell = formula::restore(cell);
            let filled = !cell.trim().is_empty();
            let read = match *cell_use {
                CellUse::Ignored => Ok(()),
                CellUse::Field(_) | CellUse::Attribute(..) if keys_only => Ok(()),
                CellUse::Id if filled => {
                    draft.has.id = Some(at);
                    read_id(cell).map(|id| draft.id = Some(id))
                }
                CellUse::Channel if filled => {
                    draft.has.channel = Some(at);
                    self.read_channel(cell)
                        .map(|channel| draft.channel = Some(channel))
                }
                CellUse::Address if filled => {
                    draft.has.address = Some(at);
                    draft.address = Some(cell);
                    Ok(())
                }
                CellUse::Id | CellUse::Channel | CellUse::Address => Ok(()),
                CellUse::Phone(set) if filled => {
                    draft.has.phone = Some(at);
                    set(&mut draft.patch, Some(cell), &self.reading)
                }
                CellUse::Email(set) if filled => {
                    draft.has.email = Some(at);
                    set(&mut draft.patch, Some(cell), &self.reading)
                }
                CellUse::Field(set) if filled => set(&mut draft.patch, Some(cell), &self.reading),
                CellUse::Attribute(id, of_type) if filled => {
                    Value::parse(of_type, cell, self.reading.zone)
                        .map(|value| draft.patch.attributes.push((id, Some(value))))
                        .map_err(Fault::from)
                }
                _ if !self.empty_clears => Ok(()),
                CellUse::Phone(set) | CellUse::Email(set) | CellUse::Field(set) => {
                    set(&mut draft.patch, None, &self.reading)
                }
                CellUse::Attribute(id, _) => {
                    draft.patch.attributes.push((id, None));
                    Ok(())
                }
            };
            if let Err(fault) = read {
                draft.faults.push((at, fault));
            }
        }
        draft
    }

    fn read_channel(&self, cell: &str) -> Result<&Channel, Fault> {
        channel::named(&self.channels, cell).ok_or_else(|| {
            let message = "no channel has this name, and not just one is of this kind; write the channel's name";
            Fault::new(ImportErrorCode::ChannelUnknown, message)
        })
    }

    /// The first key that the row has a value for, with the columns that make it up. The key itself is none where its cells are faulty.
    fn key(&self, draft: &mut Draft<'_>) -> Option<(Option<RowKey>, [Option<usize>; 3])> {
        let has = draft.has;
        for by in &self.keys {
            match by {
                MatchBy::Id if has.id.is_some() => {
                    return Some((draft.id.map(RowKey::Id), [has.id, None, None]));
                }
                MatchBy::ChannelAddress if self.has_channel(draft) => {
                    let on_phone = has.address.is_none()
                        && draft.channel.is_none_or(|c| is_phone_channel(c.kind));
                    let columns = [
                        has.channel,
                        has.address.or(has.phone.filter(|_| on_phone)),
                        None,
                    ];
                    if columns[1].is_none() {
                        continue;
                    }
                    let address = self.address(draft);
                    return Some((
                        address.map(|(channel, address)| RowKey::Address(channel, address)),
                        columns,
                    ));
                }
                MatchBy::Phone if has.phone.is_some() => {
                    let phone = draft.patch.phone.clone().flatten();
                    return Some((phone.map(RowKey::Phone), [has.phone, None, None]));
                }
                MatchBy::Email if has.email.is_some() => {
                    let email = draft.patch.email.clone().flatten();
                    return Some((
                        email.map(|email| RowKey::Email(email.key)),
                        [has.email, None, None],
                    ));
                }
                _ => {}
            }
        }
        None
    }

    fn has_channel(&self, draft: &Draft<'_>) -> bool {
        draft.has.channel.is_some() || self.list_channel.is_some()
    }

    /// The address that the row names: its own cell, or the phone number where that is one on the channel. Notes what is wrong with
    /// it, once.
    fn address(&self, draft: &mut Draft<'_>) -> Option<(ChannelId, String)> {
        let channel = draft.channel?;
        match draft.address {
            Some(cell) => match normalise_address(channel.kind, cell, self.reading.country) {
                Ok(address) => Some((channel.id, address)),
                Err(fault) => {
                    let at = draft.has.address.unwrap_or_default();
                    if !draft.faults.iter().any(|(column, _)| *column == at) {
                        draft.faults.push((at, fault));
                    }
                    None
                }
            },
            None if is_phone_channel(channel.kind) => draft
                .patch
                .phone
                .clone()
                .flatten()
                .map(|phone| (channel.id, phone)),
            None => None,
        }
    }

    fn finish(
        &self,
        mut draft: Draft<'_>,
        record: &Record<'_>,
    ) -> Result<(Ready, Vec<RowError>), Vec<RowError>> {
        let found = self.key(&mut draft);
        let address = self.address(&mut draft);
        let key_columns = found.as_ref().map_or([None; 3], |(_, columns)| *columns);
        let mut errors: Vec<RowError> = Vec::with_capacity(draft.faults.len());
        for (at, fault) in draft.faults {
            let dropped = self.drop_cells && !key_columns.contains(&Some(at));
            errors.push(RowError {
                header: self.headers.get(at).cloned(),
                value: record.get(at).map(shown),
                code: fault.code,
                message: fault.message,
                dropped,
            });
        }
        match found {
            None => errors.push(self.key_missing()),
            Some((Some(key), _)) if errors.iter().all(|error| error.dropped) => {
                return Ok((
                    Ready {
                        key,
                        patch: draft.patch,
                        address,
                    },
                    errors,
                ));
            }
            Some(_) => {}
        }
        // Of a row that fails, nothing was left out: all of it was.
        for error in &mut errors {
            error.dropped = false;
        }
        Err(errors)
    }

    fn key_missing(&self) -> RowError {
        let (code, message) = match (&self.list_channel, self.keys.as_slice()) {
            (Some(_), _) => (
                ImportErrorCode::PhoneMissing,
                "a phone number is required in each row".to_owned(),
            ),
            (None, [MatchBy::Phone]) => (
                ImportErrorCode::PhoneMissing,
                "a phone number is required in each row".to_owned(),
            ),
            (None, keys) => {
                let names: Vec<&str> = keys.iter().map(|key| key_name(*key)).collect();
                let message = format!(
                    "nothing says who this row is about; fill in {}",
                    names.join(" or ")
                );
                (ImportErrorCode::KeyMissing, message)
            }
        };
        let wanted = |cell_use: &CellUse| matches!(cell_use, CellUse::Phone(_));
        let phone = self
            .uses
            .iter()
            .position(wanted)
            .filter(|_| code == ImportErrorCode::PhoneMissing);
        let header = phone.and_then(|at| self.headers.get(at).cloned());
        RowError {
            header,
            value: None,
            code,
            message,
            dropped: false,
        }
    }
}

/// What a key is called in messages.
pub(super) fn key_name(key: MatchBy) -> &'static str {
    match key {
        MatchBy::Id => "the id",
        MatchBy::ChannelAddress => "the channel and its address",
        MatchBy::Phone => "the phone number",
        MatchBy::Email => "the e-mail address",
    }
}

fn read_id(cell: &str) -> Result<ContactId, Fault> {
    cell.trim().parse().map_err(|_| {
        let message = "no contact has this id; leave the cell empty to find or make the contact by another key";
        Fault::new(ImportErrorCode::ContactNotFound, message)
    })
}

/// A cell as an error shows it.
fn shown(cell: &str) -> String {
    if cell.len() <= SHOWN {
        return cell.replace('\0', "\u{fffd}");
    }
    let mut text: String = cell.chars().take(SHOWN).collect();
    if text.len() < cell.len() {
        text.push('…');
    }
    text.replace('\0', "\u{fffd}")
}

impl RowKey {
    pub(super) fn by(&self) -> MatchBy {
        match self {
            Self::Id(_) => MatchBy::Id,
            Self::Address(..) => MatchBy::ChannelAddress,
            Self::Phone(_) => MatchBy::Phone,
            Self::Email(_) => MatchBy::Email,
        }
    }
}
