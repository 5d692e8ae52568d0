//! The least of a filter that still differs: what a person wants to look at.

use super::{agreed, surface::Question, world::World};
use crate::harness::Harness;
use serde_json::Value;

/// The question with all taken from its filter that does not matter.
pub(super) async fn least(t: &Harness, world: &World, mut question: Question) -> Question {
    'smaller: loop {
        for filter in smaller(&question.filter) {
            let mut next = Question {
                filter,
                ..question.clone()
            };
            // What is refused was made so by taking something away: that is another matter.
            if let Err(found) = agreed(t, world, &mut next).await
                && !found.contains("BAD_USER_INPUT")
            {
                question = next;
                continue 'smaller;
            }
        }
        return question;
    }
}

/// Fields that are not left out: without them there is no filter.
const NEEDED: [&str; 4] = ["key", "latitude", "longitude", "radius"];

/// The same with one part left out.
fn smaller(json: &Value) -> Vec<Value> {
    match json {
        Value::Object(entries) => {
            let mut all: Vec<Value> = ["and", "or"]
                .iter()
                .filter_map(|list| entries.get(*list)?.as_array())
                .flatten()
                .chain(entries.get("not"))
                .cloned()
                .collect();
            for (key, value) in entries {
                if !NEEDED.contains(&key.as_str()) {
                    let mut without = entries.clone();
                    without.remove(key);
                    all.push(without.into());
                }
                for part in smaller(value) {
                    let mut with = entries.clone();
                    with.insert(key.clone(), part);
                    all.push(with.into());
                }
            }
            all
        }
        Value::Array(items) => {
            let mut all = Vec::new();
            for (n, item) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(n);
                all.push(without.into());
                for part in smaller(item) {
                    let mut with = items.clone();
                    with[n] = part;
                    all.push(with.into());
                }
            }
            all
        }
        _ => Vec::new(),
    }
}
