//! The log, at its most talkative that people run it with: it follows requests and jobs, and never tells on people.

use crate::harness::{Site, both_kinds, crowd};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::json;

both_kinds! {
    async fn it_names_requests_and_neither_tokens_nor_people(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&["--log", "debug"]).await;
        crowd::make_channel(&server).await;
        let file = crowd::file(0, 400, "Forename");
        let id = server.import(crowd::input(), &file).await;
        let import = server.completed(&id).await;
        let link = import["resultFile"]["url"].as_str().unwrap();
        server.download(link).await;
        // What goes wrong is logged too: a query that cannot be read, a value that does not fit, a person who is doubled.
        let query = "mutation ($input: CreateContactInput!) { createContact(input: $input) { userErrors { code } } }";
        for phone in ["+49 30 2000001", "nonsense-phone"] {
            let input = json!({ "input": { "contact": { "phone": phone, "email": "person1@example.com" } } });
            server.graphql(&server.token, query, input).await;
        }
        server.graphql(&server.token, "{ contacts(first: \"Forename\") {", json!({})).await;
        let request = server.http.post(server.url("/graphql")).header("x-request-id", "a-request-of-mine");
        let request = request.header(AUTHORIZATION, format!("Bearer {}", server.token)).header(CONTENT_TYPE, "application/json");
        let response = request.body("{ \"query\": \"{ Müller-1 }\"").send().await.unwrap();
        assert_eq!(response.headers()["x-request-id"], "a-request-of-mine");
        let answer = server.http.get(server.url("/livez")).send().await.unwrap();
        let given = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        site.drained().await;
        let (output, _) = server.stop().await;
        let log = output.stderr;
        for id in ["a-request-of-mine", &given] {
            assert!(log.contains(id), "{id} is not in the log");
        }
        assert!(log.contains("DEBUG"), "it is not at its most talkative");
        let signature = link.rsplit('/').next().unwrap();
        let secrets = [server_token(&site), signature, "30 2000", "49302000", "4.91E+11"];
        let people = ["@example.com", "Müller-", "Forename", "customer-1", "not an address", "nonsense-phone", "Company 1"];
        for told in secrets.iter().chain(&people) {
            let line = log.lines().find(|line| line.contains(told));
            assert_eq!(line, None, "the log tells {told:?}");
        }
        site.finish().await;
    }
}

/// A token's secret part stands behind its prefix.
fn server_token(site: &Site) -> &str {
    &site.owner[12..]
}
