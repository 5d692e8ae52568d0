//! Somebody, at random: JSON with the names of the API's fields; what is not there is unset.

use super::{data, world::Attribute};
use crate::harness::crowd::Generator;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

/// The texts that are kept as they are given.
const TEXTS: [&str; 6] = [
    "name",
    "firstName",
    "lastName",
    "username",
    "title",
    "account",
];

/// What the API takes besides.
const OTHERS: [&str; 8] = [
    "email",
    "phone",
    "country",
    "language",
    "status",
    "blocked",
    "optedOut",
    "botActive",
];

/// So many at the beginning are rare cases.
pub(super) const RARE: usize = 6;

/// Number `n`, with addresses on some of the channels.
pub(super) fn random(
    n: usize,
    random: &mut Generator,
    attributes: &[Attribute],
    channels: &[String],
    now: DateTime<Utc>,
) -> Value {
    let mut person = Map::new();
    match n {
        // Nobody knows anything.
        0 => {}
        1 => drop(person.insert("username".to_owned(), "only".into())),
        // Longer, all of it, than what the search box looks into; the last of these letters is eighteen when it is folded.
        2..=4 => {
            let long = ["🙂", "が", "ﷺ"][n - 2].repeat(480);
            person.extend(
                TEXTS.map(|field| (field.to_owned(), format!("{field}{long}{field}").into())),
            );
        }
        // Has more addresses than the search box looks into; the last one is the phone number.
        5 => drop(person.insert("phone".to_owned(), "+4915112340099".into())),
        _ => fields(&mut person, random),
    }
    let no = format!("c{n}");
    let mut values = Map::from_iter([("no".to_owned(), Value::from(no.as_str()))]);
    for attribute in attributes.iter().filter(|attribute| attribute.key != "no") {
        if n >= RARE && !random.once_in(3) {
            let value = data::value(random, &attribute.kind, now);
            values.insert(attribute.key.clone(), value);
        }
    }
    person.insert("no".to_owned(), no.into());
    person.insert("attributes".to_owned(), values.into());
    let phone = person.get("phone").cloned();
    let addresses = match n {
        0 | 1 => json!([]),
        5 => (0..=100)
            .map(|place| match place {
                100 => json!({ "channelId": channels[1], "address": phone }),
                _ => json!({ "channelId": channels[0], "address": format!("{place} {}", "long ".repeat(12).trim()) }),
            })
            .collect(),
        _ => addresses(n, random, channels),
    };
    person.insert("addresses".to_owned(), addresses);
    let mut person = Value::Object(person);
    settle(&mut person);
    person
}

fn fields(person: &mut Map<String, Value>, random: &mut Generator) {
    let mut set = |field: &str, value: Value| person.insert(field.to_owned(), value);
    for field in TEXTS {
        // Most have no name of their own, so that others stand in for it.
        if random.once_in(if field == "name" { 3 } else { 2 }) {
            set(field, data::text(random).into());
        }
    }
    let local = random.pick(&["ann", "Zoë", "o'brien", "a_b", "x%y", "MÜLLER"]);
    let domain = random.pick(&["example.com", "Example.ORG", "bücher.example"]);
    if random.once_in(2) {
        let email = format!("{local}{}@{domain}", random.below(20));
        set("email", email.into());
    }
    if random.once_in(2) {
        set("phone", phone(random).into());
    }
    if !random.once_in(3) {
        set(
            "country",
            (*random.pick(&["DE", "US", "GB", "IN", "CH"])).into(),
        );
    }
    if !random.once_in(3) {
        set(
            "language",
            (*random.pick(&["de", "EN", "pt-BR", "en-gb", "zh-Hant-TW"])).into(),
        );
    }
    if random.once_in(4) {
        set("status", "INACTIVE".into());
    }
    set("blocked", random.once_in(5).into());
    set("optedOut", random.once_in(5).into());
    set("botActive", random.once_in(2).into());
    set("receivesSupportRequests", random.once_in(2).into());
}

pub(super) fn phone(random: &mut Generator) -> String {
    let start = random.pick(&["+49151123450", "+1212555010", "+447400123", "+9198765430"]);
    let missing = match *start {
        "+1212555010" => 1,
        "+447400123" => 3,
        _ => 2,
    };
    let most = 10_u64.pow(missing);
    format!(
        "{start}{:0width$}",
        random.below(most),
        width = missing as usize
    )
}

/// On none, one or several channels, in the order in which they are given: one that takes anything, one of phone numbers, one of e-mail
/// addresses.
fn addresses(n: usize, random: &mut Generator, channels: &[String]) -> Value {
    let mut addresses = Vec::new();
    let mut add = |channel: &str, address: String| {
        addresses.push(json!({ "channelId": channel, "address": address }))
    };
    if random.once_in(3) {
        add(&channels[0], format!("{} #{n}", data::text(random)));
    }
    if random.once_in(3) {
        add(&channels[1], format!("+49151200{n:05}"));
    }
    if random.once_in(4) {
        add(&channels[2], format!("box.{n}@example.com"));
    }
    addresses.into()
}

/// Sets what follows from the rest.
pub(super) fn settle(person: &mut Value) {
    let defaults = [
        ("status", json!("ACTIVE")),
        ("blocked", json!(false)),
        ("optedOut", json!(false)),
        ("botActive", json!(true)),
        ("receivesSupportRequests", json!(false)),
        ("segments", json!([])),
        ("imports", json!([])),
        ("tags", json!([])),
    ];
    for (field, value) in defaults {
        if person[field].is_null() {
            person[field] = value;
        }
    }
    let addresses = person["addresses"].as_array().unwrap();
    let mut channels: Vec<Value> = Vec::new();
    for address in addresses {
        if !channels.contains(&address["channelId"]) {
            channels.push(address["channelId"].clone());
        }
    }
    person["channels"] = channels.into();
    person["displayName"] = display_name(person).into();
}

fn display_name(person: &Value) -> String {
    let parts = ["firstName", "lastName"].map(|field| person[field].as_str());
    let full = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let stand_ins = [
        person["name"].as_str(),
        Some(full.as_str()).filter(|full| !full.is_empty()),
        person["phone"].as_str(),
        person["email"].as_str(),
        person["addresses"][0]["address"].as_str(),
    ];
    let shown = stand_ins.into_iter().flatten().next();
    shown.unwrap_or("Unnamed contact").to_owned()
}

/// The person as `createContact` takes it.
pub(super) fn input(person: &Value) -> Value {
    let fields = TEXTS
        .iter()
        .chain(&OTHERS)
        .chain(&["receivesSupportRequests"]);
    let given = fields.filter(|field| !person[**field].is_null());
    let mut input: Map<String, Value> = given
        .map(|field| ((*field).to_owned(), person[*field].clone()))
        .collect();
    let values = person["attributes"].as_object().unwrap().iter();
    let values = values.map(|(key, value)| json!({ "key": key, "value": value }));
    input.insert("attributes".to_owned(), values.collect());
    input.insert("channels".to_owned(), person["addresses"].clone());
    input.into()
}
