//! Splits pushed bytes into records: csv-core's automaton, with what it leaves out.
//!
//! Those are the line that a record begins on (for `\r` alone as well), a quote that never closes, and a bound on
//! what a record may take. A record beyond the bound is still scanned to its end, so that rows are counted right, but no
//! longer kept.

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::dialect::QUOTE;
use super::raw_record::RawRecord;

/// The most bytes that the cells of a record may have together: 4 MiB.
pub const MAX_RECORD_LEN: usize = 4 << 20;

/// The most cells that a record keeps, as many as a spreadsheet has columns; further ones are only counted.
pub const MAX_CELLS: usize = 16_384;

const SPILL_LEN: usize = 4096;

/// See the module's documentation.
pub(super) struct Scanner {
    core: csv_core::Reader,
    max_len: usize,
    bytes: Vec<u8>,
    len: usize,
    ends: Vec<usize>,
    cells: usize,
    /// Takes what a record beyond the bound goes on with.
    spill: Box<[u8]>,
    spilled_ends: Box<[usize]>,
    spilled_cells: usize,
    too_long: bool,
    unclosed: bool,
    in_record: bool,
    skip_line: bool,
    after_return: bool,
    line: u64,
    start_line: u64,
}

impl Scanner {
    /// Scans from the beginning of the text. `skip_line` passes over the first line, which is then not CSV (`sep=;`).
    pub(super) fn new(delimiter: u8, skip_line: bool, max_len: usize) -> Self {
        let mut core = ReaderBuilder::new()
            .delimiter(delimiter)
            .quote(QUOTE)
            .build();
        // The first call would drop a byte order mark, if it came in one piece. Ours is gone already; another is text.
        core.read_record(b"\n", &mut [0], &mut [0]);
        Self {
            core,
            max_len,
            bytes: vec![0; SPILL_LEN.min(max_len + 1)],
            len: 0,
            ends: vec![0; 32],
            cells: 0,
            spill: vec![0; SPILL_LEN].into_boxed_slice(),
            spilled_ends: vec![0; SPILL_LEN].into_boxed_slice(),
            spilled_cells: 0,
            too_long: false,
            unclosed: false,
            in_record: false,
            skip_line,
            after_return: false,
            line: 1,
            start_line: 1,
        }
    }

    /// Scans to the end of a record or of the input, and says how much that was and whether a record is complete.
    pub(super) fn feed(&mut self, input: &[u8]) -> (usize, bool) {
        let mut used = 0;
        if self.skip_line {
            let end = input.iter().position(is_line_end);
            self.skip_line = end.is_none();
            used = end.unwrap_or(input.len());
        }
        if !self.in_record {
            // csv-core passes over empty lines too, but within a record, whose first line would then be unknown.
            let rest = &input[used..];
            let gap = rest.iter().take_while(|byte| is_line_end(byte)).count();
            self.count_lines(&rest[..gap]);
            used += gap;
            if used < input.len() {
                self.begin();
            }
        }
        while used < input.len() {
            let (read, complete) = self.step(&input[used..]);
            used += read;
            if complete {
                self.in_record = false;
                return (used, true);
            }
        }
        (used, false)
    }

    /// Ends the text, and says whether that completes a record.
    pub(super) fn finish(&mut self) -> bool {
        if !self.in_record {
            return false;
        }
        self.in_record = false;
        self.reserve();
        let len = self.len;
        // A line end completes every record but one whose quote is open, where it is text.
        if self.read(b"\n").0 != ReadRecordResult::Record {
            self.unclosed = true;
            self.len = len;
            if let Some(end) = self.ends.get_mut(self.cells) {
                *end = len;
                self.cells += 1;
            }
        }
        true
    }

    /// The record completed last.
    pub(super) fn record(&self) -> RawRecord<'_> {
        let ends = &self.ends[..self.cells];
        RawRecord {
            bytes: &self.bytes[..ends.last().copied().unwrap_or_default()],
            ends,
            cells: self.cells + self.spilled_cells,
            line: self.start_line,
            too_long: self.too_long,
            unclosed: self.unclosed,
        }
    }

    fn begin(&mut self) {
        self.in_record = true;
        self.len = 0;
        self.cells = 0;
        self.spilled_cells = 0;
        self.too_long = false;
        self.start_line = self.line;
    }

    fn step(&mut self, input: &[u8]) -> (usize, bool) {
        self.reserve();
        let feeds = self.core.line();
        let (result, read, ..) = self.read(input);
        let feeds = self.core.line() - feeds;
        match input[..read].split_last() {
            // Nearly always: csv-core has counted the line feeds, and only the last byte can be a carriage return.
            Some((last, inner)) if !self.after_return && !inner.contains(&b'\r') => {
                self.after_return = *last == b'\r';
                self.line += feeds + u64::from(self.after_return);
            }
            Some(_) => self.count_lines(&input[..read]),
            None => {}
        }
        (read, result == ReadRecordResult::Record)
    }

    /// One step of the automaton, into the record or past its bound.
    fn read(&mut self, input: &[u8]) -> (ReadRecordResult, usize) {
        let output = if self.too_long {
            &mut *self.spill
        } else {
            &mut self.bytes[self.len..]
        };
        let spill_ends = self.cells == MAX_CELLS;
        let ends = if spill_ends {
            &mut *self.spilled_ends
        } else {
            &mut self.ends[self.cells..]
        };
        let (result, read, written, ended) = self.core.read_record(input, output, ends);
        if !self.too_long {
            self.len += written;
        }
        if spill_ends {
            self.spilled_cells += ended;
        } else {
            for end in &mut self.ends[self.cells..self.cells + ended] {
                *end = (*end).min(self.len);
            }
            self.cells += ended;
        }
        (result, read)
    }

    /// Makes room for at least one more byte and one more cell, or lets them spill.
    fn reserve(&mut self) {
        if self.len == self.bytes.len() {
            if self.len <= self.max_len {
                self.bytes.resize((self.len * 2).min(self.max_len + 1), 0);
            } else {
                self.too_long = true;
            }
        }
        if self.cells == self.ends.len() {
            self.ends.resize((self.cells * 2).min(MAX_CELLS), 0);
        }
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.line += u64::from(*byte == b'\r' || *byte == b'\n' && !self.after_return);
            self.after_return = *byte == b'\r';
        }
    }
}

fn is_line_end(byte: &u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

#[cfg(test)]
mod tests;
