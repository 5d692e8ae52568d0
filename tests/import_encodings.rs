//! Every encoding and delimiter that spreadsheets write.

use crate::{
    harness::both,
    import_kit::{channel, counts, create, file, finish, run, table},
};
use serde_json::json;

fn latin(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap();
    text.chars().map(byte).collect()
}

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

/// The same table, written differently: the bytes, the encoding, the delimiter.
fn writings(table: &str) -> Vec<(Vec<u8>, &'static str, &'static str)> {
    let (semicolons, tabs) = (table.replace(',', ";"), table.replace(',', "\t"));
    let marked = |text: &str| format!("\u{feff}{text}");
    vec![
        (table.into(), "UTF-8", ","),
        (marked(table).into(), "UTF-8", ","),
        (semicolons.clone().into(), "UTF-8", ";"),
        (tabs.clone().into(), "UTF-8", "\t"),
        (format!("sep=;\r\n{semicolons}").into(), "UTF-8", ";"),
        (marked(&format!("sep=,\r\n{table}")).into(), "UTF-8", ","),
        (table.replace("\r\n", "\n").into(), "UTF-8", ","),
        (table.replace("\r\n", "\r").into(), "UTF-8", ","),
        (latin(table), "Windows-1252", ","),
        (latin(&semicolons), "Windows-1252", ";"),
        (latin(&format!("sep=\t\r\n{tabs}")), "Windows-1252", "\t"),
        (utf16(&marked(&tabs), u16::to_le_bytes), "UTF-16LE", "\t"),
        (utf16(&marked(&tabs), u16::to_be_bytes), "UTF-16BE", "\t"),
        (utf16(&semicolons, u16::to_le_bytes), "UTF-16LE", ";"),
        (utf16(&semicolons, u16::to_be_bytes), "UTF-16BE", ";"),
    ]
}

both! {
    async fn every_writing_gives_the_same_contacts(t: &Harness) {
        let source = "E-Mail,Vorname,Straße\r\na@example.com,Jürgen,Große Straße 1\r\nb@example.com,Zoë,Ölmühle 2\r\n";
        let expected = json!([["Jürgen", "Große Straße 1"], ["Zoë", "Ölmühle 2"]]);
        for (n, (bytes, encoding, delimiter)) in writings(source).into_iter().enumerate() {
            let made = create(t, json!({}), bytes).await;
            let seen = &made["inspection"];
            assert_eq!((&seen["encoding"], &seen["delimiter"]), (&json!(encoding), &json!(delimiter)), "{n}");
            assert_eq!(seen["headers"], json!(["E-Mail", "Vorname", "Straße"]), "{n}");
            let mapping = json!([{ "header": "Straße", "newAttribute": { "key": "street", "type": "TEXT" } }]);
            let done = finish(t, &made["id"], json!({ "mapping": mapping })).await;
            let outcome = if n == 0 { [2, 0, 0, 0, 0, 0] } else { [0, 0, 2, 0, 0, 0] };
            assert_eq!(counts(&done), outcome, "{n}");
            assert_eq!(table(t, &["firstName", "attr.street"]).await, expected, "{n}");
            // Always UTF-8 with a mark, with the delimiter of the source.
            let lines = source.replace("\r\n", ",\r\n").replacen(",\r\n", ",Comments\r\n", 1);
            let result = format!("\u{feff}{}", lines.replace(',', delimiter));
            assert_eq!(file(t, &done, "resultFile").await, result, "{n}");
        }
    }

    async fn so_does_a_list(t: &Harness) {
        let channel = channel(t, "WHATSAPP", "Main").await;
        let source = format!("{},Straße\r\n,919876543210,,Jürgen,Groß,,,Ölmühle 2\r\n", crate::import_kit::LIST);
        for (n, (bytes, ..)) in writings(&source).into_iter().enumerate() {
            let input = json!({ "kind": "BROADCAST_LIST", "channelId": channel, "country": "IN" });
            let done = run(t, input, bytes).await;
            let outcome = if n == 0 { [1, 0, 0, 0, 0, 0] } else { [0, 0, 1, 0, 0, 0] };
            assert_eq!(counts(&done), outcome, "{n}: {done:#}");
        }
        let columns = ["firstName", "lastName", "attr.Straße"];
        assert_eq!(table(t, &columns).await, json!([["Jürgen", "Groß", "Ölmühle 2"]]));
    }

    async fn text_that_is_none_fails_its_row(t: &Harness) {
        // Enough of UTF-8 that the one odd byte does not make the file Windows-1252.
        let mut bytes = b"Email,Name\n".to_vec();
        for n in 0..30 {
            bytes.extend(format!("p{n}@example.com,Jürgen\n").as_bytes());
        }
        bytes.extend(b"bad@example.com,J\xfcrgen\n");
        let done = run(t, json!({}), bytes).await;
        assert_eq!(counts(&done), [30, 0, 0, 1, 0, 0]);
        let error = &done["errors"]["nodes"][0];
        let found = json!([error["row"], error["header"], error["value"], error["code"]]);
        assert_eq!(found, json!([31, "Name", "J\u{fffd}rgen", "TEXT_NOT_DECODABLE"]));
    }
}
