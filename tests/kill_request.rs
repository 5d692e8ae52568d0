//! A server that is killed between what a mutation does and its answer: whoever asks again with the same key finds it done once.

use crate::harness::{Process, Site, both_kinds, crowd::Generator, until};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{task::JoinSet, time::sleep};

/// How often it is killed.
const KILLS: usize = 3;

/// Who ask at once.
const CLIENTS: usize = 16;

const CREATE: &str = "mutation ($input: CreateContactInput!) { createContact(input: $input) { contact { id } userErrors { message } } }";

/// What each key was answered with, as far as it was.
type Answers = Arc<Mutex<BTreeMap<String, Option<Value>>>>;

fn body(key: &str) -> Value {
    // Nothing in it is unique: without its key it would be made as often as it is asked for.
    let input = json!({ "contact": { "firstName": "Ada" }, "idempotencyKey": key });
    json!({ "query": CREATE, "variables": { "input": input } })
}

/// Makes one contact after the other until the server is gone.
async fn ask(http: reqwest::Client, (url, token): (String, String), who: String, answers: Answers) {
    for number in 0.. {
        let key = format!("{who}-{number}");
        answers.lock().unwrap().insert(key.clone(), None);
        let Ok(answer) = http
            .post(&url)
            .bearer_auth(&token)
            .json(&body(&key))
            .send()
            .await
        else {
            return;
        };
        let Ok(answer) = answer.json::<Value>().await else {
            return;
        };
        let id = answer["data"]["createContact"]["contact"]["id"].clone();
        assert!(id.is_string(), "{answer:#}");
        answers.lock().unwrap().insert(key, Some(id));
    }
}

/// Lets clients ask until the server is killed, at any moment after some were answered.
async fn kill(server: Process, run: usize, moment: Duration, answers: &Answers) {
    let answered = || answers.lock().unwrap().values().flatten().count();
    let before = answered();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let to = (server.url("/graphql"), server.token.clone());
        let who = format!("{run}-{client}");
        clients.spawn(ask(server.http.clone(), to, who, Arc::clone(answers)));
    }
    until("some answers", async || answered() > before + CLIENTS).await;
    // Not a condition but the very thing: any moment will do.
    sleep(moment).await;
    server.kill().await;
    clients.join_all().await;
}

async fn count(server: &Process) -> u64 {
    let found = server
        .ask("{ contacts { totalCount { value } } }", json!({}))
        .await;
    found["contacts"]["totalCount"]["value"].as_u64().unwrap()
}

both_kinds! {
    async fn what_was_done_but_not_answered_is_not_done_again(kind: Kind) {
        let mut moments = Generator(20_261_123);
        let site = Site::new(kind).await;
        let answers = Answers::default();
        for run in 0..KILLS {
            let server = site.serve(&[]).await;
            let moment = Duration::from_millis(moments.below(100));
            kill(server, run, moment, &answers).await;
        }
        let server = site.serve(&[]).await;
        let there = count(&server).await;
        let answers = std::mem::take(&mut *answers.lock().unwrap());
        let answered = answers.values().flatten().count();
        println!("{} keys, {answered} answered, {there} done", answers.len());
        assert!(answered > 0 && (answered as u64) <= there && there <= answers.len() as u64);
        for (key, before) in &answers {
            let request = server.http.post(server.url("/graphql")).bearer_auth(&server.token).json(&body(key));
            let answer: Value = request.send().await.unwrap().json().await.unwrap();
            let id = &answer["data"]["createContact"]["contact"]["id"];
            assert!(id.is_string(), "{answer:#}");
            assert!(before.as_ref().is_none_or(|before| before == id), "{key}: another one");
        }
        // Each key has made one, be it before or now.
        assert_eq!(count(&server).await, answers.len() as u64);
        site.drained().await;
        server.stop().await;
        site.finish().await;
    }
}
