//! Paging is Relay's, on every connection: what a page holds is what the specification's own algorithm picks from the whole list.

use super::{
    harness::{House, both, introspect},
    many::{MANY, fill},
};
use domain::viewer::Viewer;
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Each connection: the field with its type, and a query in which `PAGE` is the connection's arguments and selection.
const CONNECTIONS: [(&str, &str); 15] = [
    ("Query.contacts", "{ contacts PAGE }"),
    ("Query.segments", "{ segments PAGE }"),
    ("Query.tags", "{ tags PAGE }"),
    ("Query.imports", "{ imports PAGE }"),
    ("Query.operations", "{ operations PAGE }"),
    ("Query.exports", "{ exports PAGE }"),
    ("Query.conversations", "{ conversations PAGE }"),
    (
        "Query.messages",
        "{ messages(contactId: CONTACT, ARGUMENTS) SELECTION }",
    ),
    ("Query.broadcasts", "{ broadcasts PAGE }"),
    (
        "Segment.contacts",
        "{ node(id: SEGMENT) { ... on Segment { contacts PAGE } } }",
    ),
    (
        "Contact.conversations",
        "{ node(id: CONTACT) { ... on Contact { conversations PAGE } } }",
    ),
    (
        "Broadcast.sends",
        "{ node(id: BROADCAST) { ... on Broadcast { sends PAGE } } }",
    ),
    (
        "BroadcastSend.deliveries",
        "{ node(id: SEND) { ... on BroadcastSend { deliveries PAGE } } }",
    ),
    (
        "Import.errors",
        "{ node(id: IMPORT) { ... on Import { errors PAGE } } }",
    ),
    (
        "BulkOperation.errors",
        "{ node(id: OPERATION) { ... on BulkOperation { errors PAGE } } }",
    ),
];

const SELECTION: &str = "{ edges { cursor node { __typename } } nodes { __typename } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";

/// Lists that hang on the rows of a list, which are read for all of them at once: the list, the field of its rows, and their type.
const LISTS_OF_LISTS: [(&str, &str, &str); 4] = [
    ("contacts", "conversations", "Contact"),
    ("broadcasts", "sends", "Broadcast"),
    ("imports", "errors", "Import"),
    ("operations", "errors", "BulkOperation"),
];

#[tokio::test]
async fn every_connection_is_tried() {
    let query = "{ __schema { types { name fields { name args { name } type { name ofType { name } } } } } }";
    let data = introspect(query).await;
    let mut connections = BTreeSet::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        for field in kind["fields"].as_array().into_iter().flatten() {
            let of = [&field["type"]["name"], &field["type"]["ofType"]["name"]];
            if of.iter().any(|name| {
                name.as_str()
                    .is_some_and(|name| name.ends_with("Connection"))
            }) {
                connections.insert(format!(
                    "{}.{}",
                    kind["name"].as_str().unwrap(),
                    field["name"].as_str().unwrap()
                ));
                let arguments: Vec<_> = field["args"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|argument| argument["name"].as_str().unwrap())
                    .collect();
                for argument in ["first", "after", "last", "before"] {
                    assert!(arguments.contains(&argument), "{field}");
                }
            }
        }
    }
    let tried = CONNECTIONS
        .iter()
        .map(|(field, _)| (*field).to_owned())
        .collect();
    assert_eq!(connections, tried);
}

#[tokio::test]
async fn a_page_is_what_the_reference_algorithm_picks() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ids = fill(&house, &viewer).await;
        let mut dice = Dice(0x5eed_cafe_f00d_1234);
        for (field, query) in CONNECTIONS {
            let query = ids.iter().fold(query.to_owned(), |query, (name, id)| {
                query.replace(name, &format!("\"{id}\""))
            });
            let path = field.split('.').nth(1).unwrap();
            let ask = async |arguments: &str| page(&house, &viewer, &query, path, arguments).await;
            let all = cursors(&ask("first: 500").await);
            assert!(all.len() >= MANY, "{field}: {all:?}");
            assert_eq!(BTreeSet::from_iter(&all).len(), all.len(), "{field}");
            for _ in 0..40 {
                let wanted = Wanted::draw(&mut dice, all.len());
                let page = ask(&wanted.arguments(&all)).await;
                let (edges, more) = wanted.pick(&all);
                assert_eq!(cursors(&page), edges, "{field}: {wanted:?}");
                let info = &page["pageInfo"];
                // On the other side something is left where a cursor names it: the specification lets servers say so.
                let (side, other, named) = if wanted.backward {
                    ("hasPreviousPage", "hasNextPage", wanted.before)
                } else {
                    ("hasNextPage", "hasPreviousPage", wanted.after)
                };
                assert_eq!(info[side], more, "{field}: {wanted:?}");
                assert_eq!(info[other], named.is_some(), "{field}: {wanted:?}");
                assert_eq!(
                    info["startCursor"].as_str(),
                    edges.first().map(String::as_str),
                    "{field}: {wanted:?}"
                );
                assert_eq!(
                    info["endCursor"].as_str(),
                    edges.last().map(String::as_str),
                    "{field}: {wanted:?}"
                );
                assert_eq!(
                    page["nodes"].as_array().unwrap().len(),
                    edges.len(),
                    "{field}: {wanted:?}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn lists_of_several_rows_have_each_the_page_that_they_have_alone() {
    both(async |house| {
        let viewer = house.owner("one").await;
        fill(&house, &viewer).await;
        let mut dice = Dice(0x0dd5_1d3a_ce11_u64);
        for (list, field, kind) in LISTS_OF_LISTS {
            let query = format!("{{ {list}(first: 500) {{ nodes {{ id list: {field}PAGE }} }} }}");
            let ask = async |arguments: &str| {
                let query = query.replace("PAGE", &format!("({arguments}) {SELECTION}"));
                let mut data = house.ask(&viewer, &query, json!({})).await;
                data[list]["nodes"].take().as_array().unwrap().clone()
            };
            let whole = ask("first: 500").await;
            let filled = whole
                .iter()
                .filter(|node| !cursors(&node["list"]).is_empty())
                .count();
            assert!(filled > 1, "{list}.{field}: {filled}");
            let all = cursors(
                whole
                    .iter()
                    .map(|node| &node["list"])
                    .max_by_key(|page| cursors(page).len())
                    .unwrap(),
            );
            for _ in 0..10 {
                let wanted = Wanted::draw(&mut dice, all.len());
                let arguments = wanted.arguments(&all);
                let before = house.db.statements();
                let together = ask(&arguments).await;
                assert!(
                    house.db.statements() - before < 8,
                    "{list}.{field}: {} statements",
                    house.db.statements() - before
                );
                for node in together {
                    let alone = format!(
                        "{{ node(id: {}) {{ ... on {kind} {{ {field} PAGE }} }} }}",
                        node["id"]
                    );
                    assert_eq!(
                        node["list"],
                        page(&house, &viewer, &alone, field, &arguments).await,
                        "{list}.{field}: {wanted:?}"
                    );
                }
            }
        }
    })
    .await;
}

/// One connection's page, wherever in the answer it stands.
async fn page(house: &House, viewer: &Viewer, query: &str, field: &str, arguments: &str) -> Json {
    let query = query
        .replace("PAGE", &format!("({arguments}) {SELECTION}"))
        .replace("ARGUMENTS", arguments)
        .replace("SELECTION", SELECTION);
    let data = house.ask(viewer, &query, json!({})).await;
    match data.get("node") {
        Some(node) => node[field].clone(),
        None => data[field].clone(),
    }
}

fn cursors(page: &Json) -> Vec<String> {
    let edges = page["edges"].as_array().unwrap().iter();
    edges
        .map(|edge| edge["cursor"].as_str().unwrap().to_owned())
        .collect()
}

/// Numbers that look random, the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// What is asked for: positions in the whole list.
#[derive(Debug)]
struct Wanted {
    backward: bool,
    size: usize,
    after: Option<usize>,
    before: Option<usize>,
}

impl Wanted {
    fn draw(dice: &mut Dice, length: usize) -> Self {
        Self {
            backward: dice.below(2) == 1,
            size: 1 + dice.below(length + 2),
            after: (dice.below(2) == 1).then(|| dice.below(length)),
            before: (dice.below(2) == 1).then(|| dice.below(length)),
        }
    }

    fn arguments(&self, all: &[String]) -> String {
        let side = if self.backward { "last" } else { "first" };
        let cursor = |name: &str, at: Option<usize>| {
            at.map(|at| format!(", {name}: \"{}\"", all[at]))
                .unwrap_or_default()
        };
        format!(
            "{side}: {}{}{}",
            self.size,
            cursor("after", self.after),
            cursor("before", self.before)
        )
    }

    /// `EdgesToReturn` of the cursor connections specification; and whether something is left on the side that is read to.
    fn pick(&self, all: &[String]) -> (Vec<String>, bool) {
        let begin = self.after.map_or(0, |after| after + 1);
        let end = self.before.unwrap_or(all.len());
        let edges: Vec<String> = all.get(begin..end.max(begin)).unwrap_or_default().to_vec();
        let more = edges.len() > self.size;
        let edges = match (more, self.backward) {
            (false, _) => edges,
            (true, false) => edges[..self.size].to_vec(),
            (true, true) => edges[edges.len() - self.size..].to_vec(),
        };
        (edges, more)
    }
}
