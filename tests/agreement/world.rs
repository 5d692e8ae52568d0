//! One workspace with its contacts, made through the API, and what is known of them.

use super::{data, naive, person, surface::Question, unwritten};
use crate::{
    harness::{Harness, crowd::Generator},
    import_kit,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::{clock, formula};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write,
};

/// Contacts made one by one; the imports bring some more.
const MADE: usize = 260;
/// Contacts that an import brings.
const BROUGHT: i64 = 20;
/// Contacts that one request makes.
const BATCH: usize = 20;

/// A custom column.
pub(super) struct Attribute {
    pub(super) key: String,
    pub(super) kind: String,
    /// Whether the table can be sorted by it.
    pub(super) sortable: bool,
}

/// See the module.
pub(super) struct World {
    pub(super) people: Vec<Value>,
    pub(super) attributes: Vec<Attribute>,
    /// The ids that a filter can name, by its field.
    pub(super) ids: HashMap<&'static str, Vec<String>>,
    /// The segments of rules, each with its filters.
    pub(super) rules: Vec<(String, Vec<Value>)>,
    /// The workspace's.
    pub(super) zone: Tz,
    /// When it was made.
    pub(super) made: DateTime<Utc>,
}

impl World {
    pub(super) async fn make(t: &Harness, seed: u64) -> Self {
        let mut random = Generator(seed);
        let zone = Tz::Europe__Berlin;
        let query = "mutation ($zone: TimeZone!) { updateWorkspace(input: { timeZone: $zone }) { userErrors { code } } }";
        t.data(&t.owner, query, json!({ "zone": zone.name() }))
            .await;
        let mut channels = Vec::new();
        for (kind, name) in [
            ("CUSTOM", "Laden Süd"),
            ("WHATSAPP", "Main"),
            ("EMAIL", "Post"),
        ] {
            channels.push(text(&import_kit::channel(t, kind, name).await));
        }
        let mut world = Self {
            people: Vec::new(),
            attributes: attributes(t).await,
            ids: HashMap::from([("lastChannel", channels.clone()), ("channels", channels)]),
            rules: Vec::new(),
            zone,
            made: clock::now(),
        };
        let channels = &world.ids["channels"];
        let people = (0..MADE)
            .map(|n| person::random(n, &mut random, &world.attributes, channels, world.made));
        world.people = people.collect();
        for people in world.people.chunks(BATCH) {
            create(t, people).await;
        }
        world.read_back(t).await;
        for (number, segment) in ["Stammkunden", "ZWEITE %_"].into_iter().enumerate() {
            world.import(t, &mut random, number, segment).await;
        }
        world.read_back(t).await;
        unwritten::write(t, &mut world, &mut random).await;
        world
    }

    /// Whom the plain evaluator chooses, by their numbers.
    pub(super) fn chosen(&self, question: &Question, now: DateTime<Utc>) -> BTreeSet<String> {
        let active = json!(["ACTIVE"]);
        let statuses = match &question.status {
            Some(statuses) => Some(statuses),
            None if naive::speaks_of_status(&question.filter) => None,
            None => Some(&active),
        };
        let is_asked = |person: &&Value| {
            let has = |statuses: &Value| statuses.as_array().unwrap().contains(&person["status"]);
            statuses.is_none_or(has) && naive::holds(self, person, &question.filter, now)
        };
        let chosen = self.people.iter().filter(is_asked);
        chosen.map(|person| text(&person["no"])).collect()
    }

    /// Learns what the database has given them.
    async fn read_back(&mut self, t: &Harness) {
        let rows = import_kit::table(t, &["attr.no", "id", "createdAt"]).await;
        let rows = rows.as_array().unwrap();
        assert_eq!(rows.len(), self.people.len());
        let by_no: HashMap<&Value, &Value> = rows.iter().map(|row| (&row[0], row)).collect();
        for person in &mut self.people {
            let row = by_no[&person["no"]];
            (person["id"], person["createdAt"]) = (row[1].clone(), row[2].clone());
        }
    }

    /// Imports a file that changes some, finds some as they are, fails for some, and brings some.
    async fn import(&mut self, t: &Harness, random: &mut Generator, number: usize, segment: &str) {
        let (csv, went_in, changed) = self.file(random, number);
        let mapping = json!([{ "header": "No", "column": "attr.no" }]);
        let import = import_kit::run(
            t,
            json!({ "segmentName": segment, "mapping": mapping }),
            csv,
        )
        .await;
        let [created, updated, unchanged, failed, ..] = import_kit::counts(&import);
        let there = i64::try_from(went_in.len()).unwrap() - BROUGHT;
        assert_eq!(
            (created, updated + unchanged),
            (BROUGHT, there),
            "{import:#}"
        );
        assert!(unchanged > 0 && failed > 0, "{import:#}");
        for (field, id, whom) in [
            ("imports", &import["id"], &changed),
            ("segments", &import["segment"]["id"], &went_in),
        ] {
            self.ids.entry(field).or_default().push(text(id));
            for n in whom {
                let list = self.people[*n][field].as_array_mut().unwrap();
                list.push(id.clone());
            }
        }
    }

    /// The file, and the places of those who go in, who are here as it makes them; and of those whom it brings or changes.
    fn file(&mut self, random: &mut Generator, number: usize) -> (String, Vec<usize>, Vec<usize>) {
        let mut csv = "ID,Account,Email,No\r\n".to_owned();
        let mut row = |id: &str, account: &str, email: &str, no: &str| {
            // As an export writes it: the import takes an apostrophe off what a spreadsheet would run.
            let account = formula::guard(account).replace('"', "\"\"");
            let _ = write!(csv, "{id},\"{account}\",{email},{no}\r\n");
        };
        let (mut went_in, mut changed) = (Vec::new(), Vec::new());
        for n in (person::RARE + number..MADE).step_by(4 + number) {
            let person = &mut self.people[n];
            let id = text(&person["id"]);
            if random.once_in(6) {
                row(&id, "of a row that fails", "no address", "");
                continue;
            }
            if person["account"].is_null() || !random.once_in(3) {
                let before = person["account"].clone();
                person["account"] = data::text(random).into();
                changed.extend((before != person["account"]).then_some(n));
            }
            row(&id, &text(&person["account"]), "", "");
            went_in.push(n);
        }
        for n in 0..BROUGHT {
            let no = format!("i{number}.{n}");
            let (email, account) = (format!("{no}@Import.example"), data::text(random));
            row("", &account, &email, &no);
            let mut brought = json!({
                "no": no, "email": email, "account": account, "addresses": [], "attributes": { "no": no }
            });
            person::settle(&mut brought);
            went_in.push(self.people.len());
            changed.push(self.people.len());
            self.people.push(brought);
        }
        (csv, went_in, changed)
    }
}

/// One attribute of each type with an index, where a type can have one, and one without.
async fn attributes(t: &Harness) -> Vec<Attribute> {
    let all = [
        "TEXT", "NUMBER", "DATE", "TIME", "DATETIME", "BOOLEAN", "ARRAY", "OBJECT", "LOCATION",
    ];
    let sortable = all[..5]
        .iter()
        .map(|kind| (kind.to_lowercase(), *kind, true));
    let others = all
        .iter()
        .map(|kind| (format!("{} bare", kind.to_lowercase()), *kind, false));
    let no = ("no".to_owned(), "TEXT", false);
    let mut made = Vec::new();
    for (key, kind, sortable) in sortable.chain(others).chain([no]) {
        let query = "mutation ($input: CreateAttributeInput!) { createAttribute(input: $input) {
            attribute { filterable } userErrors { message } } }";
        let input = json!({ "key": key, "type": kind, "filterable": sortable });
        let mut data = t.data(&t.owner, query, json!({ "input": input })).await;
        let expected = json!({ "attribute": { "filterable": sortable }, "userErrors": [] });
        assert_eq!(data["createAttribute"].take(), expected, "{input}");
        let kind = kind.to_owned();
        made.push(Attribute {
            key,
            kind,
            sortable,
        });
    }
    made
}

/// Makes contacts with one request, which takes less time than one for each.
async fn create(t: &Harness, people: &[Value]) {
    let (mut parameters, mut fields, mut variables) = (String::new(), String::new(), Map::new());
    for (n, person) in people.iter().enumerate() {
        let _ = write!(parameters, "$c{n}: ContactFieldsInput! ");
        let _ = write!(
            fields,
            "c{n}: createContact(input: {{ contact: $c{n} }}) {{ userErrors {{ field message }} }} "
        );
        variables.insert(format!("c{n}"), person::input(person));
    }
    let query = format!("mutation ({parameters}) {{ {fields} }}");
    let data = t.data(&t.owner, &query, variables.into()).await;
    for (n, person) in people.iter().enumerate() {
        let errors = &data[format!("c{n}")]["userErrors"];
        assert_eq!(*errors, json!([]), "{person:#}");
    }
}

/// A JSON text's text.
pub(super) fn text(json: &Value) -> String {
    json.as_str().unwrap().to_owned()
}
