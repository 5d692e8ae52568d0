//! Which rows come again later in the file. Known before the first write, on disk, in bounded memory.
//!
//! The file is read once for the keys alone; the rows whose key comes more than once are read again whole, since only a row that is
//! itself valid takes another's place. Keys are hashed and spread over files by their hash, each small enough to sort in memory.

use super::plan::Plan;
use crate::{csv_file::Reader, error::Result, import::parse::RowKey, store::Store};
use sha2::{Digest, Sha256};
use std::{
    fs::File,
    io::{BufReader, BufWriter, Read, Seek, Write},
    os::unix::fs::FileExt,
};

/// Bytes of a key's hash: enough that two keys of one file never meet.
const HASH: usize = 16;
const RECORD: usize = HASH + 8;
/// Rows that are sorted in memory at once, about.
const ROWS_A_PART: i64 = 200_000;
const MAX_PARTS: i64 = 256;

/// The rows that a later one supersedes, one bit a row, on disk.
pub struct Superseded(Option<Bitmap>);

impl Superseded {
    /// Whether a later row of the same key counts instead of `row`.
    ///
    /// # Errors
    /// When the temporary file cannot be read.
    pub fn contains(&mut self, row: i64) -> std::io::Result<bool> {
        self.0.as_mut().map_or(Ok(false), |bits| bits.get(row))
    }
}

/// Finds them. `open` gives the source from its beginning; `stopped` is asked now and then, and ends the work early with none.
///
/// # Errors
/// When the source or a temporary file cannot be read or written.
pub fn find(
    plan: &Plan,
    store: &Store,
    open: &dyn Fn() -> Result<Box<dyn Read + Send>>,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<Superseded>> {
    let mut keys = Parts::new(plan, store)?;
    let mut reader = Reader::open(open()?, plan.layout)?;
    while let Some(record) = reader.read_record()? {
        let row = i64::try_from(record.row()).unwrap_or(i64::MAX);
        if row > plan.rows_taken() {
            break;
        }
        if row % 4096 == 0 && stopped() {
            return Ok(None);
        }
        if let Some(key) = plan.read_key(&record) {
            keys.push(&key, row)?;
        }
    }
    let mut repeated = Bitmap::new(store)?;
    let mut any = false;
    keys.groups(|rows| {
        any = true;
        rows.iter().try_for_each(|row| repeated.set(*row))
    })?;
    if !any {
        return Ok(Some(Superseded(None)));
    }
    let mut valid = Parts::new(plan, store)?;
    let mut reader = Reader::open(open()?, plan.layout)?;
    while let Some(record) = reader.read_record()? {
        let row = i64::try_from(record.row()).unwrap_or(i64::MAX);
        if row > plan.rows_taken() {
            break;
        }
        if row % 4096 == 0 && stopped() {
            return Ok(None);
        }
        if repeated.get(row)?
            && let Some(ready) = plan.read(&record).ready
        {
            valid.push(&ready.key, row)?;
        }
    }
    let mut superseded = Bitmap::new(store)?;
    valid.groups(|rows| {
        rows[..rows.len() - 1]
            .iter()
            .try_for_each(|row| superseded.set(*row))
    })?;
    Ok(Some(Superseded(Some(superseded))))
}

/// Keys with their rows, spread over files by hash.
struct Parts(Vec<BufWriter<File>>);

impl Parts {
    fn new(plan: &Plan, store: &Store) -> Result<Self> {
        let count = (plan.rows_taken() / ROWS_A_PART + 1).min(MAX_PARTS);
        let part = |_| Ok(BufWriter::with_capacity(16 * 1024, store.temporary()?));
        Ok(Self((0..count).map(part).collect::<Result<_>>()?))
    }

    fn push(&mut self, key: &RowKey, row: i64) -> std::io::Result<()> {
        let hash = hash(key);
        let part = usize::from(u16::from_le_bytes([hash[0], hash[1]])) % self.0.len();
        self.0[part].write_all(&hash)?;
        self.0[part].write_all(&row.to_le_bytes())
    }

    /// Calls `each` with the rows, ascending, of every key that has more than one.
    fn groups(self, mut each: impl FnMut(&[i64]) -> std::io::Result<()>) -> std::io::Result<()> {
        for part in self.0 {
            let mut file = part.into_inner()?;
            file.rewind()?;
            let mut entries = Vec::new();
            let mut reader = BufReader::new(file);
            let mut record = [0_u8; RECORD];
            while read_record(&mut reader, &mut record)? {
                let (hash, row) = record.split_at(HASH);
                let row: [u8; 8] = row.try_into().unwrap_or_default();
                let hash: [u8; HASH] = hash.try_into().unwrap_or_default();
                entries.push((hash, i64::from_le_bytes(row)));
            }
            entries.sort_unstable();
            let mut rows = Vec::new();
            for group in entries
                .chunk_by(|a, b| a.0 == b.0)
                .filter(|group| group.len() > 1)
            {
                rows.clear();
                rows.extend(group.iter().map(|(_, row)| *row));
                each(&rows)?;
            }
        }
        Ok(())
    }
}

fn read_record(reader: &mut impl Read, record: &mut [u8; RECORD]) -> std::io::Result<bool> {
    match reader.read_exact(record) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// Keys of different kinds never meet.
fn hash(key: &RowKey) -> [u8; HASH] {
    let mut hasher = Sha256::new();
    match key {
        RowKey::Id(id) => hasher.update(format!("i{}", id.0)),
        RowKey::Address(channel, address) => hasher.update(format!("a{} {address}", channel.0)),
        RowKey::Phone(phone) => hasher.update(format!("p{phone}")),
        RowKey::Email(email) => hasher.update(format!("e{email}")),
    }
    let mut hash = [0; HASH];
    hash.copy_from_slice(&hasher.finalize()[..HASH]);
    hash
}

/// One bit a row, in a file of which one page is in memory.
struct Bitmap {
    file: File,
    page: [u8; PAGE],
    at: u64,
    changed: bool,
}

const PAGE: usize = 4096;

impl Bitmap {
    fn new(store: &Store) -> Result<Self> {
        Ok(Self {
            file: store.temporary()?,
            page: [0; PAGE],
            at: 0,
            changed: false,
        })
    }

    fn get(&mut self, row: i64) -> std::io::Result<bool> {
        let (byte, bit) = self.turn_to(row)?;
        Ok(self.page[byte] & bit != 0)
    }

    fn set(&mut self, row: i64) -> std::io::Result<()> {
        let (byte, bit) = self.turn_to(row)?;
        self.page[byte] |= bit;
        self.changed = true;
        Ok(())
    }

    /// Brings the page of a row into memory; returns its byte there and its bit in that.
    fn turn_to(&mut self, row: i64) -> std::io::Result<(usize, u8)> {
        let row = u64::try_from(row).unwrap_or_default();
        let (byte, bit) = (row / 8, 1 << (row % 8));
        let page = byte / PAGE as u64;
        if page != self.at {
            if self.changed {
                self.file.write_all_at(&self.page, self.at * PAGE as u64)?;
            }
            self.page.fill(0);
            let mut filled = 0;
            while filled < PAGE {
                match self
                    .file
                    .read_at(&mut self.page[filled..], page * PAGE as u64 + filled as u64)?
                {
                    0 => break,
                    read => filled += read,
                }
            }
            (self.at, self.changed) = (page, false);
        }
        Ok((usize::try_from(byte % PAGE as u64).unwrap_or_default(), bit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bitmap_keeps_its_bits_over_many_pages() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(None, folder.path()).unwrap();
        let mut bits = Bitmap::new(&store).unwrap();
        let rows: Vec<i64> = (0..200_000).step_by(7_001).collect();
        // Far apart and back: every step turns a page.
        for row in rows.iter().chain(rows.iter().rev()) {
            bits.set(*row).unwrap();
        }
        for row in 0..200_000 {
            assert_eq!(bits.get(row).unwrap(), rows.contains(&row), "{row}");
        }
    }
}
