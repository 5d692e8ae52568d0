//! From the bytes of a file to bytes that the scanner can split: without byte order mark, and UTF-16 as UTF-8.
//!
//! UTF-8 and Windows-1252 pass unchanged, whatever they hold; their cells are checked and decoded one by one later.

use std::io::{self, BufRead, ErrorKind, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};

use super::Encoding;

/// How much is read from the source at a time.
pub(super) const CHUNK_LEN: usize = 64 * 1024;

/// Stands for an unpaired surrogate or a missing half. UTF-8 has no such byte, so it cannot be mistaken for a
/// character of the source, as U+FFFD could.
const UNDECODABLE: u8 = 0xff;

/// Turns chunk after chunk.
pub(super) struct Transcoder {
    decoder: Option<Decoder>,
    output: Vec<u8>,
}

impl Transcoder {
    pub(super) fn new(encoding: Encoding) -> Self {
        let decoder = match encoding {
            Encoding::Utf8 | Encoding::Windows1252 => None,
            Encoding::Utf16Le => Some(UTF_16LE.new_decoder_without_bom_handling()),
            Encoding::Utf16Be => Some(UTF_16BE.new_decoder_without_bom_handling()),
        };
        Self {
            decoder,
            output: Vec::new(),
        }
    }

    /// Turns the next chunk; `last` says that none comes after it. The chunk may end within a character.
    pub(super) fn push<'a>(&'a mut self, mut raw: &'a [u8], last: bool) -> &'a [u8] {
        let Some(decoder) = &mut self.decoder else {
            return raw;
        };
        // Two bytes become at most three; the rest is room that the decoder wants to have before it writes at all.
        let room = raw.len() / 2 * 3 + 64;
        if self.output.len() < room {
            self.output.resize(room, 0);
        }
        let mut len = 0;
        loop {
            let (result, read, written) =
                decoder.decode_to_utf8_without_replacement(raw, &mut self.output[len..], last);
            raw = &raw[read..];
            len += written;
            match result {
                DecoderResult::InputEmpty => return &self.output[..len],
                DecoderResult::OutputFull => self.output.resize(self.output.len() * 2, 0),
                DecoderResult::Malformed(..) => {
                    if len == self.output.len() {
                        self.output.push(0);
                    }
                    self.output[len] = UNDECODABLE;
                    len += 1;
                }
            }
        }
    }
}

/// A file as the scanner wants it: the byte order mark is gone, UTF-16 is UTF-8 with 0xFF for what could not be
/// decoded, and Windows-1252 is as it was. Holds one chunk at a time.
pub struct DecodingReader<R> {
    source: R,
    mark: &'static [u8],
    transcoder: Transcoder,
    raw: Box<[u8]>,
    /// What of the current chunk is still to be consumed, in `raw` or in the transcoder's output.
    start: usize,
    end: usize,
    state: State,
}

#[derive(PartialEq, Eq)]
enum State {
    AtStart,
    Reading,
    Ended,
}

impl<R: Read> DecodingReader<R> {
    /// Reads `source` from its beginning as a file in `encoding`.
    pub fn new(source: R, encoding: Encoding) -> Self {
        Self {
            source,
            mark: encoding.byte_order_mark(),
            transcoder: Transcoder::new(encoding),
            raw: vec![0; CHUNK_LEN].into_boxed_slice(),
            start: 0,
            end: 0,
            state: State::AtStart,
        }
    }

    /// Fetches the next chunk of text; an empty one only at the end.
    fn fetch(&mut self) -> io::Result<()> {
        while self.start == self.end && self.state != State::Ended {
            let at_start = self.state == State::AtStart;
            let wanted = if at_start { self.mark.len() } else { 0 };
            let len = fill(&mut self.source, &mut self.raw, wanted)?;
            let skipped = if at_start && self.raw[..len].starts_with(self.mark) {
                self.mark.len()
            } else {
                0
            };
            self.state = if len == 0 {
                State::Ended
            } else {
                State::Reading
            };
            if self.transcoder.decoder.is_some() {
                let text = self.transcoder.push(&self.raw[skipped..len], len == 0);
                (self.start, self.end) = (0, text.len());
            } else {
                (self.start, self.end) = (skipped, len);
            }
        }
        Ok(())
    }
}

impl<R: Read> BufRead for DecodingReader<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.fetch()?;
        let chunk = if self.transcoder.decoder.is_some() {
            &self.transcoder.output
        } else {
            &*self.raw
        };
        Ok(&chunk[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = (self.start + amount).min(self.end);
    }
}

impl<R: Read> Read for DecodingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(buffer)?;
        self.consume(read);
        Ok(read)
    }
}

/// Reads until at least `wanted` bytes, and one, are there or the source has ended, and says how many there are.
fn fill(source: &mut impl Read, buffer: &mut [u8], wanted: usize) -> io::Result<usize> {
    let mut len = 0;
    loop {
        match source.read(&mut buffer[len..]) {
            Ok(0) => return Ok(len),
            Ok(read) => len += read,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
        if len >= wanted.max(1) {
            return Ok(len);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(encoding: Encoding, source: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        DecodingReader::new(source, encoding)
            .read_to_end(&mut text)
            .expect("slices can be read");
        text
    }

    #[test]
    fn unpaired_surrogates_are_marked_and_a_genuine_replacement_character_is_not() {
        let units = [0xd83d, 0x61, 0xfffd, 0xdc00, 0xd83d, 0xde00];
        let little: Vec<u8> = units.iter().flat_map(|u: &u16| u.to_le_bytes()).collect();
        let big: Vec<u8> = units.iter().flat_map(|u: &u16| u.to_be_bytes()).collect();
        let expected = b"\xffa\xef\xbf\xbd\xff\xf0\x9f\x98\x80";
        assert_eq!(decode(Encoding::Utf16Le, &little), expected);
        assert_eq!(decode(Encoding::Utf16Be, &big), expected);
        assert_eq!(decode(Encoding::Utf16Le, b"a\0b"), b"a\xff");
    }

    #[test]
    fn many_malformed_units_grow_nothing_but_the_text() {
        let source = [0x00, 0xd8].repeat(100_000);
        assert_eq!(decode(Encoding::Utf16Le, &source).len(), 100_000);
    }

    #[test]
    fn only_the_first_byte_order_mark_goes() {
        assert_eq!(
            decode(Encoding::Utf8, b"\xef\xbb\xbf\xef\xbb\xbfa"),
            b"\xef\xbb\xbfa"
        );
        assert_eq!(decode(Encoding::Utf8, b"\xef\xbb"), b"\xef\xbb");
        assert_eq!(decode(Encoding::Utf16Be, b"\xfe\xff\0a"), b"a");
        assert_eq!(decode(Encoding::Utf16Be, b""), b"");
    }
}
