//! `bench edits`: what edits and queries feel of an import, and what two imports feel of each other.

use super::{describe, fill, open};
use crate::{
    Common,
    asked::Asked,
    client::Client,
    command::two_imports,
    database::Kind,
    import as imports,
    latency::{COLUMNS, ENOUGH, Latency},
    person::ATTRIBUTES,
    random::Random,
    report::{Report, progress},
    site::Site,
    source::Source,
};
use anyhow::{Result, ensure};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

/// What it is told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Rows of each import.
    #[arg(long, default_value_t = 100_000)]
    rows: u64,
    /// Contacts that are there before, and are edited.
    #[arg(long, default_value_t = 10_000)]
    contacts: u64,
    #[command(flatten)]
    pub(crate) common: Common,
}

/// Runs it.
pub(crate) async fn run(args: &Args) -> Result<()> {
    let kinds = args.common.database.kinds();
    let columns: Vec<&str> = ["what"]
        .into_iter()
        .chain(COLUMNS)
        .chain(["errors"])
        .collect();
    let title = format!("Edits and queries during an import of {} rows", args.rows);
    let mut report = Report::new(title, &columns);
    describe(&mut report, &kinds, Some(args.common.seed)).await?;
    report.fact("contacts before", args.contacts);
    for &kind in &kinds {
        measure(kind, args, &mut report).await?;
    }
    report.note("One client edits (updateContact, another contact each time), one queries (contacts, 50 rows of 13 columns).");
    report.note(
        "Aim: an edit takes 300 ms or less at p99; no error, least of all \"database is locked\".",
    );
    report.print();
    two_imports::run(&kinds, args.rows, args.common.seed).await
}

async fn measure(kind: Kind, args: &Args, report: &mut Report) -> Result<()> {
    let (site, roster, client) = open(kind).await?;
    let there = Source::new(args.common.seed, 1, args.contacts);
    fill(&site, &client, &there).await?;
    let ids = ids(&client).await?;
    let file = Source::new(args.common.seed, 1 + args.contacts, args.rows)
        .write(&site.path().join("import.csv"))?;

    progress(format!("{kind}: while nothing else happens"));
    let floor = raw_edits(&site, &ids).await?;
    let enough = |latency: &Latency| latency.count() >= ENOUGH;
    let alone = beside(&client, &ids, args.common.seed, &enough).await;

    progress(format!("{kind}: during an import"));
    let id = imports::begin(&client, &file).await?;
    let ended = AtomicBool::new(false);
    let until_the_end = |_: &Latency| ended.load(Ordering::Relaxed);
    let begun = Instant::now();
    let (state, during) = tokio::join!(
        async {
            let state = imports::watch(&client, &id).await;
            ended.store(true, Ordering::Relaxed);
            state
        },
        beside(&client, &ids, !args.common.seed, &until_the_end),
    );
    let took = begun.elapsed().as_secs_f64();
    let state = state?;
    state.check(&file.expected, state.created)?;
    lines(report, kind, "raw UPDATE, idle", &floor);
    for (when, [edits, queries]) in [("idle", &alone), ("during", &during)] {
        lines(report, kind, &format!("edit, {when}"), edits);
        lines(report, kind, &format!("query, {when}"), queries);
    }
    report.note(format!("{kind}: that import took {took:.1} s."));
    roster.stop().await?;
    site.remove().await
}

fn lines(report: &mut Report, kind: Kind, what: &str, asked: &Asked) {
    let head = [format!("{kind}: {what}")];
    let cells = head.into_iter().chain(asked.latency.cells());
    report.row(cells.chain([asked.errors.len().to_string()]));
    for error in asked.errors.iter().take(5) {
        report.note(format!("{kind}: {what}: ERROR {error}"));
    }
    if asked.latency.count() < ENOUGH {
        report.note(format!(
            "{kind}: {what}: fewer than {ENOUGH} samples; give more --rows"
        ));
    }
}

/// One client edits and another queries until both have `enough`.
async fn beside(
    client: &Client,
    ids: &[String],
    seed: u64,
    enough: &impl Fn(&Latency) -> bool,
) -> [Asked; 2] {
    let (mut edits, mut queries) = (Random::new(seed), Random::new(seed.rotate_left(32)));
    let edit = async || {
        let input = json!({ "id": edits.pick(ids), "contact": {
            "title": format!("Title {}", edits.below(1_000_000)),
            "attributes": [{ "key": "score", "value": edits.below(1_000_000) }],
        } });
        client.query(EDIT, json!({ "input": input })).await
    };
    let mut after = Value::Null;
    let mut order = Value::Null;
    let query = async || {
        if after.is_null() {
            let column = *queries.pick(&["createdAt", "name", "attr.score", "attr.city"]);
            order = json!([{ "column": column, "direction": *queries.pick(&["ASC", "DESC"]) }]);
        }
        let variables = json!({ "after": after, "orderBy": order, "columns": columns() });
        let mut data = client.query(PAGE, variables).await?;
        let rows = data["contacts"]["rows"].as_array().map_or(0, Vec::len);
        ensure!(rows == 50, "{rows} rows in a page");
        // A few pages of each order.
        after = data["contacts"]["pageInfo"]["endCursor"].take();
        if queries.below(4) == 0 {
            after = Value::Null;
        }
        Ok(data)
    };
    let (edits, queries) = tokio::join!(Asked::ask(edit, enough), Asked::ask(query, enough));
    [edits, queries]
}

const EDIT: &str = "mutation($input: UpdateContactInput!) { updateContact(input: $input) {
    contact { version } userErrors { field code message } } }";

/// A page of the table.
pub(super) const PAGE: &str = "query($after: String, $orderBy: [ContactOrder!], $columns: [String!]!) {
    contacts(first: 50, after: $after, orderBy: $orderBy) { pageInfo { endCursor } rows(columns: $columns) } }";

/// Thirteen columns.
pub(super) fn columns() -> Vec<String> {
    let own = ["name", "email", "phone", "status", "createdAt"];
    let custom = ATTRIBUTES.map(|(key, _, _)| format!("attr.{key}"));
    own.map(str::to_owned).into_iter().chain(custom).collect()
}

/// The ids of all contacts.
async fn ids(client: &Client) -> Result<Vec<String>> {
    let query = "query($after: String) { contacts(first: 500, after: $after) {
        nodes { id } pageInfo { hasNextPage endCursor } } }";
    let mut ids = Vec::new();
    let mut after = Value::Null;
    loop {
        let data = client.query(query, json!({ "after": after })).await?;
        let nodes = data["contacts"]["nodes"].as_array();
        let found = nodes
            .into_iter()
            .flatten()
            .filter_map(|node| node["id"].as_str());
        ids.extend(found.map(str::to_owned));
        let page = &data["contacts"]["pageInfo"];
        if page["hasNextPage"] != true {
            return Ok(ids);
        }
        after = page["endCursor"].clone();
    }
}

/// The floor: one row changed by one statement, in a transaction of its own.
async fn raw_edits(site: &Site, ids: &[String]) -> Result<Asked> {
    let mut conn = site.connect().await?;
    let mut random = Random::new(1);
    let edit = async || {
        let id = random.pick(ids).trim_start_matches("contact_").to_owned();
        let (title, score) = (random.below(1_000_000), random.below(1_000_000));
        let sql = format!(
            "UPDATE contact SET title = 'Title {title}', n1 = {score}, version = version + 1 WHERE id = {id}"
        );
        conn.execute(&sql).await?;
        Ok(Value::Null)
    };
    let asked = Asked::ask(edit, &|latency: &Latency| latency.count() >= ENOUGH).await;
    conn.close().await?;
    Ok(asked)
}
