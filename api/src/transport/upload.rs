//! The scalar `Upload`, and the files behind it.
//!
//! A variable of this type holds an index into the request's own files. It is written there by `multipart`; a client that writes one
//! into JSON itself finds no files, which is an error like any other wrong value.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::sync::Arc;

use async_graphql::{Context, Error, InputValueError, InputValueResult, Scalar, ScalarType, Value};

use sha2::{Digest, Sha256};

use crate::code::Code;

const PREFIX: &str = "#__upload__:";

/// A file that came with the request. It is gone when the last handle on it is dropped.
#[derive(Debug)]
pub struct Received {
    /// The name that the client gave it, as sent: it may be empty, or hold anything.
    pub file_name: String,
    /// The media type that the client gave it.
    pub media_type: Option<String>,
    /// How many bytes were stored.
    pub size: u64,
    /// Whether the file was larger than the limit, so that only its beginning was stored.
    pub truncated: bool,
    file: File,
}

impl Received {
    pub(super) fn new(
        file_name: String,
        media_type: Option<String>,
        size: u64,
        truncated: bool,
        file: File,
    ) -> Self {
        Self {
            file_name,
            media_type,
            size,
            truncated,
            file,
        }
    }

    /// A handle at the beginning of the file. All handles share one position, so there can be one reader at a time.
    ///
    /// # Errors
    ///
    /// When the system has no more file handles.
    pub fn open(&self) -> io::Result<File> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }
}

/// The files of a request, in its data.
pub(super) struct Uploads(pub(super) Vec<Arc<Received>>);

/// SHA-256 of each file that came with the request, in the order of their names in `map`.
///
/// # Errors
///
/// When a file cannot be read.
pub async fn file_digests(ctx: &Context<'_>) -> io::Result<Vec<[u8; 32]>> {
    let mut digests = Vec::new();
    let uploads = ctx.data_opt::<Uploads>().map(|uploads| &uploads.0);
    for received in uploads.into_iter().flatten() {
        let file = received.open()?;
        let digesting = tokio::task::spawn_blocking(move || digest(file));
        digests.push(digesting.await.map_err(io::Error::other)??);
    }
    Ok(digests)
}

fn digest(mut file: File) -> io::Result<[u8; 32]> {
    let (mut digest, mut piece) = (Sha256::new(), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&piece[..read]),
        }
    }
}

/// A file in a GraphQL multipart request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Upload(usize);

impl Upload {
    /// The file.
    ///
    /// # Errors
    ///
    /// BAD_USER_INPUT when no such file came with the request.
    pub fn received(self, ctx: &Context<'_>) -> Result<Arc<Received>, Error> {
        ctx.data_opt::<Uploads>()
            .and_then(|uploads| uploads.0.get(self.0).cloned())
            .ok_or_else(|| {
                let mut error = Error::new("no such file came with the request");
                error
                    .extensions
                    .get_or_insert_default()
                    .set("code", Code::BadUserInput.as_str());
                error
            })
    }

    /// What stands in a variable for the file with this index.
    pub(super) fn placeholder(index: usize) -> Value {
        Value::String(format!("{PREFIX}{index}"))
    }
}

/// A file in a GraphQL multipart request.
#[Scalar]
impl ScalarType for Upload {
    fn parse(value: Value) -> InputValueResult<Self> {
        let index = match &value {
            Value::String(text) => text
                .strip_prefix(PREFIX)
                .and_then(|index| index.parse().ok()),
            _ => None,
        };
        index.map(Self).ok_or_else(|| {
            InputValueError::custom("a file must come in a multipart request")
                .with_extension("code", Code::BadUserInput.as_str())
        })
    }

    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Self::placeholder(self.0)
    }
}
