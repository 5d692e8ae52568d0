//! What an inspection finds: a description of the file, or why it is refused.

use super::{Encoding, Fault};

/// What a [`Reader`](super::Reader) needs to know of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The encoding of the whole file.
    pub encoding: Encoding,
    /// Between cells: `,`, `;`, tab or, by a `sep=` line only, `|`.
    pub delimiter: u8,
    /// Whether the first line only names the delimiter.
    pub has_sep_line: bool,
}

/// A file that can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// How to read it.
    pub layout: Layout,
    /// Around cells that need it; always [`QUOTE`](super::QUOTE).
    pub quote: u8,
    /// The cells of the first record, trimmed: none is empty, no two are equal but for case.
    pub headers: Vec<String>,
    /// The cells of the first [`SAMPLE_ROWS`](super::SAMPLE_ROWS) rows; those of more than
    /// [`SAMPLE_CHARS`](super::SAMPLE_CHARS) characters are cut and end in `…`.
    pub sample_rows: Vec<Vec<String>>,
    /// The rows after the header, good or bad, without empty lines.
    pub row_count: u64,
    /// The row with the most text, if there is a row.
    pub longest_row: Option<LongestRow>,
    /// The first [`MAX_PROBLEMS`](super::MAX_PROBLEMS) rows that cannot be taken.
    pub problems: Vec<Problem>,
    /// How many rows cannot be taken.
    pub problem_count: u64,
}

/// The row with the most text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LongestRow {
    /// Its number; 1 is the first after the header.
    pub row: u64,
    /// The line it begins on.
    pub line: u64,
    /// The bytes of its cells together, as far as they are kept: in the source's encoding, or in UTF-8 for UTF-16.
    pub bytes: usize,
}

/// A row that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The reason; [`Fault::code`] names it.
    pub fault: Fault,
    /// The reason as a sentence.
    pub message: String,
    /// The number of the row; 1 is the first after the header.
    pub row: u64,
    /// The line it begins on.
    pub line: u64,
    /// The header of the cell at fault, where it is one cell.
    pub header: Option<String>,
}

/// A file that cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The reason.
    pub code: RefusalCode,
    /// The reason as sentences.
    pub message: String,
    /// The header at fault, where it is one.
    pub header: Option<String>,
}

/// Why a file is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// There is no text in the file.
    EmptyFile,
    /// The first record is empty, or one of its cells is.
    NoHeader,
    /// Two headers are equal but for case and surrounding white space.
    DuplicateHeader,
    /// The file is something else.
    NotCsv,
    /// There are more than [`MAX_COLUMNS`](super::MAX_COLUMNS) headers.
    TooManyColumns,
}

impl RefusalCode {
    /// The name of the matching `ImportFailureCode`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EmptyFile => "EMPTY_FILE",
            Self::NoHeader => "NO_HEADER",
            Self::DuplicateHeader => "DUPLICATE_HEADER",
            Self::NotCsv => "NOT_CSV",
            Self::TooManyColumns => "TOO_MANY_COLUMNS",
        }
    }
}

impl Refusal {
    pub(super) fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            header: None,
        }
    }
}
