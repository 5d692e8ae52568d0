//! A record as the scanner leaves it: split and unquoted, but not decoded.

use super::{Encoding, Fault};

/// A record before it is decoded.
#[derive(Clone, Copy)]
pub(super) struct RawRecord<'a> {
    /// The kept cells, one after the other.
    pub(super) bytes: &'a [u8],
    /// Where each of them ends.
    pub(super) ends: &'a [usize],
    /// How many cells there were, kept or not.
    pub(super) cells: usize,
    pub(super) line: u64,
    pub(super) too_long: bool,
    pub(super) unclosed: bool,
}

impl<'a> RawRecord<'a> {
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let bytes = self.bytes;
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let cell = &bytes[start..*end];
            start = *end;
            cell
        })
    }

    pub(super) fn is_blank(&self) -> bool {
        self.bytes.iter().all(u8::is_ascii_whitespace)
    }

    /// The cells as UTF-8, if each is. Halves of a character at the end of one cell and the beginning of the next make
    /// a valid whole, but two broken cells.
    pub(super) fn as_utf8(&self) -> Option<&'a str> {
        let text = std::str::from_utf8(self.bytes).ok()?;
        let is_whole = |end: &usize| text.is_char_boundary(*end);
        (text.is_ascii() || self.ends.iter().all(is_whole)).then_some(text)
    }

    /// The first cell that is no text in the encoding.
    pub(super) fn undecodable(&self, encoding: Encoding) -> Option<usize> {
        // Nearly always there is none, which shows faster on all together.
        if encoding.is_text(self.bytes)
            && (encoding == Encoding::Windows1252 || self.as_utf8().is_some())
        {
            return None;
        }
        self.iter().position(|cell| !encoding.is_text(cell))
    }

    /// What is wrong, given what [`Self::undecodable`] said.
    pub(super) fn fault(&self, undecodable: Option<usize>, headers: usize) -> Option<Fault> {
        let cells = self.cells;
        if self.unclosed {
            Some(Fault::QuoteNotClosed)
        } else if self.too_long {
            Some(Fault::TooLong)
        } else if let Some(cell) = undecodable {
            Some(Fault::TextNotDecodable { cell })
        } else if cells > headers {
            Some(Fault::TooManyCells { cells, headers })
        } else if cells < headers {
            Some(Fault::TooFewCells { cells, headers })
        } else {
            None
        }
    }
}
