//! Random conditions on one field, mostly drawn from the values that contacts have there.

mod time;
mod value;

use super::{
    data, person,
    world::{Attribute, World},
};
use crate::harness::crowd::Generator;
use serde_json::{Map, Value, json};

const TEXTS: [&str; 10] = [
    "name",
    "firstName",
    "lastName",
    "username",
    "title",
    "account",
    "email",
    "phone",
    "country",
    "language",
];
const FLAGS: [&str; 4] = [
    "blocked",
    "optedOut",
    "botActive",
    "receivesSupportRequests",
];
const REFERENCES: [&str; 3] = ["assignee", "team", "lastChannel"];
const SETS: [&str; 4] = ["tags", "channels", "segments", "imports"];
const INSTANTS: [&str; 5] = [
    "createdAt",
    "firstContactAt",
    "lastInteractionAt",
    "lastIncomingAt",
    "conversationOpenedAt",
];
/// Ids that nothing of the kind has.
const NOWHERE: [&str; 4] = ["contact_1", "channel_987654321", "", "what?"];

/// See the module.
pub(super) struct Conditions<'a> {
    pub(super) world: &'a World,
    pub(super) random: Generator,
}

impl Conditions<'_> {
    /// A field and a condition on it.
    pub(super) fn one(&mut self) -> (String, Value) {
        let (field, condition) = match self.random.below(16) {
            0..=3 => {
                let field = *self.random.pick(&TEXTS);
                (field, self.some("TEXT", &|person| value_of(person, field)))
            }
            4 => (*self.random.pick(&FLAGS), self.random.once_in(2).into()),
            5 => {
                let field = *self.random.pick(&REFERENCES);
                (field, self.some(field, &|_| None))
            }
            6 | 7 => {
                let field = *self.random.pick(&SETS);
                (field, self.some(field, &|_| None))
            }
            8 | 9 => {
                let field = *self.random.pick(&INSTANTS);
                (
                    field,
                    self.some("DATETIME", &|person| value_of(person, field)),
                )
            }
            10 => ("sinceLastIncoming", self.some("passed", &|_| None)),
            11 => {
                let statuses = [
                    json!(["ACTIVE"]),
                    json!(["INACTIVE"]),
                    json!(["INACTIVE", "ACTIVE"]),
                    json!([]),
                ];
                ("status", self.random.pick(&statuses).clone())
            }
            _ => ("attribute", self.attribute()),
        };
        (field.to_owned(), condition)
    }

    fn attribute(&mut self) -> Value {
        let Attribute { key, kind, .. } = self.random.pick(&self.world.attributes);
        if kind == "OBJECT" || self.random.once_in(10) {
            return json!({ "key": key, "isSet": self.random.once_in(2) });
        }
        let field = if kind == "DATETIME" {
            "dateTime".to_owned()
        } else {
            kind.to_lowercase()
        };
        let condition = self.some(kind, &|person| Some(person["attributes"].get(key)?.clone()));
        Value::Object(Map::from_iter([
            ("key".to_owned(), key.as_str().into()),
            (field, condition),
        ]))
    }

    /// Mostly one condition; sometimes none, or several, or one that is null.
    fn some(&mut self, kind: &str, value: &dyn Fn(&Value) -> Option<Value>) -> Value {
        let mut conditions = Map::new();
        for _ in 0..*self.random.pick(&[0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3]) {
            let (name, wanted) = self.on_kind(kind, value);
            conditions.insert(name.to_owned(), wanted);
        }
        if matches!(kind, "DATE" | "DATETIME") && !self.random.once_in(3) {
            let zone = self.random.pick(&data::ZONES).name();
            conditions.insert("timeZone".to_owned(), zone.into());
        }
        conditions.into()
    }

    fn on_kind(
        &mut self,
        kind: &str,
        value: &dyn Fn(&Value) -> Option<Value>,
    ) -> (&'static str, Value) {
        let drawn = self.drawn(value);
        if self.random.once_in(8) && !SETS.contains(&kind) && kind != "passed" {
            return ("isSet", random_flag(&mut self.random));
        }
        match kind {
            "TEXT" => self.text(drawn, value),
            "NUMBER" => self.number(drawn, value),
            "DATE" => self.date(drawn),
            "TIME" => self.time(drawn),
            "DATETIME" => self.instant(drawn),
            "passed" => (*self.random.pick(&["lt", "gt"]), self.duration(true)),
            "BOOLEAN" => ("eq", self.random.once_in(2).into()),
            "ARRAY" => self.array(drawn, value),
            "LOCATION" => self.location(drawn, value),
            field if SETS.contains(&field) => self.set(field),
            field => (*self.random.pick(&["in", "notIn"]), self.ids(field)),
        }
    }

    /// The value of somebody who has one, where a few tries find one.
    fn drawn(&mut self, value: &dyn Fn(&Value) -> Option<Value>) -> Option<Value> {
        let (rare, all) = (
            &self.world.people[..person::RARE],
            self.world.people.as_slice(),
        );
        let mut tries = (0..20).map(|_| {
            let some = if self.random.once_in(6) { rare } else { all };
            self.random.pick(some)
        });
        tries.find_map(value)
    }

    fn several(&mut self, value: &dyn Fn(&Value) -> Option<Value>) -> Vec<Value> {
        (0..self.random.below(4))
            .filter_map(|_| self.drawn(value))
            .collect()
    }

    fn set(&mut self, field: &str) -> (&'static str, Value) {
        match *self.random.pick(&["anyOf", "allOf", "noneOf", "isEmpty"]) {
            "isEmpty" => ("isEmpty", random_flag(&mut self.random)),
            name => (name, self.ids(field)),
        }
    }

    fn ids(&mut self, field: &str) -> Value {
        let known = &self.world.ids[field];
        let count = *self.random.pick(&[0, 1, 1, 1, 2, 2, 3]);
        let some = (0..count).map(|_| match self.random.below(8) {
            0 => (*self.random.pick(&NOWHERE)).into(),
            _ => Value::from(self.random.pick(known).as_str()),
        });
        some.collect()
    }
}

/// Sometimes null, which counts as not given.
fn random_flag(random: &mut Generator) -> Value {
    match random.below(8) {
        0 => Value::Null,
        n => (n % 2 == 0).into(),
    }
}

fn value_of(person: &Value, field: &str) -> Option<Value> {
    let field = if field == "name" {
        "displayName"
    } else {
        field
    };
    person.get(field).filter(|value| !value.is_null()).cloned()
}
