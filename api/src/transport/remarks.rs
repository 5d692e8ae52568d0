//! What resolvers say beside the data: the `extensions` of an answer.

use async_graphql::{Response, Value};
use serde_json::Value as Json;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

/// One for each request; resolvers find it with `ctx.data::<Remarks>()`.
#[derive(Clone, Debug, Default)]
pub struct Remarks(Arc<Mutex<BTreeMap<&'static str, Json>>>);

impl Remarks {
    /// Changes what is said under this name; null where nothing is yet.
    pub fn change(&self, name: &'static str, change: impl FnOnce(&mut Json)) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(said.entry(name).or_default());
    }

    /// Puts all that was said into an answer; a further answer to the same request begins without.
    pub(super) fn put_into(&self, response: &mut Response) {
        let mut said = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (name, json) in std::mem::take(&mut *said) {
            let value = Value::from_json(json).unwrap_or_default();
            response.extensions.insert(name.to_owned(), value);
        }
    }
}
