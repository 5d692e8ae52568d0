//! Kinds of page that several conditions choose, or what a contact belongs to.

use super::{
    choice::{attribute, city, frequent_plan, scores, signups},
    question::{Aim, Asking, Question, Scene},
};
use crate::{
    crowd::{tag, word},
    random::Random,
};
use serde_json::{Value, json};

/// Each holds for 9 to 40 %, all together for one or two in a thousand.
pub(super) fn three(random: &mut Random) -> Value {
    let plan = frequent_plan(random);
    json!({ "and": [plan, scores(random, 1_000), signups(random, 365)] })
}

/// Nine in ten, most without what is negated.
pub(super) fn negated(random: &mut Random) -> Value {
    json!({ "not": scores(random, 1_000) })
}

/// A draw of one of some tags.
pub(super) fn tagged(scene: &Scene, names: &[String]) -> impl Fn(&mut Random) -> Value + 'static {
    let ids: Vec<String> = names
        .iter()
        .filter_map(|name| scene.tags.get(name).cloned())
        .collect();
    move |random| match ids.is_empty() {
        true => json!({ "tags": { "anyOf": [] } }),
        false => json!({ "tags": { "anyOf": [random.pick(&ids)] } }),
    }
}

pub(super) fn questions(scene: &Scene) -> Vec<Question> {
    let mut all = conditions();
    all.extend(belonging(scene));
    all
}

fn conditions() -> Vec<Question> {
    vec![
        Question::filter("three conditions", Aim::Middling, three),
        Question::filter("either of two", Aim::Served, |random| {
            let high = attribute(
                "score",
                "number",
                json!({ "gte": 9_970 + random.below(29) }),
            );
            json!({ "or": [city(random), high] })
        }),
        Question::filter("not", Aim::Served, negated),
        Question::filter(
            "not a frequent value",
            Aim::Served,
            |random| json!({ "not": frequent_plan(random) }),
        ),
        Question::filter("neither of two", Aim::Served, |random| {
            let [plan, scores] = [frequent_plan(random), scores(random, 5_000)];
            json!({ "not": { "or": [plan, scores] } })
        }),
    ]
}

fn belonging(scene: &Scene) -> Vec<Question> {
    let segments = scene.segments.clone();
    let inboxes = scene.inboxes.clone();
    let messenger = json!({ "channels": { "anyOf": [scene.messenger] } });
    vec![
        Question::filter(
            "tag, frequent",
            Aim::Served,
            tagged(scene, &tag::frequent()),
        ),
        Question::filter("tag, 0.05 %", Aim::Served, tagged(scene, &tag::rare())),
        Question::filter("on a channel", Aim::Served, move |_| messenger.clone()),
        Question::page("segment by rules", Aim::Served, move |random| {
            Asking::all().with("segmentId", random.pick(&segments).as_str())
        }),
        Question::page("inbox, filter and search", Aim::Middling, move |random| {
            let high = json!({ "gte": random.below(5_000) });
            let name: String = word::last_name(random).chars().take(6).collect();
            Asking::filter(attribute("score", "number", high))
                .with("inboxId", random.pick(&inboxes).as_str())
                .with("search", name)
        }),
    ]
}
