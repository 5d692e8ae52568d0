//! Which of the four encodings a file has, and the text of one cell in it.
//!
//! UTF-8 and Windows-1252 agree on ASCII, hence on delimiters, quotes and line ends, so a file in either is split
//! into cells first and decoded cell by cell. UTF-16 is turned into UTF-8 before that (see the transcoder); what
//! could not be turned is marked by a byte that no UTF-8 has, so a cell's check is the same for both.

use std::fmt;
use std::str::FromStr;

use encoding_rs::WINDOWS_1252;

/// So many well-formed sequences for each malformed one make a file without byte order mark UTF-8 with damaged rows.
/// Text in Windows-1252 hardly ever forms even one by chance, and reading UTF-8 as Windows-1252 would garble every row.
const UTF8_EVIDENCE: u64 = 10;

/// An encoding that spreadsheets save CSV in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// UTF-8, with a byte order mark or without.
    Utf8,
    /// UTF-16, low byte first, with a byte order mark or without.
    Utf16Le,
    /// UTF-16, high byte first, with a byte order mark or without.
    Utf16Be,
    /// Windows-1252, Excel's choice for plain "CSV" on a western Windows.
    Windows1252,
}

/// The name of an encoding that is not one of the four.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown encoding {0:?}")]
pub struct UnknownEncoding(String);

impl Encoding {
    const ALL: [Self; 4] = [Self::Utf8, Self::Utf16Le, Self::Utf16Be, Self::Windows1252];

    /// The name to show and to store; [`FromStr`] reads it back.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Le => "UTF-16LE",
            Self::Utf16Be => "UTF-16BE",
            Self::Windows1252 => "Windows-1252",
        }
    }

    /// The byte order mark that a file in this encoding may begin with; empty where there is none.
    pub const fn byte_order_mark(self) -> &'static [u8] {
        match self {
            Self::Utf8 => b"\xef\xbb\xbf",
            Self::Utf16Le => b"\xff\xfe",
            Self::Utf16Be => b"\xfe\xff",
            Self::Windows1252 => b"",
        }
    }

    /// Whether the bytes are text in this encoding, after UTF-16 has become UTF-8. NUL is not text: no column of
    /// PostgreSQL can hold it.
    pub(super) fn is_text(self, bytes: &[u8]) -> bool {
        if bytes.contains(&0) {
            return false;
        }
        match self {
            // Without an early end, so that it is done for many bytes at once.
            Self::Windows1252 => !bytes
                .iter()
                .fold(false, |found, byte| found | is_undefined(byte)),
            Self::Utf8 | Self::Utf16Le | Self::Utf16Be => std::str::from_utf8(bytes).is_ok(),
        }
    }

    /// Appends the text of a cell, with U+FFFD for what is no text.
    pub(super) fn decode(self, bytes: &[u8], text: &mut String) {
        let start = text.len();
        match self {
            Self::Windows1252 if !bytes.is_ascii() => {
                for (index, run) in bytes.split(is_undefined).enumerate() {
                    if index > 0 {
                        text.push(char::REPLACEMENT_CHARACTER);
                    }
                    text.push_str(&WINDOWS_1252.decode_without_bom_handling(run).0);
                }
            }
            Self::Windows1252 | Self::Utf8 | Self::Utf16Le | Self::Utf16Be => {
                text.push_str(&String::from_utf8_lossy(bytes));
            }
        }
        if bytes.contains(&0) {
            let clean = text[start..].replace('\0', "\u{fffd}");
            text.truncate(start);
            text.push_str(&clean);
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Encoding {
    type Err = UnknownEncoding;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|encoding| encoding.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownEncoding(name.to_owned()))
    }
}

/// Whether Windows-1252 gives the byte no character. Such are refused: where they occur the text is in something else,
/// such as the DOS code page 850, in which 0x81 is `ü`.
fn is_undefined(byte: &u8) -> bool {
    matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)
}

/// The encodings that the head of a file leaves possible; the first is the likelier. Only UTF-8 and Windows-1252 are
/// ever left together: which it is shows at the first byte beyond ASCII, and that may be gigabytes away.
pub(super) fn possible(head: &[u8]) -> &'static [Encoding] {
    if head.starts_with(Encoding::Utf8.byte_order_mark()) {
        &[Encoding::Utf8]
    } else if head.starts_with(Encoding::Utf16Le.byte_order_mark()) {
        &[Encoding::Utf16Le]
    } else if head.starts_with(Encoding::Utf16Be.byte_order_mark()) {
        &[Encoding::Utf16Be]
    } else {
        by_zero_bytes(head).unwrap_or(&[Encoding::Utf8, Encoding::Windows1252])
    }
}

/// Delimiters, digits and line ends are ASCII in any language: in UTF-16 they leave zeros on one side of the pairs
/// only. Pairs of two ASCII bytes without a zero are ideographs then, and those are not all alike; where nearly all
/// pairs are such, a stray NUL stands in plain text.
fn by_zero_bytes(head: &[u8]) -> Option<&'static [Encoding]> {
    let (mut first, mut second, mut plain, mut other) = (0, 0, 0, 0);
    for pair in head.chunks_exact(2) {
        match pair {
            [0, _] => first += 1,
            [_, 0] => second += 1,
            pair if pair.is_ascii() => plain += 1,
            _ => other += 1,
        }
    }
    let enough = (head.len() / 20).max(1);
    if plain > other + first.max(second) {
        None
    } else if second >= enough && first * 8 < second {
        Some(&[Encoding::Utf16Le])
    } else if first >= enough && second * 8 < first {
        Some(&[Encoding::Utf16Be])
    } else {
        None
    }
}

/// Evidence for UTF-8 against Windows-1252, gathered over the whole file.
#[derive(Debug, Default)]
pub(super) struct Tally {
    well_formed: u64,
    malformed: u64,
}

impl Tally {
    /// Counts the sequences beyond ASCII of a cell.
    pub(super) fn add(&mut self, mut cell: &[u8]) {
        loop {
            let (valid, rest) = match std::str::from_utf8(cell) {
                Ok(_) => (cell, &[][..]),
                Err(error) => {
                    self.malformed += 1;
                    let valid = error.valid_up_to();
                    let bad = error.error_len().unwrap_or(cell.len() - valid);
                    (&cell[..valid], &cell[valid + bad..])
                }
            };
            self.well_formed += valid.iter().filter(|byte| **byte >= 0xc0).count() as u64;
            if rest.is_empty() {
                return;
            }
            cell = rest;
        }
    }

    /// The encoding that the counts speak for.
    pub(super) fn verdict(&self) -> Encoding {
        if self.malformed == 0 || self.well_formed / self.malformed >= UTF8_EVIDENCE {
            Encoding::Utf8
        } else {
            Encoding::Windows1252
        }
    }
}
