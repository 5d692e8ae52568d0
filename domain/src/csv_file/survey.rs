//! What is remembered of the records that go by during an inspection.

use std::collections::HashSet;

use super::dialect::{Dialect, QUOTE};
use super::encoding::{Encoding, Tally};
use super::raw_record::RawRecord;
use super::{Fault, Inspection, Layout, LongestRow, Problem, Refusal, RefusalCode};

/// The most headers that a file may have.
pub const MAX_COLUMNS: usize = 500;

/// How many rows an inspection shows.
pub const SAMPLE_ROWS: usize = 5;

/// How many characters of a cell it shows.
pub const SAMPLE_CHARS: usize = 200;

/// How many rows with a problem it names.
pub const MAX_PROBLEMS: usize = 20;

/// Enough of a cell to cut [`SAMPLE_CHARS`] characters from, and to see that there are more.
const SAMPLE_BYTES: usize = 4 * (SAMPLE_CHARS + 1);

/// See the module's documentation.
pub(super) struct Survey {
    header: Option<Header>,
    samples: Vec<Vec<Box<[u8]>>>,
    row_count: u64,
    longest_row: Option<LongestRow>,
    all_blank: bool,
    tally: Tally,
    readings: Vec<Reading>,
}

struct Header {
    cells: Vec<Box<[u8]>>,
    count: usize,
    is_broken: bool,
}

/// The problems that the file has, read in one of the possible encodings.
struct Reading {
    encoding: Encoding,
    notes: Vec<Note>,
    count: u64,
}

struct Note {
    fault: Fault,
    row: u64,
    line: u64,
}

impl Survey {
    pub(super) fn new(encodings: &[Encoding]) -> Self {
        let readings = encodings.iter().map(|encoding| Reading {
            encoding: *encoding,
            notes: Vec::new(),
            count: 0,
        });
        Self {
            header: None,
            samples: Vec::new(),
            row_count: 0,
            longest_row: None,
            all_blank: true,
            tally: Tally::default(),
            readings: readings.collect(),
        }
    }

    /// Takes the next record, the header first.
    pub(super) fn add(&mut self, record: &RawRecord<'_>) {
        self.all_blank = self.all_blank && record.is_blank();
        let is_ascii = record.bytes.is_ascii();
        if !is_ascii && self.readings.len() > 1 {
            match record.as_utf8() {
                Some(text) => self.tally.add(text.as_bytes()),
                None => record.iter().for_each(|cell| self.tally.add(cell)),
            }
        }
        let Some(header) = &self.header else {
            self.header = Some(Header {
                cells: keep(record, usize::MAX),
                count: record.cells,
                is_broken: record.unclosed || record.too_long,
            });
            return;
        };
        self.row_count += 1;
        if self.samples.len() < SAMPLE_ROWS {
            self.samples.push(keep(record, SAMPLE_BYTES));
        }
        let row = self.row_count;
        let line = record.line;
        let bytes = record.bytes.len();
        if self.longest_row.is_none_or(|longest| longest.bytes < bytes) {
            self.longest_row = Some(LongestRow { row, line, bytes });
        }
        for reading in &mut self.readings {
            let undecodable = match is_ascii {
                true => None,
                false => record.undecodable(reading.encoding),
            };
            if let Some(fault) = record.fault(undecodable, header.count) {
                reading.count += 1;
                if reading.notes.len() < MAX_PROBLEMS {
                    reading.notes.push(Note { fault, row, line });
                }
            }
        }
    }

    /// Decides on the encoding and describes the file in it.
    pub(super) fn finish(mut self, dialect: Dialect) -> Result<Inspection, Refusal> {
        let verdict = self.tally.verdict();
        let chosen = self
            .readings
            .iter()
            .position(|reading| reading.encoding == verdict)
            .unwrap_or_default();
        let reading = self.readings.swap_remove(chosen);
        let encoding = reading.encoding;
        let headers = match &self.header {
            Some(header) if !self.all_blank => header.read(encoding)?,
            _ => {
                let message = "This file is empty.";
                return Err(Refusal::new(RefusalCode::EmptyFile, message));
            }
        };
        let sample = |cells: &Vec<Box<[u8]>>| {
            cells
                .iter()
                .map(|cell| shorten(text(encoding, cell)))
                .collect()
        };
        let describe = |note: Note| Problem {
            fault: note.fault,
            message: note.fault.to_string(),
            row: note.row,
            line: note.line,
            header: note
                .fault
                .cell()
                .and_then(|cell| headers.get(cell).cloned()),
        };
        Ok(Inspection {
            layout: Layout {
                encoding,
                delimiter: dialect.delimiter,
                has_sep_line: dialect.has_sep_line,
            },
            quote: QUOTE,
            sample_rows: self.samples.iter().map(sample).collect(),
            row_count: self.row_count,
            longest_row: self.longest_row,
            problems: reading.notes.into_iter().map(describe).collect(),
            problem_count: reading.count,
            headers,
        })
    }
}

impl Header {
    fn read(&self, encoding: Encoding) -> Result<Vec<String>, Refusal> {
        if self.is_broken {
            let message = "A quote that opens in the header is never closed.";
            return Err(Refusal::new(RefusalCode::NotCsv, message));
        }
        if self.count > MAX_COLUMNS {
            let message = format!(
                "This file has {} columns. At most {MAX_COLUMNS} can be imported.",
                self.count
            );
            return Err(Refusal::new(RefusalCode::TooManyColumns, message));
        }
        let mut headers = Vec::with_capacity(self.count);
        let mut seen = HashSet::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let header = text(encoding, cell).trim().to_owned();
            let refusal = if header.is_empty() {
                let message = format!("Column {} has no header.", index + 1);
                Refusal::new(RefusalCode::NoHeader, message)
            } else if !encoding.is_text(cell) {
                let message = format!("The header “{header}” cannot be read as {encoding}.");
                Refusal::new(RefusalCode::NotCsv, message)
            } else if !seen.insert(header.to_lowercase()) {
                let message = format!("The header “{header}” is there more than once.");
                Refusal::new(RefusalCode::DuplicateHeader, message)
            } else {
                headers.push(header);
                continue;
            };
            let header = Some(header).filter(|header| !header.is_empty());
            return Err(Refusal { header, ..refusal });
        }
        Ok(headers)
    }
}

/// Copies what may be shown: no more cells than a header may have, and the beginning of each.
fn keep(record: &RawRecord<'_>, max_len: usize) -> Vec<Box<[u8]>> {
    let cells = record.iter().take(MAX_COLUMNS);
    cells
        .map(|cell| cell[..cell.len().min(max_len)].into())
        .collect()
}

fn text(encoding: Encoding, cell: &[u8]) -> String {
    let mut text = String::new();
    encoding.decode(cell, &mut text);
    text
}

fn shorten(mut cell: String) -> String {
    if let Some((end, _)) = cell.char_indices().nth(SAMPLE_CHARS) {
        cell.truncate(end);
        cell.push('…');
    }
    cell
}
