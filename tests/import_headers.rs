//! What becomes of the columns of a CONTACTS file: recognised, or decided by a person.

use crate::{
    harness::{Harness, both},
    import_kit::{attribute, contact, counts, create, file, finish, lines, run, start, table},
};
use serde_json::{Value, json};

/// Headers in English and German, with the columns that they mean.
const HEADERS: [(&str, &str); 34] = [
    ("id", "id"),
    ("ID", "id"),
    ("name", "name"),
    ("Full Name", "name"),
    ("firstName", "firstName"),
    ("First Name", "firstName"),
    ("first_name", "firstName"),
    ("Vorname", "firstName"),
    ("user.first_name", "firstName"),
    ("Nachname", "lastName"),
    ("Surname", "lastName"),
    ("Benutzername", "username"),
    ("Titel", "title"),
    ("Konto", "account"),
    ("E-Mail", "email"),
    ("email", "email"),
    ("E-Mail-Adresse", "email"),
    ("E-mail address", "email"),
    ("Phone", "phone"),
    ("Telefon", "phone"),
    ("Telefonnummer", "phone"),
    ("Handynummer", "phone"),
    ("Number", "phone"),
    ("Land", "country"),
    ("Country", "country"),
    ("Sprache", "language"),
    ("Activated", "status"),
    ("Aktiviert", "status"),
    ("Status", "status"),
    ("Messenger", "channel"),
    ("Kanal", "channel"),
    ("address", "address"),
    ("attr.plan_name", "attr.plan_name"),
    ("Plan Name", "attr.plan_name"),
];

/// Field and code of each error.
fn errors(payload: &Value) -> Value {
    let errors = payload["userErrors"].as_array().unwrap();
    errors
        .iter()
        .map(|error| json!([error["field"], error["code"]]))
        .collect()
}

/// Starts, with a mapping that must be refused.
async fn refused(t: &Harness, id: &Value, input: Value) -> Value {
    let payload = start(t, id, input).await;
    assert_eq!(payload["import"], Value::Null);
    errors(&payload)
}

both! {
    async fn headers_are_recognised_in_english_and_german(t: &Harness) {
        attribute(t, "plan_name", "TEXT").await;
        for (header, column) in HEADERS {
            let made = create(t, json!({}), lines(&[header, "contact_1"])).await;
            assert_eq!(made["mapping"][0]["column"]["key"], column, "{header}");
            assert_eq!(made["mapping"][0]["header"], header);
        }
        // Spaces around do not count; a second one for the same column is for the person.
        let made = create(t, json!({}), lines(&[" Vorname ,First name,Shoe size", "a,b,c"])).await;
        let mapping = &made["mapping"];
        assert_eq!((&mapping[0]["header"], &mapping[0]["column"]["key"]), (&json!("Vorname"), &json!("firstName")));
        for n in [1, 2] {
            assert_eq!((&mapping[n]["column"], &mapping[n]["ignore"]), (&Value::Null, &json!(false)));
        }
    }

    async fn a_header_that_is_unknown_must_be_decided(t: &Harness) {
        attribute(t, "plan", "TEXT").await;
        let csv = lines(&["Email,Shoe size,Tarif,Junk", "a@example.com,42,Solo,x"]);
        // To start at once is to start when nothing is left to decide.
        let made = create(t, json!({ "start": true }), csv.clone()).await;
        assert_eq!(made["status"], "INSPECTED");
        let id = &made["id"];
        let unmapped = |header: &str| json!([["mapping", header], "HEADER_UNMAPPED"]);
        let all = json!([unmapped("Shoe size"), unmapped("Tarif"), unmapped("Junk")]);
        assert_eq!(refused(t, id, json!({})).await, all);
        let with = |entry: Value| json!({ "mapping": [entry] });
        for (entry, field, code) in [
            (json!({ "header": "Nowhere", "ignore": true }), json!(["mapping", "0", "header"]), "NOT_FOUND"),
            (json!({ "header": "Junk" }), json!(["mapping", "0"]), "INVALID"),
            (json!({ "header": "Junk", "ignore": true, "column": "name" }), json!(["mapping", "0"]), "INVALID"),
            (json!({ "header": "Junk", "column": "nothing" }), json!(["mapping", "0", "column"]), "NOT_FOUND"),
            (json!({ "header": "Junk", "column": "attr.nothing" }), json!(["mapping", "0", "column"]), "NOT_FOUND"),
            (json!({ "header": "Junk", "column": "createdAt" }), json!(["mapping", "0", "column"]), "INVALID"),
            (json!({ "header": "Junk", "newAttribute": { "key": "Plan", "type": "NUMBER" } }), json!(["mapping", "0", "newAttribute"]), "ATTRIBUTE_TYPE_CONFLICT"),
            (json!({ "header": "Junk", "newAttribute": { "key": "/", "type": "TEXT" } }), json!(["mapping", "0", "newAttribute"]), "INVALID"),
        ] {
            assert_eq!(refused(t, id, with(entry.clone())).await, json!([[field, code]]), "{entry}");
        }
        let twice = json!({ "mapping": [
            { "header": "Shoe size", "column": "attr.plan" }, { "header": "Tarif", "newAttribute": { "key": "PLAN", "type": "TEXT" } },
            { "header": "Junk", "ignore": true },
        ] });
        assert_eq!(refused(t, id, twice).await, json!([[["mapping", "Tarif"], "COLUMN_TWICE"]]));
        let decided = json!([
            { "header": "Shoe size", "newAttribute": { "key": "shoe size", "type": "NUMBER" } },
            { "header": "Tarif", "column": "attr.plan" }, { "header": "Junk", "ignore": true },
        ]);
        let done = finish(t, id, json!({ "mapping": decided })).await;
        assert_eq!(counts(&done), [1, 0, 0, 0, 0, 0]);
        let columns = ["email", "attr.plan", "attr.shoe size"];
        assert_eq!(table(t, &columns).await, json!([["a@example.com", "Solo", 42]]));
        // Said when it is created, it starts at once.
        let made = create(t, json!({ "start": true, "mapping": decided }), csv).await;
        assert_eq!(made["status"], "QUEUED");
        t.drained().await;
    }

    async fn keys_need_their_columns(t: &Harness) {
        let made = create(t, json!({}), lines(&["Vorname,Nachname", "A,B"])).await;
        let missing = json!([[["matchBy"], "KEY_MISSING"]]);
        assert_eq!(refused(t, &made["id"], json!({})).await, missing);
        let made = create(t, json!({}), lines(&["Email,Name", "a@example.com,A"])).await;
        for (keys, code) in [
            (json!(["PHONE"]), "KEY_MISSING"),
            (json!(["EMAIL", "ID"]), "KEY_MISSING"),
            (json!(["CHANNEL_ADDRESS"]), "KEY_MISSING"),
            (json!([]), "INVALID"),
            (json!(["EMAIL", "EMAIL"]), "INVALID"),
        ] {
            let found = refused(t, &made["id"], json!({ "matchBy": keys })).await;
            assert_eq!(found, json!([[["matchBy"], code]]), "{keys}");
        }
        let csv = lines(&["email,phone,address,channel,id", ",,,,"]);
        let done = run(t, json!({}), csv).await;
        assert_eq!(done["matchBy"], json!(["ID", "CHANNEL_ADDRESS", "PHONE", "EMAIL"]));
    }

    async fn activated_sets_the_status(t: &Harness) {
        let csv = |one, two| lines(&["Email,Activated", &format!("a@example.com,{one}"), &format!("b@example.com,{two}")]);
        assert_eq!(counts(&run(t, json!({}), csv("0", "1")).await), [2, 0, 0, 0, 0, 0]);
        assert_eq!(table(t, &["status"]).await, json!([["INACTIVE"], ["ACTIVE"]]));
        assert_eq!(counts(&run(t, json!({}), csv("1", "")).await), [0, 1, 1, 0, 0, 0]);
        assert_eq!(table(t, &["status"]).await, json!([["ACTIVE"], ["ACTIVE"]]));
    }

    async fn columns_that_roster_writes_are_ignored_with_a_note(t: &Harness) {
        let id = contact(t, json!({ "email": "a@example.com" })).await;
        let before = table(t, &["createdAt", "updatedAt", "version"]).await;
        let csv = lines(&["id,Created,geändert,version,E-mail", &format!("{},2001-01-01,x,99,a@example.com", id.as_str().unwrap())]);
        let made = create(t, json!({}), csv).await;
        let problems = made["inspection"]["problems"].as_array().unwrap();
        let noted: Value = problems.iter().map(|problem| json!([problem["code"], problem["field"]])).collect();
        let note = |header: &str| json!(["COLUMN_IGNORED", [header]]);
        assert_eq!(noted, json!([note("Created"), note("geändert"), note("version")]));
        let done = finish(t, &made["id"], json!({})).await;
        assert_eq!(counts(&done), [0, 0, 1, 0, 0, 0]);
        assert_eq!(table(t, &["createdAt", "updatedAt", "version"]).await, before);
    }

    async fn a_result_file_goes_in_as_it_is(t: &Harness) {
        let csv = lines(&["Email,Name", "a@example.com,A", "b,B"]);
        let done = run(t, json!({}), csv).await;
        let result = file(t, &done, "resultFile").await;
        let made = create(t, json!({ "start": true }), result.clone()).await;
        assert_eq!(made["mapping"][2]["header"], "Comments");
        assert_eq!(made["mapping"][2]["ignore"], true);
        assert_eq!(made["inspection"]["problems"][0]["code"], "COLUMN_IGNORED");
        assert_eq!(made["status"], "QUEUED");
        t.drained().await;
        let again = crate::import_kit::import(t, &made["id"]).await;
        assert_eq!(counts(&again), [0, 0, 1, 1, 0, 0]);
        assert_eq!(file(t, &again, "resultFile").await, result);
    }

    async fn comments_of_a_persons_own_are_a_column_like_others(t: &Harness) {
        let csv = lines(&["Comments,Email", "likes tea,a@example.com", "none,b"]);
        let made = create(t, json!({}), csv).await;
        assert_eq!(made["mapping"][0]["ignore"], false);
        let mapping = json!([{ "header": "Comments", "newAttribute": { "key": "comments", "type": "TEXT" } }]);
        let done = finish(t, &made["id"], json!({ "mapping": mapping })).await;
        assert_eq!(counts(&done), [1, 0, 0, 1, 0, 0]);
        assert_eq!(table(t, &["attr.comments"]).await, json!([["likes tea"]]));
        let result = file(t, &done, "resultFile").await;
        assert!(result.starts_with("\u{feff}Comments,Email,Comments of the import\r\n"), "{result}");
        // Mended and sent back, only ours is left out.
        let again = create(t, json!({}), result).await;
        let ignored: Value = again["mapping"].as_array().unwrap().iter().map(|column| column["ignore"].clone()).collect();
        assert_eq!(ignored, json!([false, false, true]));
    }

    async fn ids_of_another_program_are_not_taken_for_ours(t: &Harness) {
        let foreign = lines(&["ID,Email", ",a@example.com", "1001,b@example.com"]);
        let made = create(t, json!({ "start": true }), foreign).await;
        assert_eq!(made["status"], "INSPECTED");
        assert_eq!(made["inspection"]["problems"][0]["code"], "FOREIGN_IDS");
        let unmapped = json!([[["mapping", "ID"], "HEADER_UNMAPPED"]]);
        assert_eq!(refused(t, &made["id"], json!({})).await, unmapped);
        let mapping = json!([{ "header": "ID", "newAttribute": { "key": "crm", "type": "TEXT" } }]);
        let done = finish(t, &made["id"], json!({ "mapping": mapping })).await;
        assert_eq!(counts(&done), [2, 0, 0, 0, 0, 0]);
        assert_eq!(table(t, &["email", "attr.crm"]).await, json!([["a@example.com", null], ["b@example.com", "1001"]]));
        // None at all: an export of new rows.
        let made = create(t, json!({}), lines(&["id,Email", ",c@example.com"])).await;
        assert_eq!(made["mapping"][0]["column"]["key"], "id");
    }
}
