//! The pass over a file while it is uploaded.

use std::io::{self, ErrorKind, Read};

use super::dialect::{self, Dialect};
use super::scanner::Scanner;
use super::survey::Survey;
use super::transcode::{CHUNK_LEN, Transcoder};
use super::{Inspection, MAX_RECORD_LEN, Refusal, binary, encoding};

/// What is gathered before encoding and dialect are decided. The decision must not depend on the size of the chunks.
const HEAD_LEN: usize = 256 * 1024;

/// Inspects a file that is pushed to it chunk by chunk, however cut, in bounded memory (some 10 MiB at the worst).
///
/// UTF-8 and Windows-1252 may be told apart only at the end; both readings are followed until then.
pub struct Inspector {
    stage: Stage,
    head_len: usize,
    max_record_len: usize,
}

enum Stage {
    Head(Vec<u8>),
    Body(Box<Body>),
    Refused(Refusal),
}

impl Default for Inspector {
    fn default() -> Self {
        Self::new()
    }
}

impl Inspector {
    /// Awaits the first chunk.
    pub fn new() -> Self {
        Self::sized(HEAD_LEN, MAX_RECORD_LEN)
    }

    fn sized(head_len: usize, max_record_len: usize) -> Self {
        Self {
            stage: Stage::Head(Vec::new()),
            head_len,
            max_record_len,
        }
    }

    /// Takes the next bytes of the file.
    pub fn push(&mut self, chunk: &[u8]) {
        match &mut self.stage {
            Stage::Head(head) => {
                let missing = self.head_len - head.len();
                let (missing, rest) = chunk.split_at(missing.min(chunk.len()));
                head.extend_from_slice(missing);
                if head.len() == self.head_len {
                    self.stage = Body::begin(head, false, self.max_record_len)
                        .map_or_else(Stage::Refused, |body| Stage::Body(Box::new(body)));
                    self.push(rest);
                }
            }
            Stage::Body(body) => {
                if let Err(refusal) = body.push(chunk) {
                    self.stage = Stage::Refused(refusal);
                }
            }
            Stage::Refused(_) => {}
        }
    }

    /// The refusal that is certain already, so that an upload can be ended early. Most are known at the end only.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.stage {
            Stage::Refused(refusal) => Some(refusal),
            Stage::Head(_) | Stage::Body(_) => None,
        }
    }

    /// Ends the file.
    ///
    /// # Errors
    ///
    /// When the file as a whole cannot be imported. Rows that cannot be are no reason: they are among the problems.
    pub fn finish(self) -> Result<Inspection, Refusal> {
        match self.stage {
            Stage::Head(head) => Body::begin(&head, true, self.max_record_len)?.finish(),
            Stage::Body(body) => body.finish(),
            Stage::Refused(refusal) => Err(refusal),
        }
    }
}

/// Inspects a file that is there already.
///
/// # Errors
///
/// The outer error is one of reading; see [`Inspector::finish`] for the inner.
pub fn inspect(mut source: impl Read) -> io::Result<Result<Inspection, Refusal>> {
    let mut inspector = Inspector::new();
    let mut chunk = vec![0; CHUNK_LEN];
    while inspector.refusal().is_none() {
        match source.read(&mut chunk) {
            Ok(0) => break,
            Ok(len) => inspector.push(&chunk[..len]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(inspector.finish())
}

/// The pass once encoding and dialect are decided.
struct Body {
    transcoder: Transcoder,
    scanner: Scanner,
    survey: Survey,
    dialect: Dialect,
}

impl Body {
    fn begin(head: &[u8], whole: bool, max_record_len: usize) -> Result<Self, Refusal> {
        binary::check_beginning(head)?;
        let encodings = encoding::possible(head);
        let head = head
            .strip_prefix(encodings[0].byte_order_mark())
            .unwrap_or(head);
        let mut transcoder = Transcoder::new(encodings[0]);
        let text = transcoder.push(head, false);
        binary::check_text(text)?;
        let dialect = dialect::detect(text, whole);
        let mut scanner = Scanner::new(dialect.delimiter, dialect.has_sep_line, max_record_len);
        let mut survey = Survey::new(encodings);
        scan(&mut scanner, &mut survey, text);
        Ok(Self {
            transcoder,
            scanner,
            survey,
            dialect,
        })
    }

    fn push(&mut self, chunk: &[u8]) -> Result<(), Refusal> {
        for raw in chunk.chunks(CHUNK_LEN) {
            let text = self.transcoder.push(raw, false);
            binary::check_nul(text)?;
            scan(&mut self.scanner, &mut self.survey, text);
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Inspection, Refusal> {
        let text = self.transcoder.push(&[], true);
        scan(&mut self.scanner, &mut self.survey, text);
        if self.scanner.finish() {
            self.survey.add(&self.scanner.record());
        }
        self.survey.finish(self.dialect)
    }
}

fn scan(scanner: &mut Scanner, survey: &mut Survey, mut text: &[u8]) {
    while !text.is_empty() {
        let (used, complete) = scanner.feed(text);
        text = &text[used..];
        if complete {
            survey.add(&scanner.record());
        }
    }
}

#[cfg(test)]
mod tests;
