//! Broadcast lists.

use crate::{
    harness::{Harness, both},
    import_kit::{
        LIST, attribute, channel, codes, contact, counts, create, file, finish, lines, run, table,
    },
};
use serde_json::{Value, json};

const COLUMNS: [&str; 5] = ["phone", "channel", "address", "firstName", "email"];

/// A list for a channel, in India.
fn of(channel: &Value) -> Value {
    json!({ "kind": "BROADCAST_LIST", "channelId": channel, "country": "IN" })
}

/// A list of these numbers.
fn numbers(numbers: &[&str]) -> String {
    let rows = numbers.iter().map(|number| format!(",{number},,,,,\r\n"));
    format!("{LIST}\r\n{}", rows.collect::<String>())
}

async fn limit(t: &Harness, rows: i32) {
    let query = "mutation ($rows: Int!) { updateWorkspace(input: { broadcastListRowLimit: $rows }) { userErrors { code } } }";
    let data = t.data(&t.owner, query, json!({ "rows": rows })).await;
    assert_eq!(data["updateWorkspace"]["userErrors"], json!([]));
}

async fn people(t: &Harness, segment: &Value) -> Value {
    let query = "query ($id: ID!) { contacts(segmentId: $id) { rows(columns: [\"phone\"]) } }";
    let data = t
        .data(&t.owner, query, json!({ "id": segment["id"] }))
        .await;
    data["contacts"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .cloned()
        .collect()
}

both! {
    async fn a_list_goes_in(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let csv = lines(&[
            &format!("{LIST},city,visits||number,Since||DATE"),
            "asha1,919876543210,asha@example.com,Asha,Rao,Dr.,A-1,Pune,3,2024-01-31",
            ",9876543211,,Ben,,,,,,",
        ]);
        let mut input = of(&channel);
        input["segmentName"] = "Diwali".into();
        let made = create(t, input.clone(), csv.clone()).await;
        assert_eq!(made["inspection"]["problems"], json!([]));
        let done = finish(t, &made["id"], json!({})).await;
        assert_eq!(counts(&done), [2, 0, 0, 0, 0, 0]);
        assert_eq!(done["matchBy"], json!(["CHANNEL_ADDRESS"]));
        assert_eq!(done["channel"]["id"], channel);
        assert_eq!(done["segment"]["name"], "Diwali");
        assert_eq!(people(t, &done["segment"]).await, json!([["+919876543210"], ["+919876543211"]]));
        let columns = [
            "username", "phone", "channel", "address", "email", "firstName", "lastName", "title", "account",
            "attr.city", "attr.visits", "attr.Since",
        ];
        let expected = json!([
            ["asha1", "+919876543210", "Main", "+919876543210", "asha@example.com", "Asha", "Rao", "Dr.", "A-1", "Pune", 3, "2024-01-31"],
            [null, "+919876543211", "Main", "+919876543211", null, "Ben", null, null, null, null, null, null],
        ]);
        assert_eq!(table(t, &columns).await, expected);
        let data = t.data(&t.owner, "{ attributes { key type } }", json!({})).await;
        let types = json!([
            { "key": "city", "type": "TEXT" }, { "key": "visits", "type": "NUMBER" }, { "key": "Since", "type": "DATE" },
        ]);
        assert_eq!(data["attributes"], types);

        // The same file again: nothing changes, and the segment is added to.
        let made = create(t, input, csv).await;
        let problem = &made["inspection"]["problems"][0];
        assert_eq!((&problem["code"], &problem["field"]), (&json!("SEGMENT_EXISTS"), &json!(["segmentName"])));
        let again = finish(t, &made["id"], json!({})).await;
        assert_eq!(counts(&again), [0, 0, 2, 0, 0, 0]);
        assert_eq!(again["segment"]["id"], done["segment"]["id"]);
        assert_eq!(table(t, &columns).await, expected);
    }

    async fn a_phone_number_is_digits_alone(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let cases = [
            ("", "PHONE_MISSING"),
            (" ", "PHONE_MISSING"),
            ("+919876543210", "PHONE_HAS_SPECIAL_CHARACTERS"),
            ("(91) 9876543210", "PHONE_HAS_SPECIAL_CHARACTERS"),
            ("98765 43210", "PHONE_HAS_SPECIAL_CHARACTERS"),
            ("98765-43210", "PHONE_HAS_SPECIAL_CHARACTERS"),
            ("12345", "PHONE_INVALID"),
            ("9.19877E+11", "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER"),
        ];
        let mut input = of(&channel);
        // A broadcast list's key is its phone number: it is never left out.
        input["onInvalid"] = "DROP_CELL".into();
        let done = run(t, input, numbers(&cases.map(|(number, _)| number))).await;
        let expected: Vec<_> = (1..).zip(cases.map(|(_, code)| code.to_owned())).collect();
        assert_eq!(codes(&done), expected);
        for error in done["errors"]["nodes"].as_array().unwrap() {
            assert_eq!(error["header"], "user.phone_no", "{error:#}");
            assert_eq!(error["cellDropped"], false);
        }
        assert_eq!(table(t, &["id"]).await, json!([]));
    }

    async fn both_readings_of_a_number_are_one_person(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let done = run(t, of(&channel), numbers(&["919876543210", "9876543211"])).await;
        assert_eq!(counts(&done), [2, 0, 0, 0, 0, 0]);
        let done = run(t, of(&channel), numbers(&["9876543210", "919876543211"])).await;
        assert_eq!(counts(&done), [0, 0, 2, 0, 0, 0]);
        // In one file they are the same key twice.
        let done = run(t, of(&channel), numbers(&["9876543212", "919876543212"])).await;
        assert_eq!(counts(&done), [1, 0, 0, 0, 1, 0]);
        // Without a country of its own it is the workspace's.
        let update = "mutation { updateWorkspace(input: { defaultCountry: \"IN\" }) { userErrors { code } } }";
        t.data(&t.owner, update, json!({})).await;
        let mut input = of(&channel);
        input.as_object_mut().unwrap().remove("country");
        let done = run(t, input, numbers(&["9876543210"])).await;
        assert_eq!(counts(&done), [0, 0, 1, 0, 0, 0]);
        assert_eq!(done["country"], "IN");
    }

    async fn rows_past_the_limit_are_discarded_and_said_to_be(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        limit(t, 3).await;
        // Bad ones count too, and a later row past the limit takes no earlier one's place.
        let csv = numbers(&["9876543210", "x", "9876543211", "9876543210", "9876543213"]);
        let done = run(t, of(&channel), csv).await;
        assert_eq!(counts(&done), [2, 0, 0, 1, 0, 2]);
        let special = (2, "PHONE_HAS_SPECIAL_CHARACTERS".to_owned());
        assert_eq!(codes(&done), [special, (4, "ROW_LIMIT_EXCEEDED".to_owned())]);
        let error = &done["errors"]["nodes"][1];
        assert_eq!((&error["line"], &error["header"], &error["value"]), (&json!(5), &Value::Null, &Value::Null));
        let result = file(t, &done, "resultFile").await;
        let comments: Vec<&str> = result.lines().map(|line| line.rsplit(',').next().unwrap()).collect();
        let discarded = "Discarded: the list takes 3 rows [ROW_LIMIT_EXCEEDED]";
        assert_eq!((comments[1], comments[3]), ("", ""));
        assert_eq!(comments[4..], [discarded, discarded]);
        // The others are for another file: they did not fail.
        let failed = file(t, &done, "failedRowsFile").await;
        assert_eq!(failed.lines().count(), 2);
        assert_eq!(table(t, &["phone"]).await, json!([["+919876543210"], ["+919876543211"]]));
        // Just as many as fit.
        let done = run(t, of(&channel), numbers(&["9876543210", "9876543211", "9876543213"])).await;
        assert_eq!(counts(&done), [1, 0, 2, 0, 0, 0]);
    }

    async fn a_person_is_known_by_the_address_on_the_channel(t: &Harness) {
        let (main, other) = (channel(t, "WHATSAPP", "Main").await, channel(t, "WHATSAPP", "Other").await);
        let address = json!([{ "channelId": main, "address": "+919876543210" }]);
        contact(t, json!({ "firstName": "Asha", "channels": address })).await;
        // Whoever has but the phone number is not known by it.
        contact(t, json!({ "firstName": "Ben", "phone": "+919876543211" })).await;
        let done = run(t, of(&main), numbers(&["9876543210", "9876543211"])).await;
        assert_eq!(counts(&done), [1, 1, 0, 0, 0, 0]);
        let done = run(t, of(&other), numbers(&["9876543210"])).await;
        assert_eq!(counts(&done), [1, 0, 0, 0, 0, 0]);
        let expected = json!([
            ["+919876543210", "Main", "+919876543210", "Asha", null],
            ["+919876543211", null, null, "Ben", null],
            ["+919876543211", "Main", "+919876543211", null, null],
            ["+919876543210", "Other", "+919876543210", null, null],
        ]);
        assert_eq!(table(t, &COLUMNS).await, expected);
    }

    async fn an_empty_cell_leaves_the_value_unless_it_is_to_clear(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        attribute(t, "city", "TEXT").await;
        let header = format!("{LIST},city");
        let full = lines(&[&header, ",919876543210,a@example.com,Asha,,,,Pune"]);
        let empty = lines(&[&header, ",919876543210,,,,,,"]);
        let columns = ["phone", "email", "firstName", "attr.city"];
        let whole = json!([["+919876543210", "a@example.com", "Asha", "Pune"]]);
        run(t, of(&channel), full).await;
        let done = run(t, of(&channel), empty.clone()).await;
        assert_eq!(counts(&done), [0, 0, 1, 0, 0, 0]);
        assert_eq!(table(t, &columns).await, whole);
        let mut input = of(&channel);
        input["emptyClears"] = true.into();
        let done = run(t, input.clone(), empty.clone()).await;
        assert_eq!(counts(&done), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &columns).await, json!([["+919876543210", null, null, null]]));
        let done = run(t, input, empty).await;
        assert_eq!(counts(&done), [0, 0, 1, 0, 0, 0]);
    }

    async fn a_mended_result_file_goes_in_again(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let csv = lines(&[&format!("{LIST},age||NUMBER"), ",9876543210,,,,,,1", ",9876543211,,,,,,one"]);
        let done = run(t, of(&channel), csv).await;
        let failed = file(t, &done, "failedRowsFile").await;
        let comments = failed.lines().next().unwrap();
        assert!(comments.ends_with(",age||NUMBER,Comments"), "{comments}");
        let made = create(t, of(&channel), failed.replace(",one,", ",2,")).await;
        assert_eq!(made["mapping"][8]["ignore"], true);
        let again = finish(t, &made["id"], json!({})).await;
        assert_eq!(counts(&again), [1, 0, 0, 0, 0, 0]);
        // The new comments stand in the place of the old ones.
        let result = file(t, &again, "resultFile").await;
        assert_eq!(result, "\u{feff}".to_owned() + LIST + ",age||NUMBER,Comments\r\n,9876543211,,,,,,2,\r\n");
        assert_eq!(table(t, &["attr.age"]).await, json!([[1], [2]]));
    }
}
