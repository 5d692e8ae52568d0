//! `roster import`: how it ends, what it says, and what is then there.

use crate::harness::{Output, Process, Site, both_kinds, mock};
use serde_json::{Value, json};

/// Two go in, one has no good e-mail address, one comes again.
const PEOPLE: &str = "\
First Name,Email,Company Name,Size (cm)
Ada,ada@example.com,\"Smith, Ltd\",170
Bob,not an address,Jones,180
Cy,cy@example.com,Former,1
Cy,cy@example.com,Later,175.5
";

const MAPPED: [&str; 4] = [
    "--map",
    "Company Name=attr.company:TEXT",
    "--map",
    "Size (cm)=attr.size:NUMBER",
];

async fn import(site: &Site, file: &str, more: &[&str]) -> Output {
    let path = site.file("people.csv", file);
    site.run(&[&["import", &path, "--consent"], more].concat())
        .await
}

/// The lines that a program reads.
fn lines(output: &Output) -> Vec<Value> {
    let lines = output.stdout.lines();
    let lines: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{output:?}")))
        .collect();
    assert!(lines.iter().all(Value::is_object), "{output:?}");
    lines
}

fn counts(output: &Output) -> Value {
    let last = lines(output).pop().unwrap_or_else(|| panic!("{output:?}"));
    let counts = last["counts"].as_object().unwrap().clone();
    let number = |name: &str| counts[name].as_i64().unwrap();
    let outcomes: i64 = counts
        .keys()
        .filter(|name| *name != "read")
        .map(|name| number(name))
        .sum();
    assert_eq!(number("read"), outcomes, "{last:#}");
    counts.into()
}

/// The names and some cells of all contacts.
async fn rows(server: &Process, columns: &[&str]) -> Value {
    let query = "query ($columns: [String!]!) { contacts(first: 50, orderBy: [{ column: \"email\" }]) { rows(columns: $columns) } }";
    let data = server.ask(query, json!({ "columns": columns })).await;
    data["contacts"]["rows"].clone()
}

both_kinds! {
    async fn without_a_server_it_does_the_work_itself(kind: Kind) {
        let site = Site::new(kind).await;
        let more = [&MAPPED[..], &["--segment", "Newcomers", "--json", "--match-by", "email"]].concat();
        let first = import(&site, PEOPLE, &more).await;
        assert_eq!(first.code, Some(3), "{first:?}");
        let expected = json!({ "read": 4, "created": 2, "updated": 0, "unchanged": 0, "failed": 1, "duplicate": 1, "discarded": 0 });
        assert_eq!(counts(&first), expected);
        let last = lines(&first).pop().unwrap();
        let file = |name: &str| std::fs::read_to_string(last[name].as_str().unwrap()).unwrap();
        assert_eq!(file("resultFile").lines().count(), 5, "{last:#}");
        assert!(file("failedFile").contains("not an address"));

        // Again and mended: all of it is there already, and the headers are known by now.
        let mended = PEOPLE.replace("not an address", "bob@example.com").replace("Cy,cy@example.com,Former,1\n", "");
        let more = ["--map", "Company Name=attr.company", "--map", "Size (cm)=attr.size", "--json"];
        let second = import(&site, &mended, &more).await;
        assert_eq!(second.code, Some(0), "{second:?}");
        let expected = json!({ "read": 3, "created": 1, "updated": 0, "unchanged": 2, "failed": 0, "duplicate": 0, "discarded": 0 });
        assert_eq!(counts(&second), expected);

        let server = site.serve(&[]).await;
        let expected = json!([["Ada", "Smith, Ltd", 170], ["Bob", "Jones", 180], ["Cy", "Later", 175.5]]);
        assert_eq!(rows(&server, &["firstName", "attr.company", "attr.size"]).await, expected);
        let query = "{ imports(first: 5) { nodes { status createdByName segmentName } } segments(first: 5) { nodes { name contactCount { value } } } }";
        let data = server.ask(query, json!({})).await;
        let command_line = |segment: Value| json!({ "status": "COMPLETED", "createdByName": "command line", "segmentName": segment });
        assert_eq!(data["imports"]["nodes"], json!([command_line(Value::Null), command_line("Newcomers".into())]));
        assert_eq!(data["segments"]["nodes"], json!([{ "name": "Newcomers", "contactCount": { "value": 2 } }]));
        server.stop().await;
        site.finish().await;
    }

    async fn beside_a_server_both_see_the_same(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&[]).await;
        let more = [&MAPPED[..], &["--country", "DE"]].concat();
        let output = import(&site, PEOPLE, &more).await;
        assert_eq!(output.code, Some(3), "{output:?}");
        let said = "4 read, 2 created, 0 updated, 0 unchanged, 1 failed, 1 duplicate, 0 discarded";
        assert!(output.stdout.contains(said), "{output:?}");
        assert!(output.stdout.contains("result file: ") && output.stdout.contains("failed rows: "), "{output:?}");
        let id = output.stdout.split(':').next().unwrap();
        let seen = server.completed(id).await;
        assert_eq!((&seen["createdCount"], &seen["progress"]["done"]), (&json!(2), &json!(4)));
        site.drained().await;
        server.stop().await;
        site.finish().await;
    }

    async fn headers_that_nobody_knows_must_be_decided_about(kind: Kind) {
        let site = Site::new(kind).await;
        let undecided = import(&site, PEOPLE, &[]).await;
        assert_eq!(undecided.code, Some(1), "{undecided:?}");
        for line in ["--map \"Company Name=attr.company_name:TEXT\"", "--map \"Size (cm)=attr.size_cm:TEXT\""] {
            assert!(undecided.stderr.contains(line), "{undecided:?}");
        }
        let json = lines(&import(&site, PEOPLE, &["--json"]).await).pop().unwrap();
        assert_eq!(json["unmapped"][0], json!({ "header": "Company Name", "map": "Company Name=attr.company_name:TEXT" }));
        let one = import(&site, PEOPLE, &["--map", "Company Name=", "--json"]).await;
        assert_eq!(one.code, Some(1), "{one:?}");
        assert_eq!(lines(&one).pop().unwrap()["unmapped"].as_array().unwrap().len(), 1);

        let ignored = import(&site, PEOPLE, &["--ignore-unmapped", "--json"]).await;
        assert_eq!(ignored.code, Some(3), "{ignored:?}");
        assert_eq!(counts(&ignored)["created"], 2);
        site.finish().await;
    }

    async fn what_cannot_go_in_at_all_fails(kind: Kind) {
        let site = Site::new(kind).await;
        let cases: [(&str, &[&str], &str); 6] = [
            ("", &[], "EMPTY_FILE"),
            ("Email,Email\na@example.com,b@example.com\n", &[], "DUPLICATE_HEADER"),
            ("user.phone_no\n1\n", &["--kind", "broadcast-list"], "HEADER_MISSING"),
            ("Email\na@example.com\n", &["--channel", "Shop"], "--channel"),
            ("Email\na@example.com\n", &["--map", "Mail=email"], "--map"),
            ("Email\na@example.com\n", &["--match-by", "phone"], "--match-by"),
        ];
        for (file, more, named) in cases {
            let failed = import(&site, file, more).await;
            assert_eq!(failed.code, Some(1), "{more:?}: {failed:?}");
            assert!(failed.stderr.contains(named), "{named}: {failed:?}");
            let failed = import(&site, file, &[more, &["--json"]].concat()).await;
            assert_eq!(failed.code, Some(1), "{more:?}: {failed:?}");
            lines(&failed);
        }
        let path = site.file("people.csv", PEOPLE);
        let unasked = site.run(&["import", &path, "--ignore-unmapped"]).await;
        assert_eq!(unasked.code, Some(1));
        assert!(unasked.stderr.contains("--consent"), "{unasked:?}");
        let missing = site.run(&["import", "nowhere.csv", "--consent"]).await;
        assert_eq!(missing.code, Some(1));
        assert!(missing.stderr.contains("nowhere.csv"), "{missing:?}");
        site.finish().await;
    }

    async fn a_broadcast_list_goes_to_its_channel(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&["--allow-private-addresses"]).await;
        let make = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } } }";
        let input = json!({
            "kind": "WHATSAPP", "provider": "DIALOG_360", "name": "Shop",
            "settings": { "baseUrl": mock::url() }, "credentials": { "apiKey": "key-of-the-shop" }
        });
        let id = server.ask(make, json!({ "input": input })).await["createChannel"]["channel"]["id"].clone();
        let list = "user.username,user.phone_no,user.email,user.first_name,user.last_name,user.title,user.account,plan,seats||NUMBER\n\
            ada,4930231250171,,Ada,,,,Team,12\nbob,+49 30 1,,Bob,,,,Solo,1\n";
        let more = ["--kind", "broadcast-list", "--channel", "shop", "--country", "DE", "--json"];
        let refused = import(&site, list, &more).await;
        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert_eq!(lines(&refused).pop().unwrap()["failure"]["code"], "CHANNEL_NOT_READY", "{refused:?}");

        let verify = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } } }";
        let verified = server.ask(verify, json!({ "id": id })).await;
        assert_eq!(verified["verifyChannel"]["channel"]["status"], "READY");
        let done = import(&site, list, &more).await;
        assert_eq!(done.code, Some(3), "{done:?}");
        assert_eq!(counts(&done)["created"], 1, "{done:?}");
        let found = rows(&server, &["firstName", "phone", "attr.plan", "attr.seats"]).await;
        assert_eq!(found, json!([["Ada", "+4930231250171", "Team", 12]]));
        site.drained().await;
        server.stop().await;
        site.finish().await;
    }
}
