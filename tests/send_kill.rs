//! A server that is killed at any moment of a send, whose provider fails in every way: nobody gets it twice, and of everyone it is known.
//!
//! The long variant: `cargo build --release --bins --examples`, then `ROSTER_TEST_PROGRAMS=$PWD/target/release ROSTER_TEST_RECIPIENTS=50000
//! ROSTER_TEST_KILLS=20 tests/run --test roster nobody_gets_it_twice`.

use crate::harness::{Process, Site, both_kinds, crowd::Generator, given, mock::Mock};
use domain::queue;
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    time::{Duration, Instant},
};
use tokio::time::sleep;

/// Short, so that a test need not wait long for a job to be taken for orphaned.
const ARGUMENTS: [&str; 3] = ["--job-heartbeat", "500ms", "--allow-private-addresses"];

/// Messages a second.
const RATE: u64 = 500;

/// What the provider does to calls, and how it tells of messages.
const MANNERS: [&str; 14] = [
    "--too-fast",
    "0.10",
    "--broken",
    "0.05",
    "--hang",
    "0.03",
    "--reset",
    "0.02",
    "--webhook-delay",
    "3000",
    "--webhook-twice",
    "0.2",
    "--webhook-batch",
    "20",
];

/// What a process that dies may have claimed and not called at most, as the README says: a tenth of a second's worth.
const CLAIMED: usize = 256;

/// Makes the channel and the people; the channel's id.
async fn furnish(server: &Process, mock: &Mock, people: usize) -> Value {
    let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } userErrors { field message } } }";
    let input = json!({
        "kind": "WHATSAPP", "provider": "WHATSAPP_CLOUD", "name": "Shop", "rateLimit": RATE,
        "settings": { "baseUrl": mock.url, "phoneNumberId": "1", "businessAccountId": "2" },
        "credentials": { "accessToken": "token", "appSecret": "secret" }
    });
    let made = server.ask(query, json!({ "input": input })).await;
    let id = made["createChannel"]["channel"]["id"].clone();
    assert!(id.is_string(), "{made:#}");
    let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } }
        syncTemplates(input: { id: $id }) { templates { id } } }";
    server.ask(query, json!({ "id": id })).await;
    let mut file = "Channel,Address\n".to_owned();
    for n in 0..people {
        let _ = writeln!(file, "Shop,+49160{n:08}");
    }
    let import = server.import(json!({}), &file).await;
    let import = server.completed(&import).await;
    assert_eq!(import["createdCount"], people, "{import:#}");
    id
}

/// Tells the provider where this process hears webhooks.
async fn aim(server: &Process, mock: &Mock, channel: &Value) {
    let query = "query ($id: ID!) { node(id: $id) { ... on Channel { webhookUrl } } }";
    let found = server.ask(query, json!({ "id": channel })).await;
    let target = json!({ "url": found["node"]["webhookUrl"], "appSecret": "secret" });
    mock.post("/mock/webhooks", &target).await;
}

async fn send(server: &Process) -> Value {
    let query = "{ templates(search: \"we_are_back\") { id } channels { id } }";
    let found = server.ask(query, json!({})).await;
    let query = "mutation ($input: CreateBroadcastInput!) { createBroadcast(input: $input) { broadcast { id } userErrors { field message } } }";
    let input = json!({ "title": "All", "everyone": true, "channelId": found["channels"][0]["id"],
        "content": { "template": { "templateId": found["templates"][0]["id"], "variables": [] } } });
    let made = server.ask(query, json!({ "input": input })).await;
    let query = "mutation ($id: ID!) { sendBroadcast(input: { id: $id }) { broadcastSend { id } userErrors { field message } } }";
    let id = &made["createBroadcast"]["broadcast"]["id"];
    let sent = server.ask(query, json!({ "id": id })).await;
    sent["sendBroadcast"]["broadcastSend"]["id"].clone()
}

async fn look(server: &Process, send: &Value) -> Value {
    let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { status failureMessage progress { done total }
        counts { pending sending sent delivered read failed skipped unknown } } } }";
    server.ask(query, json!({ "id": send })).await["node"].take()
}

/// The whole ledger of ours, by the number without `+`.
async fn ours(server: &Process, send: &Value) -> HashMap<String, Value> {
    let query = "query ($id: ID!, $after: String) { node(id: $id) { ... on BroadcastSend { deliveries(first: 500, after: $after) {
        nodes { address status attempts error { code } } pageInfo { endCursor hasNextPage } } } } }";
    let (mut after, mut all) = (Value::Null, HashMap::new());
    loop {
        let page = server
            .ask(query, json!({ "id": send, "after": after }))
            .await;
        let page = &page["node"]["deliveries"];
        for row in page["nodes"].as_array().unwrap() {
            let address = row["address"].as_str().unwrap().trim_start_matches('+');
            assert!(
                all.insert(address.to_owned(), row.clone()).is_none(),
                "{address} is in it twice"
            );
        }
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// What is wrong with our account of things, by the provider's.
fn compare(theirs: &[Value], ours: &HashMap<String, Value>, kills: usize) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut accepted: HashMap<&str, &Value> = HashMap::new();
    let mut seconds: BTreeMap<u64, u64> = BTreeMap::new();
    for line in theirs {
        *seconds
            .entry(line["at"].as_u64().unwrap() / 1_000)
            .or_default() += 1;
        let to = line["to"].as_str().unwrap();
        if line["accepted"] == true && accepted.insert(to, line).is_some() {
            wrong.push(format!("{to} got it twice"));
        }
    }
    let mut unknown = 0;
    for (to, row) in ours {
        let status = row["status"].as_str().unwrap();
        let end = accepted
            .get(to.as_str())
            .map(|line| line["end"].as_str().unwrap().to_uppercase());
        match (status, end) {
            (status, Some(end)) if status == end => {}
            ("UNKNOWN", None) => unknown += 1,
            ("FAILED", None) => {}
            (status, end) => wrong.push(format!(
                "{to} is {status}, and the provider has {end:?}: {row}"
            )),
        }
    }
    wrong.extend(
        accepted
            .keys()
            .filter(|to| !ours.contains_key(**to))
            .map(|to| format!("{to} is in no ledger of ours")),
    );
    if unknown > kills * CLAIMED {
        wrong.push(format!("{unknown} are UNKNOWN that were never accepted"));
    }
    let most = RATE + RATE / 50;
    wrong.extend(
        seconds
            .iter()
            .filter(|(_, count)| **count > most)
            .map(|(second, count)| format!("{count} calls in second {second}")),
    );
    let fullest = seconds.values().max();
    println!(
        "{} calls, {} accepted, {unknown} unknown, the fullest second had {fullest:?}",
        theirs.len(),
        accepted.len()
    );
    wrong
}

both_kinds! {
    async fn nobody_gets_it_twice_and_everybody_is_accounted_for(kind: Kind) {
        let (people, kills) = (given("ROSTER_TEST_RECIPIENTS", 2_000), given("ROSTER_TEST_KILLS", 3));
        let mut moments = Generator(20_261_122);
        let site = Site::new(kind).await;
        let mock = Mock::start(site.folder(), &MANNERS).await;
        let mut server = site.serve(&ARGUMENTS).await;
        let channel = furnish(&server, &mock, people).await;
        aim(&server, &mock, &channel).await;
        let began = Instant::now();
        let send = send(&server).await;
        // A provider that often says "too fast" gets half of what it might.
        let expected = Duration::from_secs_f64(people as f64 / RATE as f64 * 2.0);
        for kill in 0..kills {
            // Not a condition but the very thing: any moment will do.
            sleep(expected.mul_f64(moments.part() * 2.0 / (kills + 1) as f64) + Duration::from_millis(200)).await;
            println!("kill {kill} after {:?}: {}", began.elapsed(), look(&server, &send).await);
            server.kill().await;
            server = site.serve(&ARGUMENTS).await;
            aim(&server, &mock, &channel).await;
        }
        // A debug build beside other tests has its time; nothing here measures speed.
        let patience = Duration::from_secs(300) + expected * 4;
        let db = site.db().await;
        loop {
            let now = look(&server, &send).await;
            let counts = now["counts"].as_object().unwrap().values();
            assert_eq!(counts.map(|count| count.as_i64().unwrap()).sum::<i64>(), people as i64, "{now:#}");
            // In this order: what is told enqueues a job before it is answered.
            if now["status"] == "COMPLETED"
                && mock.get("/mock/state").await["untold"] == 0
                && queue::unfinished(db.read()).await.unwrap() == 0
            {
                println!("all applied after {:?}: {now}", began.elapsed());
                break;
            }
            assert!(now["status"] != "PAUSED" && began.elapsed() < patience, "{now:#}");
            sleep(Duration::from_millis(100)).await;
        }
        db.read().clone().close().await.unwrap();
        let wrong = compare(&mock.ledger(), &ours(&server, &send).await, kills);
        assert!(wrong.is_empty(), "{} wrong: {:#?}", wrong.len(), &wrong[..wrong.len().min(20)]);
        let (output, _) = server.stop().await;
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        site.finish().await;
    }
}
