//! Yields the rows of a file whose layout is known.

use std::io::{self, BufRead, ErrorKind, Read};

use super::raw_record::RawRecord;
use super::scanner::{MAX_RECORD_LEN, Scanner};
use super::transcode::DecodingReader;
use super::{Encoding, Layout, Record};

/// Reads a file row by row. What it holds is one chunk of the file and one row of at most [`MAX_RECORD_LEN`].
pub struct Reader<R> {
    source: DecodingReader<R>,
    scanner: Scanner,
    encoding: Encoding,
    header: Vec<String>,
    columns: usize,
    row: u64,
    decoded: Decoded,
}

/// The text of a record whose bytes are not yet UTF-8.
#[derive(Default)]
struct Decoded {
    text: String,
    ends: Vec<usize>,
}

impl<R: Read> Reader<R> {
    /// Opens a file at its beginning and reads the header.
    ///
    /// # Errors
    ///
    /// When reading fails. A file without a record is no error: its header is empty, and no rows follow.
    pub fn open(source: R, layout: Layout) -> io::Result<Self> {
        Self::bounded(source, layout, MAX_RECORD_LEN)
    }

    fn bounded(source: R, layout: Layout, max_record_len: usize) -> io::Result<Self> {
        let mut reader = Self {
            source: DecodingReader::new(source, layout.encoding),
            scanner: Scanner::new(layout.delimiter, layout.has_sep_line, max_record_len),
            encoding: layout.encoding,
            header: Vec::new(),
            columns: 0,
            row: 0,
            decoded: Decoded::default(),
        };
        if reader.advance()? {
            let header = reader.scanner.record();
            reader.columns = header.cells;
            reader.header = header
                .iter()
                .map(|cell| {
                    let mut text = String::new();
                    layout.encoding.decode(cell, &mut text);
                    text
                })
                .collect();
        }
        Ok(reader)
    }

    /// The cells of the header as the file has them, not trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next row; `None` at the end of the file.
    ///
    /// # Errors
    ///
    /// When reading fails. A row that cannot be taken is no error: it carries its [`Fault`](super::Fault).
    pub fn read_record(&mut self) -> io::Result<Option<Record<'_>>> {
        if !self.advance()? {
            return Ok(None);
        }
        self.row += 1;
        let raw = self.scanner.record();
        let (text, ends, undecodable) = match as_text(&raw, self.encoding) {
            Some(text) => (text, raw.ends, None),
            None => {
                let undecodable = raw.undecodable(self.encoding);
                self.decoded.fill(&raw, self.encoding);
                (&*self.decoded.text, &*self.decoded.ends, undecodable)
            }
        };
        Ok(Some(Record {
            text,
            ends,
            row: self.row,
            line: raw.line,
            fault: raw.fault(undecodable, self.columns),
        }))
    }

    /// Passes over rows, so that the next one read is `row`; at the end of the file none is.
    ///
    /// # Errors
    ///
    /// When reading fails, or when `row` has been read already.
    pub fn skip_to(&mut self, row: u64) -> io::Result<()> {
        if row <= self.row {
            let message = format!("row {row} has been read already");
            return Err(io::Error::new(ErrorKind::InvalidInput, message));
        }
        while self.row + 1 < row && self.advance()? {
            self.row += 1;
        }
        Ok(())
    }

    /// Scans one more record, if there is one.
    fn advance(&mut self) -> io::Result<bool> {
        loop {
            let chunk = self.source.fill_buf()?;
            if chunk.is_empty() {
                return Ok(self.scanner.finish());
            }
            let (used, complete) = self.scanner.feed(chunk);
            self.source.consume(used);
            if complete {
                return Ok(true);
            }
        }
    }
}

/// The record's bytes as they are, if they are text without decoding.
fn as_text<'a>(raw: &RawRecord<'a>, encoding: Encoding) -> Option<&'a str> {
    let is_same = encoding != Encoding::Windows1252 || raw.bytes.is_ascii();
    if is_same && !raw.bytes.contains(&0) {
        raw.as_utf8()
    } else {
        None
    }
}

impl Decoded {
    fn fill(&mut self, raw: &RawRecord<'_>, encoding: Encoding) {
        self.text.clear();
        self.ends.clear();
        for cell in raw.iter() {
            encoding.decode(cell, &mut self.text);
            self.ends.push(self.text.len());
        }
    }
}

#[cfg(test)]
mod tests;
