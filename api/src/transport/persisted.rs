//! Automatic persisted queries: a client sends the hash of a query that it has sent before, and the query only where the hash is not known.
//!
//! What is remembered is bounded by its bytes, is the same for everyone (a hash tells nothing that its query does not), and is gone with the process.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::refusal::Refusal;

type Hash = [u8; 32];

/// Queries by their SHA-256.
pub(super) struct Persisted(Cache<Hash, Arc<str>, Bytes>);

#[derive(Clone)]
struct Bytes;

impl Weighter<Hash, Arc<str>> for Bytes {
    fn weight(&self, _: &Hash, query: &Arc<str>) -> u64 {
        query.len() as u64 + 100
    }
}

/// A query of some kilobytes is usual.
const USUAL: u64 = 2_000;

impl Persisted {
    /// Remembers this many bytes at most.
    pub(super) fn new(bytes: u64) -> Self {
        let count = usize::try_from(bytes / USUAL).unwrap_or(usize::MAX);
        Self(Cache::with_weighter(count.max(1), bytes, Bytes))
    }

    /// The query that is meant: the one that was sent, which is remembered where a hash came with it, or the one of the hash.
    pub(super) fn query(
        &self,
        sent: Option<String>,
        extensions: &Map<String, Value>,
        longest: usize,
    ) -> Result<String, Refusal> {
        let hash = match extensions.get("persistedQuery") {
            None | Some(Value::Null) => {
                return sent.ok_or_else(|| Refusal::bad_request("`query` is missing"));
            }
            Some(persisted) => hash(persisted)?,
        };
        let Some(query) = sent else {
            let known = self.0.get(&hash).ok_or_else(Refusal::unknown_hash)?;
            return Ok(known.as_ref().to_owned());
        };
        if Hash::from(Sha256::digest(&query)) != hash {
            let message = "`extensions.persistedQuery.sha256Hash` is not the SHA-256 of `query`";
            return Err(Refusal::bad_request(message));
        }
        // One that is refused need not be remembered.
        if query.len() <= longest {
            self.0.insert(hash, query.as_str().into());
        }
        Ok(query)
    }
}

fn hash(persisted: &Value) -> Result<Hash, Refusal> {
    let wrong = || {
        let message = "`extensions.persistedQuery` must have version 1 and a sha256Hash of 64 hexadecimal digits";
        Refusal::bad_request(message)
    };
    let text = persisted["sha256Hash"].as_str().ok_or_else(wrong)?;
    if persisted["version"] != 1 || text.len() != 64 || !text.is_ascii() {
        return Err(wrong());
    }
    let mut hash = Hash::default();
    for (place, byte) in hash.iter_mut().enumerate() {
        let digits = &text[2 * place..2 * place + 2];
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(hash)
}
