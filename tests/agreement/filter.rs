//! Random filters, up to four levels of `and`, `or` and `not` deep.

use super::{condition::Conditions, data, surface::Question, world::World};
use crate::harness::crowd::Generator;
use serde_json::{Map, Value, json};

/// Levels below the outermost.
const DEPTH: u64 = 4;

/// Questions for the contacts of a world, without end.
pub(super) struct Filters<'a> {
    world: &'a World,
    conditions: Conditions<'a>,
}

impl<'a> Filters<'a> {
    pub(super) fn new(world: &'a World, seed: u64) -> Self {
        let random = Generator(seed.wrapping_add(1 << 32));
        Self {
            world,
            conditions: Conditions { world, random },
        }
    }

    /// What random ones come upon too seldom: one of each, and then those without end.
    pub(super) fn all(mut self) -> impl Iterator<Item = Question> {
        let seldom = seldom();
        let first = seldom.len();
        (0..).map(move |n: usize| {
            let mut question = self.question();
            if n < first {
                question.filter = seldom[n].clone();
                question.status = Some(json!(["ACTIVE", "INACTIVE"]));
            }
            question
        })
    }

    fn random(&mut self) -> &mut Generator {
        &mut self.conditions.random
    }

    fn question(&mut self) -> Question {
        let depth = self.random().below(DEPTH + 1);
        let filter = self.filter(depth);
        let status = match self.random().below(4) {
            0 => None,
            1 => Some(json!(["INACTIVE"])),
            _ => Some(json!(["ACTIVE", "INACTIVE"])),
        };
        let sortable = self.world.attributes.iter().filter(|of| of.sortable);
        let sortable: Vec<&str> = sortable.map(|of| of.key.as_str()).collect();
        let random = self.random();
        let order = json!([{
            "column": format!("attr.{}", random.pick(&sortable)),
            "direction": random.pick(&["ASC", "DESC"]),
            "nulls": random.pick(&["FIRST", "LAST"]),
        }]);
        let size = 0;
        Question {
            filter,
            status,
            order,
            size,
        }
    }

    fn filter(&mut self, depth: u64) -> Value {
        let mut filter = Map::new();
        let parts = if self.random().once_in(5) { 2 } else { 1 };
        for _ in 0..parts {
            let (field, condition) = if depth > 0 && !self.random().once_in(4) {
                self.combined(depth - 1)
            } else {
                self.conditions.one()
            };
            filter.insert(field, condition);
        }
        if self.random().once_in(30) {
            filter.entry("name").or_insert(Value::Null);
        }
        filter.into()
    }

    fn combined(&mut self, depth: u64) -> (String, Value) {
        let name = *self.random().pick(&["and", "or", "not"]);
        let condition = match name {
            "not" => self.filter(depth),
            _ => {
                let count = *self.random().pick(&[0, 1, 2, 2, 2, 3, 3, 3]);
                (0..count).map(|_| self.filter(depth)).collect()
            }
        };
        (name.to_owned(), condition)
    }
}

fn seldom() -> Vec<Value> {
    let exactly = |key: &str, instant: &str| {
        let both = json!({ "onOrAfter": instant, "onOrBefore": instant });
        json!({ "attribute": { "key": key, "dateTime": both } })
    };
    vec![
        json!({ "name": { "contains": "named CON" } }),
        json!({ "name": { "endsWith": "contact" } }),
        json!({ "account": { "contains": "count🙂🙂" } }),
        json!({ "username": { "endsWith": "ががusername" } }),
        json!({ "lastName": { "startsWith": "lastnameﷺ" } }),
        json!({ "phone": { "endsWith": "0099" } }),
        exactly("datetime", data::ODD),
        exactly("datetime bare", data::ODD),
    ]
}
