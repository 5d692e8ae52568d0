//! Conditions on texts, numbers, lists and places.

use super::{Conditions, random_flag};
use crate::{
    agreement::{data, naive, world::text},
    harness::crowd::Generator,
};
use serde_json::{Value, json};

impl Conditions<'_> {
    pub(super) fn text(
        &mut self,
        drawn: Option<Value>,
        value: &dyn Fn(&Value) -> Option<Value>,
    ) -> (&'static str, Value) {
        let drawn = match drawn {
            Some(drawn) if !self.random.once_in(10) => text(&drawn),
            _ => data::text(&mut self.random),
        };
        let chars: Vec<char> = drawn.chars().collect();
        let length = chars.len() as u64;
        let from = usize::try_from(self.random.below(length + 1)).unwrap();
        let to = from + usize::try_from(self.random.below(length + 1 - from as u64)).unwrap();
        let part = |part: &[char]| part.iter().collect::<String>();
        let (name, wanted) = match self.random.below(6) {
            0 => ("eq", drawn),
            1 => ("contains", part(&chars[from..to])),
            2 => ("startsWith", part(&chars[..to])),
            3 => ("endsWith", part(&chars[from..])),
            _ => {
                let all: Value = self
                    .several(value)
                    .iter()
                    .map(|one| self.rewritten(text(one)))
                    .collect();
                return (*self.random.pick(&["in", "notIn"]), all);
            }
        };
        (name, self.rewritten(wanted).into())
    }

    /// The same text as others would write it.
    fn rewritten(&mut self, text: String) -> String {
        if text.starts_with('+') && self.random.once_in(2) {
            let middle = text.len() / 2;
            return format!(
                "[{}] ({})–-./",
                &text[1..middle.max(1)],
                &text[middle.max(1)..]
            );
        }
        match self.random.below(4) {
            0 => text.to_uppercase(),
            1 => domain::text::fold(&text),
            _ => text,
        }
    }

    pub(super) fn number(
        &mut self,
        drawn: Option<Value>,
        value: &dyn Fn(&Value) -> Option<Value>,
    ) -> (&'static str, Value) {
        let drawn = drawn.unwrap_or_else(|| data::number(&mut self.random).into());
        match *self.random.pick(&["eq", "in", "lt", "lte", "gt", "gte"]) {
            "in" => ("in", self.several(value).into()),
            name => (name, drawn),
        }
    }

    pub(super) fn array(
        &mut self,
        drawn: Option<Value>,
        value: &dyn Fn(&Value) -> Option<Value>,
    ) -> (&'static str, Value) {
        let lists = self.several(value);
        let lists = lists.iter().chain(&drawn).filter_map(Value::as_array);
        // A list of the API has no null in it.
        let items: Vec<Value> = lists
            .flatten()
            .filter(|item| !item.is_null())
            .cloned()
            .collect();
        let some = |random: &mut Generator, most: u64| -> Vec<Value> {
            let items = items
                .iter()
                .filter(|_| random.once_in(2))
                .take(usize::try_from(most).unwrap());
            items.cloned().collect()
        };
        let (name, items) = match self.random.below(4) {
            0 => return ("isEmpty", random_flag(&mut self.random)),
            1 => ("anyOf", some(&mut self.random, 3)),
            2 => ("allOf", some(&mut self.random, 1)),
            _ => ("noneOf", some(&mut self.random, 3)),
        };
        let items = items.into_iter().map(|item| match item {
            Value::String(text) => self.rewritten(text).into(),
            other => other,
        });
        (name, items.collect())
    }

    /// Nobody lies on its edge, where the last bit of a double would decide.
    pub(super) fn location(
        &mut self,
        drawn: Option<Value>,
        value: &dyn Fn(&Value) -> Option<Value>,
    ) -> (&'static str, Value) {
        let middle = drawn.unwrap_or_else(|| json!({ "latitude": 0, "longitude": 0 }));
        let places: Vec<Value> = self.world.people.iter().filter_map(value).collect();
        loop {
            let farther = naive::distance(self.random.pick(&places), &middle) * 1.01;
            let radius = *self
                .random
                .pick(&[farther, farther * 0.98, 1.0, 10_000.0, 20_100_000.0]);
            let apart = |place: &Value| (naive::distance(place, &middle) - radius).abs();
            // Beyond that, places at the other end of the world are too near each other for a sine.
            let is_clear = radius < 19_900_000.0
                && places
                    .iter()
                    .all(|place| apart(place) > 1.0_f64.max(radius * 1e-6) / 10.0);
            if is_clear || radius == 20_100_000.0 {
                let (latitude, longitude) = (&middle["latitude"], &middle["longitude"]);
                return (
                    "within",
                    json!({ "latitude": latitude, "longitude": longitude, "radius": radius }),
                );
            }
        }
    }
}
