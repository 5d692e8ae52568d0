//! What can be wrong with a row, and what the files say about it.

use crate::{
    harness::both,
    import_kit::{channel, codes, contact, counts, create, file, finish, lines, run, table},
};
use serde_json::{Value, json};

/// A cell that does not fit: header, cell, code.
const BAD_CELLS: [(&str, &str, &str); 30] = [
    ("Phone", "12", "PHONE_INVALID"),
    ("Phone", "+1 200 555 01", "PHONE_INVALID"),
    ("Phone", "030 12345 ext. 7", "PHONE_INVALID"),
    ("Phone", "4.91E+11", "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER"),
    ("Phone", "4,91E+11", "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER"),
    (
        "Phone",
        "919876543210.0",
        "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER",
    ),
    ("Channel", "Nowhere", "CHANNEL_UNKNOWN"),
    ("Country", "Atlantis", "VALUE_OF_WRONG_TYPE"),
    ("Language", "?", "VALUE_OF_WRONG_TYPE"),
    ("Activated", "perhaps", "VALUE_OF_WRONG_TYPE"),
    ("Bot", "2", "VALUE_OF_WRONG_TYPE"),
    ("number", "1,5", "VALUE_OF_WRONG_TYPE"),
    ("number", "several", "VALUE_OF_WRONG_TYPE"),
    ("number", "1234567890123456", "NUMBER_TOO_LONG"),
    ("date", "31.12.2022", "VALUE_OF_WRONG_TYPE"),
    ("date", "2023-02-30", "VALUE_OUT_OF_RANGE"),
    ("time", "noon", "VALUE_OF_WRONG_TYPE"),
    ("time", "25:00", "VALUE_OUT_OF_RANGE"),
    ("datetime", "yesterday", "VALUE_OF_WRONG_TYPE"),
    ("datetime", "2023-02-30T10:00:00Z", "VALUE_OUT_OF_RANGE"),
    ("boolean", "maybe", "VALUE_OF_WRONG_TYPE"),
    ("array", "{}", "VALUE_OF_WRONG_TYPE"),
    ("array", "[1,", "VALUE_OF_WRONG_TYPE"),
    ("object", "[]", "VALUE_OF_WRONG_TYPE"),
    ("object", "a", "VALUE_OF_WRONG_TYPE"),
    ("location", "Berlin", "VALUE_OF_WRONG_TYPE"),
    ("location", "91,0", "VALUE_OUT_OF_RANGE"),
    ("location", "{\"latitude\":1}", "VALUE_OF_WRONG_TYPE"),
    ("First name", LONG, "VALUE_TOO_LONG"),
    ("text", LONG, "VALUE_TOO_LONG"),
];

/// Stands for more characters than fit.
const LONG: &str = "LONG";

const TYPES: [&str; 9] = [
    "text", "number", "date", "time", "datetime", "boolean", "array", "object", "location",
];

const HEADERS: [&str; 17] = [
    "Email",
    "Phone",
    "First name",
    "Channel",
    "Country",
    "Language",
    "Activated",
    "Bot",
    "text",
    "number",
    "date",
    "time",
    "datetime",
    "boolean",
    "array",
    "object",
    "location",
];

fn cell(cell: &str) -> String {
    match cell {
        LONG => "ä".repeat(10_001),
        cell => cell.to_owned(),
    }
}

/// Quotes what needs it.
fn quoted(cell: &str) -> String {
    format!("\"{}\"", cell.replace('"', "\"\""))
}

/// A file with one bad cell a row, and one good row at the end.
fn bad_file() -> String {
    let mut file = lines(&[&HEADERS.join(",")]);
    for (n, (header, bad, _)) in BAD_CELLS.iter().enumerate() {
        let cells = HEADERS.map(|at| match at {
            "Email" => format!("p{n}@example.com"),
            at if at == *header => quoted(&cell(bad)),
            _ => String::new(),
        });
        file += &lines(&[&cells.join(",")]);
    }
    let cells = HEADERS.map(|at| {
        if at == "Email" {
            "good@example.com"
        } else {
            ""
        }
    });
    file + &lines(&[&cells.join(",")])
}

/// As a decision about the typed columns.
fn typed() -> Value {
    TYPES
        .iter()
        .map(|name| json!({ "header": name, "newAttribute": { "key": name, "type": name.to_uppercase() } }))
        .collect()
}

/// A row that is wrong as a whole, keyed by e-mail; with its header, value and code.
fn assert_error(error: &Value, row: usize, header: Value, value: Value, code: &str) {
    assert_eq!(error["row"], row, "{error:#}");
    assert_eq!(error["line"], row + 1, "{error:#}");
    assert_eq!(error["header"], header, "{error:#}");
    assert_eq!(error["value"], value, "{error:#}");
    assert_eq!(error["code"], code, "{error:#}");
    assert_ne!(error["message"], "");
}

both! {
    async fn a_bad_cell_fails_its_row_alone(t: &Harness) {
        let input = json!({ "country": "DE", "matchBy": ["EMAIL"], "mapping": typed() });
        let done = run(t, input, bad_file()).await;
        let rows = BAD_CELLS.len();
        assert_eq!(counts(&done), [1, 0, 0, rows as i64, 0, 0]);
        let errors = done["errors"]["nodes"].as_array().unwrap();
        assert_eq!(errors.len(), rows, "{errors:#?}");
        for ((n, (header, bad, code)), error) in BAD_CELLS.iter().enumerate().zip(errors) {
            let shown = match *bad {
                LONG => format!("{}…", "ä".repeat(200)),
                bad => bad.to_owned(),
            };
            assert_error(error, n + 1, json!(header), json!(shown), code);
            assert_eq!(error["cellDropped"], false);
        }
        assert_eq!(table(t, &["email"]).await, json!([["good@example.com"]]));
    }

    async fn a_bad_cell_can_be_left_out(t: &Harness) {
        let input = json!({ "country": "DE", "matchBy": ["EMAIL"], "mapping": typed(), "onInvalid": "DROP_CELL" });
        let done = run(t, input, bad_file()).await;
        let rows = BAD_CELLS.len();
        assert_eq!(counts(&done), [rows as i64 + 1, 0, 0, 0, 0, 0]);
        let errors = done["errors"]["nodes"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["cellDropped"] == true));
        assert_eq!(errors.len(), rows);
        assert_eq!(done["failedRowsFile"], Value::Null);
        let result = file(t, &done, "resultFile").await;
        assert!(result.contains(", so the cell was left out [NUMBER_TOO_LONG]\"\r\n"));
        // A message that is a sentence loses its full stop.
        assert!(result.contains("such as DE, so the cell was left out [VALUE_OF_WRONG_TYPE]\"\r\n"));
    }

    async fn the_key_is_never_left_out(t: &Harness) {
        channel(t, "WHATSAPP", "Main").await;
        let key = |keys: &[&str]| json!({ "country": "DE", "matchBy": keys, "onInvalid": "DROP_CELL" });
        for (keys, cells, expected) in [
            (&["EMAIL"][..], "nobody,030 12345678,Main", "EMAIL_INVALID"),
            (&["PHONE"], "a@example.com,12,Main", "PHONE_INVALID"),
            // The first that the row has a value for, good or bad.
            (&["PHONE", "EMAIL"], "a@example.com,4.9E+11,Main", "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER"),
            (&["CHANNEL_ADDRESS", "EMAIL"], "a@example.com,030 12345678,Other", "CHANNEL_UNKNOWN"),
            (&["CHANNEL_ADDRESS", "EMAIL"], "a@example.com,12,whatsapp", "PHONE_INVALID"),
            (&["EMAIL"], ",030 12345678,Main", "KEY_MISSING"),
            (&["PHONE"], "a@example.com,,", "PHONE_MISSING"),
        ] {
            let csv = lines(&["Email,Phone,Channel", cells]);
            let done = run(t, key(keys), csv).await;
            assert_eq!(codes(&done), [(1, expected.to_owned())], "{keys:?} {cells}");
            assert_eq!(done["errors"]["nodes"][0]["cellDropped"], false);
        }
        assert_eq!(table(t, &["id"]).await, json!([]));
    }

    async fn a_row_can_be_wrong_as_a_whole(t: &Harness) {
        contact(t, json!({ "email": "twin@example.com", "name": "Twin One" })).await;
        contact(t, json!({ "email": "Twin@example.com", "name": "Twin Two", "phone": "+493012345678" })).await;
        let file = lines(&[
            "id,Email,Name",
            ",a@example.com,\"A\nB\"",
            ",b@example.com,B,more",
            ",c@example.com",
            ",,Nobody",
            "contact_999999,d@example.com,D",
            "17,e@example.com,E",
            ",twin@example.com,F",
            ",g@example.com,First",
            ",G@example.com,Last",
            ",h@example.com,\"H",
        ]);
        let done = run(t, json!({}), file).await;
        assert_eq!(done["matchBy"], json!(["ID", "EMAIL"]));
        assert_eq!(counts(&done), [2, 0, 0, 7, 1, 0]);
        let expected = [
            (2, 4, Value::Null, Value::Null, "TOO_MANY_CELLS"),
            (3, 5, Value::Null, Value::Null, "TOO_FEW_CELLS"),
            (4, 6, Value::Null, Value::Null, "KEY_MISSING"),
            (5, 7, Value::Null, Value::Null, "CONTACT_NOT_FOUND"),
            (6, 8, json!("id"), json!("17"), "CONTACT_NOT_FOUND"),
            (7, 9, Value::Null, Value::Null, "CONTACT_AMBIGUOUS"),
            (8, 10, Value::Null, Value::Null, "DUPLICATE_IN_FILE"),
            (10, 12, Value::Null, Value::Null, "QUOTE_NOT_CLOSED"),
        ];
        let errors = done["errors"]["nodes"].as_array().unwrap();
        assert_eq!(errors.len(), expected.len(), "{errors:#?}");
        for (error, (row, line, header, value, code)) in errors.iter().zip(expected) {
            let found = json!([error["row"], error["line"], error["header"], error["value"], error["code"]]);
            assert_eq!(found, json!([row, line, header, value, code]), "{error:#}");
        }
        let ambiguous = errors[5]["message"].as_str().unwrap();
        assert!(ambiguous.contains("Twin One (twin@example.com); Twin Two (+493012345678)"), "{ambiguous}");
        assert_eq!(table(t, &["name"]).await, json!([["Twin One"], ["Twin Two"], ["A\nB"], ["Last"]]));
    }

    async fn the_files_say_it_to_the_byte(t: &Harness) {
        let source = "sep=;\nE-Mail;Vorname;Note\n\" a@example.com \";Ada;\"x;\"\"y\"\"\"\nb@example;Bob;1\nC@example.com;Cleo;\nc@example.com;Cleo;2\n;Dan;3;4\n";
        let made = create(t, json!({ "matchBy": ["EMAIL"] }), source).await;
        let mapping = json!([{ "header": "Note", "ignore": true }]);
        let done = finish(t, &made["id"], json!({ "mapping": mapping })).await;
        assert_eq!(counts(&done), [2, 0, 0, 2, 1, 0]);
        let messages: Vec<&str> = done["errors"]["nodes"].as_array().unwrap().iter()
            .map(|error| error["message"].as_str().unwrap()).collect();
        let (email, duplicate, cells) = (messages[0], messages[1], messages[2]);
        assert_eq!(cells, "This row has 4 cells, the header has 3.");
        let failed = format!("b@example;Bob;1;E-Mail: {email} [EMAIL_INVALID]\r\n");
        let last = format!(";Dan;3;{} [TOO_MANY_CELLS];4\r\n", cells.trim_end_matches('.'));
        let head = "\u{feff}E-Mail;Vorname;Note;Comments\r\n";
        let expected = format!(
            "{head} a@example.com ;Ada;\"x;\"\"y\"\"\";\r\n{failed}\
             C@example.com;Cleo;;\"{duplicate} [DUPLICATE_IN_FILE]\"\r\nc@example.com;Cleo;2;\r\n{last}"
        );
        assert_eq!(file(t, &done, "resultFile").await, expected);
        assert_eq!(file(t, &done, "failedRowsFile").await, format!("{head}{failed}{last}"));
        assert_eq!(file(t, &done, "sourceFile").await, source);
    }
}
