//! An id of another workspace is an id that does not exist, and a role is a wall.

use super::harness::{House, both, with};
use crate::graphql::schema;
use domain::viewer::Viewer;
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Every argument and input field that takes an id, with a request that gives it as `$id` and works with an own one.
const TAKING_IDS: [(&str, &str, &str); 13] = [
    (
        "Query.node.id",
        "contact",
        "query ($id: ID!) { node(id: $id) { __typename id } }",
    ),
    (
        "Query.nodes.ids",
        "segment",
        "query ($id: ID!) { nodes(ids: [$id]) { __typename } }",
    ),
    (
        "Query.contact.id",
        "contact",
        "query ($id: ID!) { contact(id: $id) { name } }",
    ),
    (
        "Query.contacts.segmentId",
        "segment",
        "query ($id: ID!) { contacts(segmentId: $id) { nodes { name } totalCount { value } } }",
    ),
    (
        "Query.contactByAddress.channelId",
        "channel",
        "query ($id: ID!) { contactByAddress(channelId: $id, address: \"+4915112345678\") { name } }",
    ),
    (
        "UpdateContactInput.id",
        "contact",
        "mutation ($id: ID!) { updateContact(input: {id: $id, contact: {title: \"Dr.\"}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "ContactChannelInput.channelId",
        "channel",
        "mutation ($id: ID!) { createContact(input: {contact: {channels: [{channelId: $id, address: \"+4915112345670\"}]}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "UpdateChannelInput.id",
        "channel",
        "mutation ($id: ID!) { updateChannel(input: {id: $id, status: READY}) { channel { name } userErrors { field code message } } }",
    ),
    (
        "CreateApiTokenInput.memberId",
        "member",
        "mutation ($id: ID!) { createApiToken(input: {name: \"t\", role: AGENT, memberId: $id}) { apiToken { name } userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "token",
        "mutation ($id: ID!) { revokeApiToken(input: {id: $id}) { userErrors { field code message } } }",
    ),
    (
        "DeleteInput.id",
        "contact",
        "mutation ($id: ID!) { deleteContact(input: {id: $id}) { userErrors { field code message } } }",
    ),
    // The same id where it is one of several of its own.
    (
        "ContactChannelInput.channelId",
        "channel",
        "mutation ($id: ID!) { createContact(input: {contact: {name: \"z\", channels: [{channelId: $id, address: \"US.1a2b\"}]}}) { contact { name } userErrors { field code message } } }",
    ),
    (
        "Query.node.id",
        "workspace",
        "query ($id: ID!) { node(id: $id) { __typename ... on Workspace { name } } }",
    ),
];

/// One thing of each kind, by the kind's name.
async fn furnish(house: &House, viewer: &Viewer) -> Json {
    let channel = house.channel(viewer, "WhatsApp").await;
    let fields = json!({ "name": "Ada", "channels": [{ "channelId": channel, "address": "+4915112345678" }] });
    let contact = house.contact(viewer, fields).await;
    let made = house
        .ask(
            viewer,
            "mutation { createApiToken(input: {name: \"x\", role: OWNER}) { apiToken { id } } }",
            json!({}),
        )
        .await;
    let query = "query ($id: ID!) { contact(id: $id) { channels { id } } workspace { id } }";
    let found = house.ask(viewer, query, json!({ "id": contact })).await;
    json!({
        "channel": channel,
        "segment": house.segment(viewer, "all", std::slice::from_ref(&contact)).await,
        "attribute": house.attribute(viewer, "plan", "TEXT").await,
        "contact": contact,
        "token": made["createApiToken"]["apiToken"]["id"],
        "member": member(house, viewer).await,
        "address": found["contact"]["channels"][0]["id"],
        "workspace": found["workspace"]["id"],
    })
}

async fn member(house: &House, viewer: &Viewer) -> String {
    use sea_orm::{ActiveModelTrait, Set};
    let tx = house.db.write().await.unwrap();
    let row = entity::member::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        name: Set("Grace".to_owned()),
        email: Set("grace@example.com".to_owned()),
        role: Set(Role::Agent),
        restrictions: Set(entity::role::Restrictions(vec![Restriction::NoImport])),
        created_at: Set(domain::clock::now()),
        ..Default::default()
    };
    let id = row.insert(&*tx).await.unwrap().id.to_string();
    tx.commit().await.unwrap();
    id
}

/// An id of this kind that never existed.
fn never(kind: &str) -> String {
    format!("{kind}_987654321")
}

#[tokio::test]
async fn a_foreign_id_answers_as_one_that_never_existed() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let (own, foreign) = (
            furnish(&house, &mine).await,
            furnish(&house, &house.owner("theirs").await).await,
        );
        for (place, kind, request) in TAKING_IDS {
            let unknown = house
                .answer(&mine, request, json!({ "id": never(kind) }))
                .await;
            for id in [
                foreign[kind].as_str().unwrap(),
                "nonsense",
                "",
                "contact_0",
                "contact_-1",
                "job_1",
            ] {
                let answer = house.answer(&mine, request, json!({ "id": id })).await;
                assert_eq!(answer, unknown, "{place} {id}");
            }
            let answer = house
                .answer(&mine, request, json!({ "id": own[kind] }))
                .await;
            assert_ne!(answer, unknown, "{place} with an id of one's own");
        }
    })
    .await;
}

#[tokio::test]
async fn every_place_that_takes_an_id_is_tried() {
    let query = "{ __schema { types { name
        fields { name args { name type { ...t } } } inputFields { name type { ...t } }
    } } }
    fragment t on __Type { name ofType { name ofType { name ofType { name } } } }";
    let data = schema().execute(query).await.data.into_json().unwrap();
    fn is_id(kind: &Json) -> bool {
        kind["name"] == "ID" || (!kind["ofType"].is_null() && is_id(&kind["ofType"]))
    }
    let mut places = BTreeSet::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        for field in kind["fields"].as_array().into_iter().flatten() {
            let arguments = field["args"].as_array().unwrap().iter();
            let path = |argument: &Json| {
                format!(
                    "{name}.{}.{}",
                    field["name"].as_str().unwrap(),
                    argument["name"].as_str().unwrap()
                )
            };
            places.extend(
                arguments
                    .filter(|argument| is_id(&argument["type"]))
                    .map(path),
            );
        }
        let fields = kind["inputFields"].as_array().into_iter().flatten();
        places.extend(
            fields
                .filter(|field| is_id(&field["type"]))
                .map(|field| format!("{name}.{}", field["name"].as_str().unwrap())),
        );
    }
    let tried: BTreeSet<_> = TAKING_IDS
        .iter()
        .map(|(place, ..)| (*place).to_owned())
        .collect();
    assert_eq!(places, tried);
}

/// The kinds of ids, and the types they lead to.
const KINDS: [(&str, &str); 8] = [
    ("workspace", "Workspace"),
    ("contact", "Contact"),
    ("address", "ContactChannel"),
    ("segment", "Segment"),
    ("channel", "Channel"),
    ("attribute", "Attribute"),
    ("token", "ApiToken"),
    ("member", "Member"),
];

/// What a viewer finds behind the ids of one thing of each kind.
async fn nodes(house: &House, viewer: &Viewer, of: &Json) -> Vec<Json> {
    let query = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }";
    let ids: Vec<_> = KINDS.iter().map(|(kind, _)| of[*kind].clone()).collect();
    let data = house.ask(viewer, query, json!({ "ids": ids })).await;
    data["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn nodes_are_of_every_kind_and_of_the_own_workspace() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let own = furnish(&house, &mine).await;
        let foreign = furnish(&house, &house.owner("theirs").await).await;
        for (node, (kind, name)) in nodes(&house, &mine, &own).await.iter().zip(KINDS) {
            assert_eq!(node, &json!({ "__typename": name, "id": own[kind] }));
        }
        let theirs = nodes(&house, &mine, &foreign).await;
        assert!(theirs.iter().all(Json::is_null));
    })
    .await;
    let query = "{ __type(name: \"Node\") { possibleTypes { name } } }";
    let data = schema().execute(query).await.data.into_json().unwrap();
    let possible = data["__type"]["possibleTypes"].as_array().unwrap().iter();
    let possible: BTreeSet<_> = possible
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    assert_eq!(possible, KINDS.iter().map(|(_, name)| *name).collect());
}

#[tokio::test]
async fn what_the_viewer_may_not_see_is_null() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let own = furnish(&house, &mine).await;
        let agent = nodes(&house, &with(&mine, Role::Agent, &[]), &own).await;
        for (node, (kind, _)) in agent.iter().zip(KINDS) {
            assert_eq!(
                !node.is_null(),
                ["workspace", "member"].contains(&kind),
                "{kind}"
            );
        }
        let restricted = with(&mine, Role::Owner, &[Restriction::NoWorkspaceSettings]);
        for (node, (kind, _)) in nodes(&house, &restricted, &own).await.iter().zip(KINDS) {
            assert_eq!(node.is_null(), kind == "token", "{kind}");
        }
    })
    .await;
}

/// Every field of Query and Mutation, with whom it turns away: agents, managers, or nobody.
const FIELDS: [(&str, Option<Role>, &str); 19] = [
    ("node", None, "{ node(id: \"x\") { id } }"),
    ("nodes", None, "{ nodes(ids: []) { id } }"),
    (
        "viewer",
        None,
        "{ viewer { role restrictions workspace { id } member { id } token { id } } }",
    ),
    ("workspace", None, "{ workspace { name } }"),
    (
        "contacts",
        Some(Role::Agent),
        "{ contacts { nodes { id } } }",
    ),
    (
        "contact",
        Some(Role::Agent),
        "{ contact(id: \"x\") { id } }",
    ),
    (
        "contactByAddress",
        Some(Role::Agent),
        "{ contactByAddress(channelId: \"x\", address: \"x\") { id } }",
    ),
    ("columns", Some(Role::Agent), "{ columns { key } }"),
    ("attributes", Some(Role::Agent), "{ attributes { key } }"),
    (
        "segments",
        Some(Role::Agent),
        "{ segments { nodes { id } } }",
    ),
    ("channels", Some(Role::Agent), "{ channels { id } }"),
    ("apiTokens", Some(Role::Manager), "{ apiTokens { id } }"),
    (
        "createContact",
        Some(Role::Agent),
        "mutation { createContact(input: {contact: {}}) { userErrors { code } } }",
    ),
    (
        "updateContact",
        Some(Role::Agent),
        "mutation { updateContact(input: {id: \"x\", contact: {}}) { userErrors { code } } }",
    ),
    (
        "deleteContact",
        Some(Role::Agent),
        "mutation { deleteContact(input: {id: \"x\"}) { userErrors { code } } }",
    ),
    (
        "createAttribute",
        Some(Role::Agent),
        "mutation { createAttribute(input: {key: \"\", type: TEXT}) { userErrors { code } } }",
    ),
    (
        "updateWorkspace",
        Some(Role::Manager),
        "mutation { updateWorkspace(input: {}) { userErrors { code } } }",
    ),
    (
        "createApiToken",
        Some(Role::Manager),
        "mutation { createApiToken(input: {name: \"\", role: AGENT}) { userErrors { code } } }",
    ),
    (
        "revokeApiToken",
        Some(Role::Manager),
        "mutation { revokeApiToken(input: {id: \"x\"}) { userErrors { code } } }",
    ),
];

/// The same, of those that [`FIELDS`] has no room for.
const CHANNEL_FIELDS: [(&str, Option<Role>, &str); 2] = [
    (
        "createChannel",
        Some(Role::Manager),
        "mutation { createChannel(input: {kind: WEB, provider: HTTP, name: \"\"}) { userErrors { code } } }",
    ),
    (
        "updateChannel",
        Some(Role::Manager),
        "mutation { updateChannel(input: {id: \"x\"}) { userErrors { code } } }",
    ),
];

#[tokio::test]
async fn roles_and_restrictions_are_walls() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let all = [FIELDS.as_slice(), &CHANNEL_FIELDS].concat();
        let settings = [Restriction::NoWorkspaceSettings];
        for (name, turned_away, request) in &all {
            for (viewer, forbidden) in [
                (with(&owner, Role::Owner, &[]), false),
                (
                    with(&owner, Role::Manager, &[]),
                    *turned_away == Some(Role::Manager),
                ),
                (with(&owner, Role::Agent, &[]), turned_away.is_some()),
                (
                    with(&owner, Role::Owner, &settings),
                    *turned_away == Some(Role::Manager),
                ),
            ] {
                let answer = house.answer(&viewer, request, json!({})).await;
                let code = &answer["errors"][0]["extensions"]["code"];
                let expected = if forbidden {
                    json!("FORBIDDEN")
                } else {
                    Json::Null
                };
                assert_eq!(code, &expected, "{name} {:?} {answer}", viewer.role);
            }
        }
        let query =
            "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
        let schema = schema().execute(query).await.data.into_json().unwrap();
        let there = ["queryType", "mutationType"]
            .iter()
            .flat_map(|kind| schema["__schema"][kind]["fields"].as_array().unwrap());
        let there: BTreeSet<_> = there.map(|field| field["name"].as_str().unwrap()).collect();
        assert_eq!(there, all.iter().map(|(name, ..)| *name).collect());
    })
    .await;
}

#[tokio::test]
async fn who_may_not_delete_contacts_does_not() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let id = house.contact(&owner, json!({ "name": "Ada" })).await;
        let restricted = with(&owner, Role::Owner, &[Restriction::NoContactDelete]);
        for id in [id.as_str(), "contact_9", "nonsense"] {
            let request =
                format!("mutation {{ deleteContact(input: {{id: \"{id}\"}}) {{ deletedId }} }}");
            assert_eq!(
                house.refusal(&restricted, &request).await,
                json!({ "code": "FORBIDDEN" })
            );
        }
    })
    .await;
}
