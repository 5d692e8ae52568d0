//! What is hidden from a viewer is told in no other way either.

use super::harness::{House, both, with};
use domain::viewer::Viewer;
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};

/// People who differ in nothing but what is hidden. Some have no name, so that a number or address stands in for it; how these sort differs.
const PEOPLE: [(&str, [&str; 3], [&str; 3]); 6] = [
    (
        "Ada",
        ["+4915112345678", "ada@one.example", "+4915112345600"],
        ["+4915199999999", "zoe@two.example", "+4915112345609"],
    ),
    ("", ["+4915112345671", "", ""], ["+4915112345699", "", ""]),
    (
        "Bob",
        ["", "bob@one.example", ""],
        ["", "anna@two.example", ""],
    ),
    ("", ["", "zed@one.example", ""], ["", "abe@two.example", ""]),
    (
        "Cem",
        ["", "", "+4915112345603"],
        ["", "", "+4915112345601"],
    ),
    ("", ["", "", "+4915112345604"], ["", "", "+4915112345602"]),
];

/// A workspace of these people, seen by one who may not see phone numbers and addresses.
async fn world(house: &House, name: &str, hidden: fn(usize) -> [&'static str; 3]) -> Viewer {
    let owner = house.owner(name).await;
    let channel = house.channel(&owner, "WhatsApp").await;
    for (n, (name, ..)) in PEOPLE.iter().enumerate() {
        let [phone, email, address] = hidden(n);
        let addresses: Vec<Json> = Some(address)
            .filter(|address| !address.is_empty())
            .into_iter()
            .map(|address| json!({ "channelId": channel, "address": address }))
            .collect();
        let fields = json!({ "name": name, "phone": phone, "email": email, "channels": addresses });
        house.contact(&owner, fields).await;
    }
    with(&owner, Role::Manager, &[Restriction::MaskPhoneAndEmail])
}

/// All that the table tells of these arguments.
async fn told(house: &House, viewer: &Viewer, arguments: &str) -> Json {
    let columns = "[\"name\", \"email\", \"phone\", \"address\", \"channel\"]";
    let query = format!("{{ contacts{arguments} {{
        nodes {{ displayName name email phone channels {{ address }} cells(columns: {columns}) {{ value text }} }}
        rows(columns: {columns}) totalCount {{ value exact }} pageInfo {{ hasNextPage hasPreviousPage }}
    }} }}");
    let mut answer = house.answer(viewer, &query, json!({})).await;
    if let Some(error) = answer["errors"]
        .as_array()
        .and_then(|errors| errors.first())
    {
        return error["extensions"]["code"].clone();
    }
    answer["data"].take()
}

#[tokio::test]
async fn two_worlds_that_differ_in_what_is_hidden_look_the_same() {
    both(async |house| {
        let one = world(&house, "one", |n| PEOPLE[n].1).await;
        let two = world(&house, "two", |n| PEOPLE[n].2).await;
        let unmasked = with(&one, Role::Manager, &[]);
        let mut differs = 0;
        for arguments in [
            "",
            "(orderBy: [{column: \"name\"}])",
            "(orderBy: [{column: \"name\", direction: DESC, nulls: FIRST}])",
            "(orderBy: [{column: \"name\"}], first: 4)",
            "(orderBy: [{column: \"phone\"}])",
            "(orderBy: [{column: \"email\"}])",
            "(search: \"12345678\")",
            "(search: \"+49 151 12345671\")",
            "(search: \"01511\")",
            "(search: \"15112345600\")",
            "(search: \"zed\")",
            "(search: \"one.example\")",
            "(search: \"un\")",
            "(filter: {name: {contains: \"151\"}})",
            "(filter: {name: {startsWith: \"zed@\"}})",
            "(filter: {name: {isSet: true}})",
            "(filter: {not: {name: {in: [\"zed@one.example\"]}}})",
            "(filter: {phone: {isSet: true}})",
            "(filter: {or: [{not: {email: {contains: \"one\"}}}]})",
        ] {
            assert_eq!(
                told(&house, &one, arguments).await,
                told(&house, &two, arguments).await,
                "{arguments}"
            );
            let open = told(&house, &unmasked, arguments).await;
            differs += usize::from(open != told(&house, &one, arguments).await);
        }
        // To whoever may see them they are no secret: what was asked is apt to tell.
        assert!(differs > 15, "{differs}");
    })
    .await;
}

#[tokio::test]
async fn what_is_hidden_is_neither_asked_by_a_saved_filter_nor_written_over() {
    both(async |house| {
        let viewer = world(&house, "one", |n| PEOPLE[n].1).await;
        let inbox = "mutation ($input: CreateInboxInput!) { createInbox(input: $input) { inbox { id contactCount { value } } userErrors { code } } }";
        let segment = "mutation ($input: CreateSegmentInput!) { createSegment(input: $input) { segment { id } userErrors { code } } }";
        let name = json!({ "not": { "name": { "startsWith": "+49" } } });
        for (mutation, input) in [
            (inbox, json!({ "name": "a", "shared": true, "search": "151" })),
            (inbox, json!({ "name": "a", "shared": true, "filter": name })),
            (inbox, json!({ "name": "a", "shared": true, "filter": { "phone": { "isSet": true } } })),
            (segment, json!({ "name": "a", "rules": [{ "filter": name }] })),
        ] {
            let answer = house.answer(&viewer, mutation, json!({ "input": input })).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{input} {answer}");
        }
        let input = json!({ "name": "a", "shared": true, "search": " ", "filter": { "firstName": { "eq": "Ada" } } });
        let made = house.ask(&viewer, inbox, json!({ "input": input })).await;
        let id = made["createInbox"]["inbox"]["id"].clone();
        let update = "mutation ($input: UpdateInboxInput!) { updateInbox(input: $input) { inbox { id } userErrors { code } } }";
        let answer = house.answer(&viewer, update, json!({ "input": { "id": id, "search": "151" } })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");

        let columns = house.ask(&viewer, "{ columns { key sortable } }", json!({})).await;
        let sortable = |key: &str| columns["columns"].as_array().unwrap().iter().any(|column| column["key"] == key && column["sortable"] == true);
        assert!(sortable("name") && !sortable("phone") && !sortable("email"));
        let read = "{ contacts(first: 1, orderBy: [{column: \"name\"}]) { nodes { id name email phone channels { channel { id } address } } } }";
        let before = house.ask(&viewer, read, json!({})).await["contacts"]["nodes"][0].take();
        let open = with(&viewer, Role::Owner, &[]);
        let unhidden = house.ask(&open, read, json!({})).await["contacts"]["nodes"][0].take();
        let addresses: Vec<Json> = before["channels"].as_array().unwrap().iter().map(|of| json!({ "channelId": of["channel"]["id"], "address": of["address"] })).collect();
        let form = json!({ "name": "Ada L.", "email": before["email"], "phone": before["phone"], "channels": addresses });
        let update = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) { contact { id } userErrors { field code } } }";
        let answer = house.ask(&viewer, update, json!({ "input": { "id": before["id"], "contact": form } })).await;
        let refused = |field: &str| json!({ "field": ["contact", field], "code": "FORBIDDEN" });
        assert_eq!(answer["updateContact"]["userErrors"], json!([refused("email"), refused("phone"), refused("channels")]));
        let done = house.ask(&viewer, update, json!({ "input": { "id": before["id"], "contact": { "title": "Dr." } } })).await;
        assert_eq!(done["updateContact"]["userErrors"], json!([]));
        assert_eq!(house.ask(&open, read, json!({})).await["contacts"]["nodes"][0], unhidden);
    })
    .await;
}

#[tokio::test]
async fn cursors_hold_nothing_hidden() {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    both(async |house| {
        let viewer = world(&house, "one", |n| PEOPLE[n].1).await;
        let query = "{ contacts(orderBy: [{column: \"name\"}]) { edges { cursor } } }";
        let data = house.ask(&viewer, query, json!({})).await;
        let edges = data["contacts"]["edges"].as_array().unwrap();
        assert_eq!(edges.len(), PEOPLE.len());
        for edge in edges {
            let bytes = BASE64_URL_SAFE_NO_PAD
                .decode(edge["cursor"].as_str().unwrap())
                .unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert!(
                !text.contains("1511") && !text.contains("example"),
                "{text}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn who_sees_assigned_contacts_alone_finds_no_others() {
    both(async |house| {
        let owner = house.owner("one").await;
        house.contact(&owner, json!({ "name": "Ada" })).await;
        let script = with(&owner, Role::Manager, &[Restriction::OnlyAssignedContacts]);
        let data = house.ask(&script, "{ contacts { nodes { name } totalCount { value } } }", json!({})).await;
        assert_eq!(data["contacts"], json!({ "nodes": [], "totalCount": { "value": 0 } }));
        let data = house.ask(&script, "{ contacts(search: \"ada\", filter: {not: {title: {eq: \"x\"}}}) { totalCount { value } } }", json!({})).await;
        assert_eq!(data["contacts"]["totalCount"]["value"], 0);
    })
    .await;
}
