//! The search box: whom it finds, by whatever a person remembers of them.

use crate::{
    harness::{Harness, both},
    import_kit::{attribute, channel, contact},
};
use serde_json::{Value, json};

/// Those found, by their user names, in the order of these.
async fn found(t: &Harness, search: &str) -> Vec<String> {
    let query = "query ($search: String) { contacts(search: $search, status: [ACTIVE, INACTIVE], first: 100) {
        nodes { username } totalCount(limit: 0) { value } } }";
    let data = t.data(&t.owner, query, json!({ "search": search })).await;
    let nodes = data["contacts"]["nodes"].as_array().unwrap();
    assert_eq!(
        data["contacts"]["totalCount"]["value"],
        nodes.len(),
        "{search}"
    );
    let names = nodes
        .iter()
        .map(|node| node["username"].as_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

async fn finds(t: &Harness, table: &[(&str, &[&str])]) {
    for (search, expected) in table {
        assert_eq!(found(t, search).await, *expected, "{search:?}");
    }
}

/// `kim`, `lee`, `max` and `zoe`; on two channels.
async fn people(t: &Harness) {
    let country =
        "mutation { updateWorkspace(input: { defaultCountry: \"DE\" }) { userErrors { code } } }";
    t.data(&t.owner, country, json!({})).await;
    let shop = channel(t, "CUSTOM", "Laden Süd").await;
    let main = channel(t, "WHATSAPP", "Main Line").await;
    attribute(t, "note", "TEXT").await;
    attribute(t, "score", "NUMBER").await;
    let value = |key: &str, value: Value| json!([{ "key": key, "value": value }]);
    let on = |channel: &Value, address: &str| json!([{ "channelId": channel, "address": address }]);
    for fields in [
        json!({ "username": "kim", "firstName": "Jörg", "lastName": "Müller-Lüdenscheid", "phone": "0151 12345678",
            "attributes": value("note", "likes 100%_cotton and O'Brien's \"jazz\"".into()) }),
        json!({ "username": "lee", "name": "Anna Maria Straßer", "email": "Anna.Strasser@Example.com", "account": "Öl & Gas",
            "channels": on(&shop, "customer-0042"), "attributes": value("score", 7777.into()) }),
        json!({ "username": "max", "firstName": "Ørjan", "lastName": "Łuk", "phone": "+1 212 555 0100", "status": "INACTIVE",
            "channels": on(&main, "+49 30 1234567") }),
        json!({ "username": "zoe", "name": "がくせい 🙂🙂🙂", "title": "Professor", "language": "pt-BR", "country": "BR" }),
    ] {
        contact(t, fields).await;
    }
}

both! {
    async fn names_and_texts_are_found_by_parts_of_their_words(t: &Harness) {
        people(t).await;
        finds(t, &[
            ("müller", &["kim"]),
            ("MULLER", &["kim"]),
            ("uLL", &["kim"]),
            ("denscheid", &["kim"]),
            ("jo", &["kim"]),
            ("or", &["max"]),
            ("lu", &["max"]),
            // Two characters are the beginning of a word, and no part of it.
            ("rg", &[]),
            ("a", &["kim", "lee"]),
            ("maria strasser", &["lee"]),
            ("STRASSER  anna", &["lee"]),
            ("straß ma an", &["lee"]),
            ("anna müller", &[]),
            ("ol", &["lee"]),
            ("& gas", &["lee"]),
            ("kim", &["kim"]),
            ("がく", &["zoe"]),
            ("くせい", &["zoe"]),
            ("かく", &[]),
            ("🙂🙂🙂", &["zoe"]),
            ("🙂", &["zoe"]),
            ("100%_cot", &["kim"]),
            ("0%_", &["kim"]),
            ("00%x", &[]),
            ("o'brien's", &["kim"]),
            ("\"jazz\"", &["kim"]),
            ("zz\"", &["kim"]),
            ("likes muller", &["kim"]),
            ("\u{feff}Ørjan\u{200b}", &["max"]),
        ]).await;
    }

    async fn numbers_are_found_however_they_are_written(t: &Harness) {
        people(t).await;
        finds(t, &[
            ("+4915112345678", &["kim"]),
            ("+49 151 12345678", &["kim"]),
            ("+49 (0)151 123-45678", &["kim"]),
            ("49151123", &["kim"]),
            ("\u{202a}+49 151–123\u{202c}", &["kim"]),
            ("[0151] １２３", &["kim"]),
            ("015112345678", &["kim"]),
            ("0151 123", &["kim"]),
            ("(0151) 123-45", &["kim"]),
            ("0151/12345-678", &["kim"]),
            ("0049151123", &["kim"]),
            ("0049 151 12345678", &["kim"]),
            ("5678", &["kim"]),
            ("151.12.34", &["kim"]),
            ("030 1234567", &["max"]),
            ("+49 30 1234", &["max"]),
            ("212-555-0100", &["max"]),
            ("+1 (212) 555", &["max"]),
            ("12345", &["kim", "max"]),
            ("jörg 0151", &["kim"]),
            ("anna 0151", &[]),
            ("0152 123", &[]),
            ("+49 40", &[]),
        ]).await;
    }

    async fn addresses_and_channels_are_found(t: &Harness) {
        people(t).await;
        finds(t, &[
            ("anna.strasser@example.com", &["lee"]),
            ("STRASSER@exa", &["lee"]),
            ("example.com anna", &["lee"]),
            ("customer-0042", &["lee"]),
            ("mer-004", &["lee"]),
            ("laden", &["lee"]),
            ("sud", &["lee"]),
            ("sü", &["lee"]),
            ("ud", &[]),
            ("main line", &["max"]),
            ("laden muller", &[]),
            ("laden öl", &["lee"]),
        ]).await;
    }

    async fn what_is_not_searched_is_not_found(t: &Harness) {
        people(t).await;
        finds(t, &[
            ("7777", &[]),
            ("professor", &[]),
            ("pt-br", &[]),
            ("nobody", &[]),
            ("%", &[]),
            ("___", &[]),
            ("\\", &[]),
            ("*", &[]),
        ]).await;
        let all: &[&str] = &["kim", "lee", "max", "zoe"];
        finds(t, &[("", all), (" \u{200b}\t", all)]).await;
        let words = vec!["a"; 20].join(" ");
        assert_eq!(found(t, &words).await, ["kim", "lee"]);
        for wrong in [format!("{words} a"), "a".repeat(1_001), "a\u{0}".to_owned()] {
            let query = "query ($search: String) { contacts(search: $search) { nodes { id } } }";
            let answer = t.graphql(&t.owner, query, json!({ "search": wrong })).await;
            let error = &answer["errors"][0]["extensions"];
            assert_eq!((&error["code"], &error["path"]), (&json!("BAD_USER_INPUT"), &json!(["search"])), "{answer}");
        }
    }
}
