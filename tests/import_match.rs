//! Whom a row of a CONTACTS file is about, and what it changes.

use crate::{
    harness::both,
    import_kit::{channel, codes, contact, counts, file, lines, run, table},
};
use serde_json::{Value, json};

/// The error codes of an import with the rows that they are about.
fn all(codes: &[(i64, &str)]) -> Vec<(i64, String)> {
    codes
        .iter()
        .map(|(row, code)| (*row, (*code).to_owned()))
        .collect()
}

both! {
    async fn the_first_key_with_a_value_finds_the_contact(t: &Harness) {
        let main = channel(t, "WHATSAPP", "Main").await;
        let address = |number: &str| json!([{ "channelId": main, "address": number }]);
        let id = contact(t, json!({ "username": "id", "email": "i@example.com" })).await;
        contact(t, json!({ "username": "address", "channels": address("+493012345671") })).await;
        contact(t, json!({ "username": "phone", "phone": "+493012345672" })).await;
        contact(t, json!({ "username": "email", "email": "E@Example.com" })).await;
        let rows = [
            format!("{},,,,e@example.com,1", id.as_str().unwrap()),
            ",main,+493012345671,,i2@example.com,2".to_owned(),
            ",,,030 12345672,,3".to_owned(),
            // Its kind, since there is but one of it, but no address: the next key counts.
            ",,,,e@EXAMPLE.com,4".to_owned(),
            // The phone number is the address where there is none.
            ",WhatsApp,,030/12345671,,2".to_owned(),
        ];
        let header = "id,channel,address,phone,email,title".to_owned();
        let csv = |n: &[usize]| {
            let rows = n.iter().map(|n| rows[*n].as_str());
            lines(&std::iter::once(header.as_str()).chain(rows).collect::<Vec<_>>())
        };
        let input = json!({ "country": "DE" });
        let done = run(t, input.clone(), csv(&[1, 2, 3, 0])).await;
        assert_eq!(counts(&done), [0, 4, 0, 0, 0, 0], "{done:#}");
        let columns = ["username", "title", "email", "phone"];
        let expected = json!([
            ["id", "1", "e@example.com", null],
            ["address", "2", "i2@example.com", null],
            ["phone", "3", null, "+493012345672"],
            ["email", "4", "e@EXAMPLE.com", null],
        ]);
        assert_eq!(table(t, &columns).await, expected);
        let done = run(t, input, csv(&[4])).await;
        assert_eq!(counts(&done), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &columns).await[1], json!(["address", "2", "i2@example.com", "+493012345671"]));
    }

    async fn match_by_has_its_own_order(t: &Harness) {
        contact(t, json!({ "username": "phone", "phone": "+493012345671" })).await;
        contact(t, json!({ "username": "email", "email": "a@example.com" })).await;
        for (keys, email, titles) in [
            (json!(["PHONE"]), "x@example.com", json!([["phone", "x"], ["email", null]])),
            (json!(["EMAIL", "PHONE"]), "a@example.com", json!([["phone", "x"], ["email", "x"]])),
        ] {
            let csv = lines(&["phone,email,title", &format!("+493012345671,{email},x")]);
            let done = run(t, json!({ "matchBy": keys }), csv).await;
            assert_eq!((counts(&done), &done["matchBy"]), ([0, 1, 0, 0, 0, 0], &keys));
            assert_eq!(table(t, &["username", "title"]).await, titles);
        }
    }

    async fn ambiguous_rows_fail_and_name_whom_they_could_mean(t: &Harness) {
        let main = channel(t, "WHATSAPP", "Main").await;
        contact(t, json!({ "name": "Ann", "phone": "+493012345671" })).await;
        contact(t, json!({ "name": "Bob", "phone": "+493012345671", "email": "b@example.com" })).await;
        let address = json!([{ "channelId": main, "address": "+493012345679" }]);
        contact(t, json!({ "name": "Cleo", "channels": address })).await;
        let csv = lines(&[
            "phone,email,channel,address,title",
            "+493012345671,,,,x",
            // Someone else's address.
            "+493012345672,b@example.com,Main,+493012345679,x",
        ]);
        let done = run(t, json!({ "matchBy": ["PHONE"] }), csv.clone()).await;
        assert_eq!(codes(&done), all(&[(1, "CONTACT_AMBIGUOUS"), (2, "CONTACT_AMBIGUOUS")]));
        let message = |n: usize| done["errors"]["nodes"][n]["message"].as_str().unwrap();
        assert!(message(0).contains("Ann (+493012345671); Bob (+493012345671)"), "{}", message(0));
        assert!(message(1).contains("Cleo"), "{}", message(1));
        let done = run(t, json!({ "matchBy": ["EMAIL", "CHANNEL_ADDRESS", "PHONE"] }), csv).await;
        assert_eq!(codes(&done), all(&[(1, "CONTACT_AMBIGUOUS"), (2, "CONTACT_AMBIGUOUS")]));
        assert_eq!(table(t, &["name", "title"]).await, json!([["Ann", null], ["Bob", null], ["Cleo", null]]));
    }

    async fn of_a_key_that_comes_again_the_last_valid_row_counts_alone(t: &Harness) {
        let csv = lines(&[
            "Email,First name,Last name,Country",
            "a@example.com,One,Early,DE",
            "a@example.com,Two,,Atlantis",
            "A@example.com,Three,,FR",
            "a@example.com,Four,,Atlantis",
            "b@example.com,Bob,,DE",
            "c@example.com,,,Atlantis",
            "c@example.com,,,Atlantis",
        ]);
        let done = run(t, json!({}), csv).await;
        assert_eq!(counts(&done), [2, 0, 0, 4, 1, 0]);
        let wrong = "VALUE_OF_WRONG_TYPE";
        let expected = [(1, "DUPLICATE_IN_FILE"), (2, wrong), (4, wrong), (6, wrong), (7, wrong)];
        assert_eq!(codes(&done), all(&expected));
        let columns = ["email", "firstName", "lastName", "country"];
        let expected = json!([["A@example.com", "Three", null, "FR"], ["b@example.com", "Bob", null, "DE"]]);
        assert_eq!(table(t, &columns).await, expected);
        // A duplicate is no failure: it is not for mending.
        assert_eq!(file(t, &done, "failedRowsFile").await.lines().count(), 5);
    }

    async fn rows_go_in_as_if_one_by_one(t: &Harness) {
        // Found by the e-mail address that an earlier row has brought, a row further on and many batches further on.
        let mut csv = lines(&["Phone,Email,Title", "+493012345670,new@example.com,1", ",new@example.com,2"]);
        csv += "+493012345671,far@example.com,1\r\n";
        csv.extend((0..1200).map(|n| format!(",p{n}@example.com,x\r\n")));
        csv += ",far@example.com,2\r\n";
        let done = run(t, json!({ "matchBy": ["PHONE", "EMAIL"] }), csv).await;
        assert_eq!(counts(&done), [1202, 2, 0, 0, 0, 0]);
        let query = "{ contacts(last: 2) { rows(columns: [\"phone\", \"email\", \"title\"]) } }";
        let data = t.data(&t.owner, query, json!({})).await;
        let expected = json!([
            ["+493012345671", "far@example.com", "2"], ["+493012345670", "new@example.com", "2"],
        ]);
        assert_eq!(data["contacts"]["rows"], expected);
    }

    async fn a_row_can_end_what_was_ambiguous(t: &Harness) {
        for (name, phone) in [("Ann", "+493012345671"), ("Bob", "+493012345672")] {
            contact(t, json!({ "name": name, "phone": phone, "email": "both@example.com" })).await;
        }
        let csv = lines(&["Phone,Email,Title", "+493012345671,ann@example.com,1", ",both@example.com,2", ",ann@example.com,3"]);
        let done = run(t, json!({ "matchBy": ["PHONE", "EMAIL"] }), csv).await;
        assert_eq!(counts(&done), [0, 3, 0, 0, 0, 0], "{done:#}");
        let expected = json!([["Ann", "ann@example.com", "3"], ["Bob", "both@example.com", "2"]]);
        assert_eq!(table(t, &["name", "email", "title"]).await, expected);
    }

    async fn an_exported_name_does_not_become_one(t: &Harness) {
        let id = contact(t, json!({ "firstName": "Ada", "lastName": "Moreau" })).await;
        let phone = contact(t, json!({ "phone": "+493012345671" })).await;
        let row = |id: &Value, name: &str| format!("{},{name}", id.as_str().unwrap());
        let done = run(t, json!({}), lines(&["id,name", &row(&id, "Ada Moreau"), &row(&phone, "+493012345671")])).await;
        assert_eq!(counts(&done), [0, 0, 2, 0, 0, 0]);
        // So a first name that changes shows.
        let csv = format!("id,name,first name\n{},Ida\n", row(&id, "Ada Moreau"));
        assert_eq!(counts(&run(t, json!({}), csv).await), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &["name"]).await, json!([["Ida Moreau"], ["+493012345671"]]));
        let done = run(t, json!({}), lines(&["id,name", &row(&id, "Countess")])).await;
        assert_eq!(counts(&done), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &["name"]).await[0], json!(["Countess"]));
    }

    async fn an_address_names_who_has_no_name(t: &Harness) {
        channel(t, "TELEGRAM", "Bot").await;
        let id = contact(t, json!({ "username": "x" })).await;
        let csv = lines(&["id,channel,address", &format!("{},Bot,tg-17", id.as_str().unwrap())]);
        assert_eq!(counts(&run(t, json!({}), csv).await), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &["name", "channel", "address"]).await, json!([["tg-17", "Bot", "tg-17"]]));
        // The first address stays the name.
        let csv = lines(&["id,channel,address", &format!("{},Bot,tg-18", id.as_str().unwrap())]);
        assert_eq!(counts(&run(t, json!({}), csv).await), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &["name"]).await, json!([["tg-17"]]));
    }

    async fn fewer_columns_change_only_those(t: &Harness) {
        let fields = json!({ "email": "a@example.com", "firstName": "Ada", "lastName": "M", "phone": "+493012345671", "country": "DE" });
        contact(t, fields).await;
        let done = run(t, json!({}), lines(&["Email,Vorname,Land", "a@example.com,Ida,"])).await;
        assert_eq!(counts(&done), [0, 1, 0, 0, 0, 0]);
        let columns = ["email", "firstName", "lastName", "phone", "country", "version"];
        let expected = json!([["a@example.com", "Ida", "M", "+493012345671", "DE", 2]]);
        assert_eq!(table(t, &columns).await, expected);
        let clears = json!({ "emptyClears": true });
        let done = run(t, clears, lines(&["Email,Vorname,Land", "a@example.com,Ida,"])).await;
        assert_eq!(counts(&done), [0, 1, 0, 0, 0, 0]);
        assert_eq!(table(t, &["firstName", "country"]).await, json!([["Ida", null]]));
    }
}
