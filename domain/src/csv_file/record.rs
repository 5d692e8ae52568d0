//! One row as its readers see it, and what can be wrong with it before its cells mean anything.

use std::fmt;

use super::MAX_RECORD_LEN;

/// Why a row cannot be taken. Where several hold, the first in this order is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A quote opens in this row and is never closed, so that the rest of the file belongs to it.
    QuoteNotClosed,
    /// The row is longer than [`MAX_RECORD_LEN`] bytes; its cells are cut there.
    TooLong,
    /// The row holds bytes that mean nothing in the file's encoding; they read as U+FFFD.
    TextNotDecodable {
        /// The first such cell, counted from 0.
        cell: usize,
    },
    /// More cells than the header has.
    TooManyCells {
        /// Of this row.
        cells: usize,
        /// Of the header.
        headers: usize,
    },
    /// Fewer cells than the header has.
    TooFewCells {
        /// Of this row.
        cells: usize,
        /// Of the header.
        headers: usize,
    },
}

impl Fault {
    /// The name of the matching `ImportErrorCode`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::QuoteNotClosed => "QUOTE_NOT_CLOSED",
            Self::TooLong => "VALUE_TOO_LONG",
            Self::TextNotDecodable { .. } => "TEXT_NOT_DECODABLE",
            Self::TooManyCells { .. } => "TOO_MANY_CELLS",
            Self::TooFewCells { .. } => "TOO_FEW_CELLS",
        }
    }

    /// The cell at fault, counted from 0, where it is one cell.
    pub const fn cell(self) -> Option<usize> {
        match self {
            Self::TextNotDecodable { cell } => Some(cell),
            _ => None,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QuoteNotClosed => formatter.write_str(
                "A quote opens in this row and is never closed, so the rest of the file is not read as rows.",
            ),
            Self::TooLong => write!(
                formatter,
                "This row is longer than {} MiB. Perhaps a quote was not closed.",
                MAX_RECORD_LEN >> 20
            ),
            Self::TextNotDecodable { .. } => {
                formatter.write_str("This text cannot be read in the encoding of the file.")
            }
            Self::TooManyCells { cells, headers } | Self::TooFewCells { cells, headers } => {
                write!(formatter, "This row has {}, the header has {headers}.", Count(*cells))
            }
        }
    }
}

struct Count(usize);

impl fmt::Display for Count {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = if self.0 == 1 { "" } else { "s" };
        write!(formatter, "{} cell{plural}", self.0)
    }
}

/// A data row, borrowed from its reader until the next is read.
#[derive(Debug, Clone, Copy)]
pub struct Record<'r> {
    pub(super) text: &'r str,
    pub(super) ends: &'r [usize],
    pub(super) row: u64,
    pub(super) line: u64,
    pub(super) fault: Option<Fault>,
}

impl<'r> Record<'r> {
    /// The cell in a column counted from 0, unquoted and otherwise unchanged.
    pub fn get(&self, column: usize) -> Option<&'r str> {
        let end = *self.ends.get(column)?;
        let start = match column {
            0 => 0,
            _ => self.ends[column - 1],
        };
        Some(&self.text[start..end])
    }

    /// How many cells there are, at most [`MAX_CELLS`](super::MAX_CELLS).
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are no cells; never so for a row of a file.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cells from the left. They are readable, as far as they go, in a row with a fault as well.
    pub fn iter(&self) -> Cells<'r> {
        Cells {
            text: self.text,
            ends: self.ends.iter(),
            start: 0,
        }
    }

    /// Whether all cells are empty or white space, as in the `;;;` that spreadsheets leave below a table.
    pub fn is_blank(&self) -> bool {
        self.text.chars().all(char::is_whitespace)
    }

    /// The number of the row; 1 is the first after the header.
    pub fn row(&self) -> u64 {
        self.row
    }

    /// The line of the source that the row begins on, counted from 1, with the lines inside quotes.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Why the row cannot be taken, if so.
    pub fn fault(&self) -> Option<Fault> {
        self.fault
    }
}

impl<'r> IntoIterator for &Record<'r> {
    type Item = &'r str;
    type IntoIter = Cells<'r>;

    fn into_iter(self) -> Cells<'r> {
        self.iter()
    }
}

/// The cells of a [`Record`].
#[derive(Debug, Clone)]
pub struct Cells<'r> {
    text: &'r str,
    ends: std::slice::Iter<'r, usize>,
    start: usize,
}

impl<'r> Iterator for Cells<'r> {
    type Item = &'r str;

    fn next(&mut self) -> Option<&'r str> {
        let end = *self.ends.next()?;
        let cell = &self.text[self.start..end];
        self.start = end;
        Some(cell)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.ends.size_hint()
    }
}

impl ExactSizeIterator for Cells<'_> {}
