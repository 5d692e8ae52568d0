//! A server that is told to stop while it is busy: whoever has begun is answered, sockets are told, and the import goes on after the restart.
//!
//! The long variant: `cargo build --release --bins --examples`, then `ROSTER_TEST_PROGRAMS=$PWD/target/release ROSTER_TEST_SOCKETS=1000
//! ROSTER_TEST_REQUESTS=200 ROSTER_TEST_ROWS=300000 tests/run --test roster who_has_begun`.

use crate::harness::{
    Process, Subscription, both_kinds,
    crowd::{self, done},
    given, until,
};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

const READ: &str = "{ contacts(first: 20) { nodes { id email } pageInfo { hasNextPage } } }";

const WRITE: &str =
    "mutation ($name: String!) { createTag(input: { name: $name, colour: \"#ffcc00\" }) {
    tag { id name } userErrors { code } } }";

/// What became of a request.
enum Became {
    /// It was answered whole; the tag that it made.
    Answered(Option<String>),
    /// No byte of an answer came.
    Unanswered,
}

async fn request(http: reqwest::Client, (url, token): (String, String), number: usize) -> Became {
    let name = number % 2 == 1;
    let name = name.then(|| format!("tag {number}"));
    let query = if name.is_some() { WRITE } else { READ };
    let body = json!({ "query": query, "variables": { "name": name } });
    let Ok(answer) = http.post(url).bearer_auth(token).json(&body).send().await else {
        return Became::Unanswered;
    };
    // From here on the answer has begun, and must come whole.
    let answer: Value = answer.json().await.expect("a whole answer");
    if answer["errors"][0]["extensions"]["code"] == "UNAVAILABLE" {
        // A machine that is busy with other tests has too much to do: that is said, and nothing is done.
        return Became::Answered(None);
    }
    assert_eq!(answer.get("errors"), None, "{answer:#}");
    if let Some(name) = &name {
        assert_eq!(
            answer["data"]["createTag"]["tag"]["name"], *name,
            "{answer:#}"
        );
    }
    Became::Answered(name)
}

/// Asks as many times a second, whatever becomes of it, until it is told to stop; every other request writes.
async fn load(http: reqwest::Client, to: (String, String), stop: Arc<AtomicBool>) -> Vec<Became> {
    let rate = given("ROSTER_TEST_REQUESTS", 50);
    let mut ticks = interval(Duration::from_secs(1) / u32::try_from(rate).unwrap());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut requests = JoinSet::new();
    for number in 0.. {
        ticks.tick().await;
        if stop.load(Ordering::Relaxed) {
            break;
        }
        requests.spawn(request(http.clone(), to.clone(), number));
    }
    requests.join_all().await
}

/// As many who watch the import, a socket each; each has heard of it.
async fn subscribe(server: &Process, id: &str, count: usize) -> Vec<Subscription> {
    let query = "subscription ($id: ID!) { importProgress(id: $id) { status progress { done } } }";
    let mut all = Vec::new();
    while all.len() < count {
        let some = (all.len()..count).take(50).map(async |_| {
            let mut one = server
                .subscribe(&server.token, query, json!({ "id": id }))
                .await;
            assert!(one.next().await.is_some());
            one
        });
        all.extend(futures_util::future::join_all(some).await);
    }
    all
}

/// The address of the probes, as the log says it.
fn probes(server: &Process) -> String {
    let log = server.stderr();
    let line = log.lines().find(|line| line.contains("answering /livez"));
    let (_, address) = line.unwrap().split_once("address=").unwrap();
    format!("http://{address}")
}

/// The tags that there are.
async fn tags(server: &Process) -> BTreeSet<String> {
    let query = "query ($after: String) { tags(first: 500, after: $after) { nodes { name } pageInfo { endCursor hasNextPage } } }";
    let (mut after, mut all) = (Value::Null, BTreeSet::new());
    loop {
        let page = server.ask(query, json!({ "after": after })).await["tags"].take();
        let names = page["nodes"].as_array().unwrap().iter();
        all.extend(names.map(|tag| tag["name"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

both_kinds! {
    async fn who_has_begun_is_answered_and_the_rest_is_told(kind: Kind) {
        let (sockets, rows) = (given("ROSTER_TEST_SOCKETS", 200), given("ROSTER_TEST_ROWS", 8_000));
        let (site, before) = crowd::site(kind, &[]).await;
        before.stop().await;
        let server = site.serve(&["--metrics-listen", "127.0.0.1:0"]).await;
        let mut input = crowd::input();
        input["start"] = false.into();
        let id = server.import(input, &crowd::file(0, rows, "Name")).await;
        let mut watching = JoinSet::new();
        for subscription in subscribe(&server, &id, sockets).await {
            watching.spawn(subscription.closed());
        }
        let start = "mutation ($id: ID!) { startImport(input: { id: $id }) { userErrors { code message } } }";
        let started = server.ask(start, json!({ "id": id })).await;
        assert_eq!(started["startImport"]["userErrors"], json!([]));

        let readyz = format!("{}/readyz", probes(&server));
        let asks = server.http.clone();
        let ready = async || asks.get(&readyz).send().await.unwrap().text().await.unwrap();
        until("the workers", async || ready().await == "ready\n").await;
        let stop = Arc::new(AtomicBool::new(false));
        let to = (server.url("/graphql"), server.token.clone());
        let loading = tokio::spawn(load(server.http.clone(), to, Arc::clone(&stop)));
        let running = server.watch(&id, |import| done(import) > 0).await;
        assert_eq!(running["status"], "RUNNING", "{running:#}");
        let log = server.stderr();
        server.terminate().await;
        until("the stop to be heard", async || server.stderr()[log.len()..].contains("stopping")).await;
        assert_eq!(ready().await, "stopping\n", "at once");
        let begun = tokio::time::Instant::now();
        let output = server.end().await;
        let took = begun.elapsed();
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(took < Duration::from_secs(10), "{took:?}");
        stop.store(true, Ordering::Relaxed);
        let codes = watching.join_all().await;
        assert!(codes.iter().all(|code| *code == Some(1001)), "{codes:?}");
        let all = loading.await.unwrap();
        let asked = all.len();
        let answered: Vec<_> = all.into_iter().filter_map(|became| match became {
            Became::Answered(tag) => Some(tag),
            Became::Unanswered => None,
        }).collect();
        println!("stopped after {took:?}: {sockets} sockets told, {} of {asked} requests answered, {} rows done", answered.len(), done(&running));
        assert!(answered.iter().flatten().count() > 10, "there was no load");

        let server = site.serve(&[]).await;
        // Nothing was done for a request that was not answered, and nothing that was answered is lost.
        assert_eq!(tags(&server).await, answered.into_iter().flatten().collect());
        assert!(done(&server.look(&id).await) < rows as i64, "the import was over before");
        let import = server.completed(&id).await;
        assert_eq!(done(&import), rows as i64);
        site.drained().await;
        server.stop().await;
        site.finish().await;
    }
}
