//! Kinds of page that one condition on a value chooses.

use super::{
    Floor,
    question::{Aim, Question, Scene},
};
use crate::{
    crowd::{FREQUENT_PLANS, SCARCE_PLANS, table, word},
    page_sql::{NEWEST, page},
    random::Random,
};
use serde_json::{Value, json};

/// A condition on an attribute.
pub(super) fn attribute(key: &str, of_type: &str, condition: Value) -> Value {
    json!({ "attribute": { "key": key, of_type: condition } })
}

pub(super) fn plan(plan: &str) -> Value {
    attribute("plan", "text", json!({ "eq": plan }))
}

/// A plan that 20 to 40 % have.
pub(in crate::command) fn frequent_plan(random: &mut Random) -> Value {
    plan(random.pick::<&str>(&FREQUENT_PLANS))
}

/// Some 0.04 % have it.
pub(in crate::command) fn city(random: &mut Random) -> Value {
    let city = word::city(random.below(word::CITIES));
    attribute("city", "text", json!({ "eq": city }))
}

/// A span of the score, which goes from 0 to 10,000; nine in ten have one.
pub(super) fn scores(random: &mut Random, span: u64) -> Value {
    let from = random.below(10_000 - span);
    attribute("score", "number", json!({ "gte": from, "lt": from + span }))
}

fn days_ago(days: u64) -> String {
    (table::today() - chrono::Days::new(days)).to_string()
}

/// A span of the day of the sign-up, within the last ten years.
pub(super) fn signups(random: &mut Random, span: u64) -> Value {
    let until = random.below(3_600 - span);
    let condition = json!({ "onOrAfter": days_ago(until + span), "before": days_ago(until) });
    attribute("signup", "date", condition)
}

pub(super) fn questions(scene: &Scene) -> Vec<Question> {
    let mut all = equal(scene);
    all.extend(spans(scene));
    all.extend(unindexed());
    all
}

fn equal(scene: &Scene) -> Vec<Question> {
    let crowd = scene.crowd;
    let someone = move |random: &mut Random| crowd.customer(1 + random.below(crowd.rows));
    let of_city = Floor(|slots, random| {
        let city = word::city(random.below(word::CITIES)).to_lowercase();
        let city = city.replace('ü', "u").replace('ö', "o");
        page(&format!("{} = '{city}'", slots.of("city")), NEWEST)
    });
    let of_plan = Floor(|slots, random| {
        let plan = random.pick(&FREQUENT_PLANS);
        page(&format!("{} = '{plan}'", slots.of("plan")), NEWEST)
    });
    vec![
        Question::filter("equal, frequent", Aim::Served, |random| {
            frequent_plan(random)
        })
        .beside(of_plan),
        Question::filter("equal, 1 %", Aim::Served, |random| {
            plan(random.pick::<&str>(&SCARCE_PLANS))
        }),
        Question::filter("equal, 0.05 %", Aim::Served, |random| {
            plan(&format!("pilot {}", 1 + random.below(8)))
        }),
        Question::filter("equal, one of 2,000 cities", Aim::Served, city).beside(of_city),
        Question::filter(
            "equal, e-mail address",
            Aim::Served,
            move |random| json!({ "email": { "eq": someone(random).email } }),
        ),
        Question::filter(
            "equal, phone number",
            Aim::Served,
            move |random| json!({ "phone": { "eq": someone(random).phone } }),
        ),
    ]
}

fn spans(scene: &Scene) -> Vec<Question> {
    let of_score = Floor(|slots, random| {
        let (slot, from) = (slots.of("score"), random.below(10_000 - 222));
        page(
            &format!("{slot} >= {from} AND {slot} < {}", from + 222),
            NEWEST,
        )
    });
    // What is kept was filled some days ago.
    let age = (table::today() - scene.crowd.day).num_days();
    let week = format!("P{}D", 7 + age.max(0));
    vec![
        Question::filter("range, 2 %", Aim::Served, |random| scores(random, 222)).beside(of_score),
        Question::filter("range, 0.02 %", Aim::Served, |random| scores(random, 2)),
        Question::filter("date in the last week", Aim::Served, move |_| {
            attribute("signup", "date", json!({ "inLast": week }))
        }),
        Question::filter("instant before", Aim::Served, |random| {
            let before = format!("{}T00:00:00Z", days_ago(300 + random.below(300)));
            attribute("lastOrder", "dateTime", json!({ "before": before }))
        }),
        Question::filter("no value, with a slot", Aim::Served, |random| {
            let key = *random.pick(&["plan", "city", "score", "signup", "lastOrder"]);
            attribute(key, "isSet", json!(false))
        }),
        Question::filter("no value, without a slot", Aim::Served, |random| {
            let key = *random.pick(&["vip", "interests", "home"]);
            attribute(key, "isSet", json!(false))
        }),
    ]
}

fn unindexed() -> Vec<Question> {
    vec![
        Question::filter("yes or no, 4 %", Aim::Served, |_| {
            attribute("vip", "boolean", json!({ "eq": true }))
        }),
        Question::filter("item of an array, frequent", Aim::Served, |random| {
            let item = *random.pick(&word::INTERESTS);
            attribute("interests", "array", json!({ "anyOf": [item] }))
        }),
        Question::filter("item of an array, 0.07 %", Aim::Unserved, |random| {
            let item = word::club(random);
            attribute("interests", "array", json!({ "anyOf": [item] }))
        }),
        Question::filter("circle of 5 km", Aim::Unserved, |random| circle(random, 5)),
        Question::filter("circle of 150 km", Aim::Served, |random| {
            circle(random, 150)
        }),
        Question::filter("text contains, frequent", Aim::Served, |random| {
            let thing = *random.pick(&word::THINGS);
            attribute("note", "text", json!({ "contains": thing }))
        }),
        Question::filter("text contains, 0.005 %", Aim::Unserved, |random| {
            let case = format!("case {}", 1_000 + random.below(word::CASES - 1_000));
            attribute("note", "text", json!({ "contains": case }))
        }),
    ]
}

/// Around a city.
fn circle(random: &mut Random, kilometres: u64) -> Value {
    let (latitude, longitude) = word::place(random.below(word::CITIES));
    let circle =
        json!({ "latitude": latitude, "longitude": longitude, "radius": kilometres * 1_000 });
    attribute("home", "location", json!({ "within": circle }))
}
