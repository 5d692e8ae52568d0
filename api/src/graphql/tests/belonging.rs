//! Whom and what contacts belong to: a member, a team, tags.

use super::harness::{both, with};
use entity::role::{Restriction, Role};
use sea_orm::ConnectionTrait;
use serde_json::{Value as Json, json};

const UPDATE: &str = "mutation ($input: UpdateContactInput!) { updateContact(input: $input) {
    contact { version updatedAt assignee { name } team { name } tags { name } lastChannel { id } firstContactAt lastInteractionAt lastIncomingAt }
    userErrors { field code }
} }";

#[tokio::test]
#[allow(
    clippy::too_many_lines,
    reason = "a table of cases, spread out by rustfmt"
)]
async fn a_change_of_assignee_team_or_tags_is_an_edit() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ada = house.member(&viewer, "ada", "MANAGER").await;
        let support = house.team(&viewer, "Support", &[]).await;
        let id = house
            .contact(&viewer, json!({ "name": "Grace", "tagNames": ["VIP"] }))
            .await;
        let update = async |fields: Json| {
            let data = house
                .ask(
                    &viewer,
                    UPDATE,
                    json!({ "input": { "id": id, "contact": fields } }),
                )
                .await;
            assert_eq!(data["updateContact"]["userErrors"], json!([]));
            data["updateContact"]["contact"].clone()
        };
        let grown = |fields: Json, version: i64, assignee: bool, team: bool, tags: &[&str]| {
            let tags: Json = tags.iter().map(|name| json!({ "name": name })).collect();
            let assignee = if assignee {
                json!({ "name": "ada" })
            } else {
                Json::Null
            };
            let team = if team {
                json!({ "name": "Support" })
            } else {
                Json::Null
            };
            (fields, version, assignee, team, tags)
        };
        let vip: &[&str] = &["VIP"];
        for (fields, version, assignee, team, expected) in [
            grown(json!({ "tagNames": ["víp"] }), 1, false, false, vip),
            grown(json!({ "assigneeId": ada }), 2, true, false, vip),
            grown(
                json!({ "assigneeId": ada, "title": null }),
                2,
                true,
                false,
                vip,
            ),
            grown(json!({ "teamId": support }), 3, true, true, vip),
            grown(
                json!({ "tagNames": [" new ", "vip", "NEW"] }),
                4,
                true,
                true,
                &["new", "VIP"],
            ),
            grown(
                json!({ "tagNames": ["other"], "assigneeId": null }),
                5,
                false,
                true,
                &["other"],
            ),
            grown(
                json!({ "tagNames": null, "teamId": null }),
                6,
                false,
                false,
                &[],
            ),
            grown(
                json!({ "tagNames": [], "teamId": null }),
                6,
                false,
                false,
                &[],
            ),
        ] {
            let before = update(json!({})).await;
            let now = update(fields.clone()).await;
            assert_eq!(now["version"], version, "{fields}");
            assert_eq!(
                (&now["assignee"], &now["team"], &now["tags"]),
                (&assignee, &team, &expected),
                "{fields}"
            );
            assert_eq!(
                now["updatedAt"] != before["updatedAt"],
                now["version"] != before["version"],
                "{fields}"
            );
            for nothing in [
                "lastChannel",
                "firstContactAt",
                "lastInteractionAt",
                "lastIncomingAt",
            ] {
                assert_eq!(now[nothing], Json::Null);
            }
        }
        let data = house
            .ask(
                &viewer,
                "{ tags { nodes { name contactCount } } }",
                json!({}),
            )
            .await;
        let named = |name: &str| json!({ "name": name, "contactCount": 0 });
        assert_eq!(
            data["tags"]["nodes"],
            json!([named("other"), named("new"), named("VIP")])
        );
    })
    .await;
}

#[tokio::test]
async fn what_is_not_there_is_named_and_nothing_is_made() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let foreign = house.owner("two").await;
        let theirs = house.member(&foreign, "ada", "OWNER").await;
        let id = house.contact(&viewer, json!({})).await;
        let update = async |fields: Json| {
            let data = house.ask(&viewer, UPDATE, json!({ "input": { "id": id, "contact": fields } })).await;
            assert_eq!(data["updateContact"]["contact"], Json::Null);
            data["updateContact"]["userErrors"].clone()
        };
        let fields = json!({ "assigneeId": theirs, "teamId": theirs, "email": "nonsense", "tagNames": ["fine", " ", "x".repeat(101)] });
        assert_eq!(update(fields).await, json!([
            { "field": ["contact", "assigneeId"], "code": "NOT_FOUND" },
            { "field": ["contact", "teamId"], "code": "NOT_FOUND" },
            { "field": ["contact", "tagNames", "1"], "code": "INVALID" },
            { "field": ["contact", "tagNames", "2"], "code": "INVALID" },
            { "field": ["contact", "email"], "code": "EMAIL_INVALID" },
        ]));
        let many: Vec<_> = (0..101).map(|n| format!("tag {n}")).collect();
        let refused = json!([{ "field": ["contact", "tagNames"], "code": "LIMIT_EXCEEDED" }]);
        assert_eq!(update(json!({ "tagNames": many })).await, refused);
        let email = json!([{ "field": ["contact", "email"], "code": "EMAIL_INVALID" }]);
        assert_eq!(update(json!({ "tagNames": ["fine"], "email": "nonsense" })).await, email);
        let data = house.ask(&viewer, "{ tags { nodes { name } } }", json!({})).await;
        assert_eq!(data["tags"]["nodes"], json!([]));
        let most: Vec<_> = (0..200).map(|n| format!("tag {}", n % 100)).collect();
        house.contact(&viewer, json!({ "tagNames": most })).await;
    })
    .await;
}

#[tokio::test]
async fn who_sees_assigned_contacts_alone_sees_what_is_assigned() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let support = house
            .team(&owner, "Support", std::slice::from_ref(&ada))
            .await;
        let sales = house.team(&owner, "Sales", &[]).await;
        house
            .contact(
                &owner,
                json!({ "name": "hers", "assigneeId": ada, "tagNames": ["all"] }),
            )
            .await;
        house
            .contact(
                &owner,
                json!({ "name": "her team's", "teamId": support, "tagNames": ["all"] }),
            )
            .await;
        house
            .contact(
                &owner,
                json!({ "name": "another's", "teamId": sales, "tagNames": ["all"] }),
            )
            .await;
        let mut viewer = with(&owner, Role::Manager, &[Restriction::OnlyAssignedContacts]);
        let rows = owner.by_ids::<entity::member::Entity>(
            house.db.read(),
            [ada.parse::<entity::id::MemberId>().unwrap()],
        );
        viewer.member = rows.await.unwrap().pop();
        let query = "{ contacts { nodes { name } } tags { nodes { contactCount } } }";
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(
            data["contacts"]["nodes"],
            json!([{ "name": "her team's" }, { "name": "hers" }])
        );
        assert_eq!(data["tags"]["nodes"], json!([{ "contactCount": 2 }]));
        let data = house.ask(&owner, query, json!({})).await;
        assert_eq!(data["tags"]["nodes"], json!([{ "contactCount": 3 }]));
    })
    .await;
}

#[tokio::test]
async fn whose_member_or_team_is_deleted_is_nobodys() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ada = house.member(&viewer, "ada", "AGENT").await;
        let team = house.team(&viewer, "Support", std::slice::from_ref(&ada)).await;
        let id = house.contact(&viewer, json!({ "assigneeId": ada, "teamId": team })).await;
        let query = "query ($id: ID!) { contact(id: $id) { version assignee { id } team { id members { id } }
            cells(columns: [\"assignee\", \"team\"]) { value text } } }";
        let see = async || house.ask(&viewer, query, json!({ "id": id })).await["contact"].clone();
        let seen = see().await;
        assert_eq!(seen["cells"], json!([{ "value": "ada", "text": "ada" }, { "value": "Support", "text": "Support" }]));
        let delete = "mutation ($id: ID!) { deleteMember(input: {id: $id}) { deletedId } }";
        house.ask(&viewer, delete, json!({ "id": ada })).await;
        let seen = see().await;
        assert_eq!((&seen["assignee"], &seen["team"]), (&Json::Null, &json!({ "id": team, "members": [] })));
        let delete = "mutation ($id: ID!) { deleteTeam(input: {id: $id}) { deletedId } }";
        house.ask(&viewer, delete, json!({ "id": team })).await;
        let nothing = json!({ "value": null, "text": null });
        let expected = json!({ "version": 1, "assignee": null, "team": null, "cells": [nothing, nothing] });
        assert_eq!(see().await, expected);
    })
    .await;
}

#[tokio::test]
async fn times_of_messages_are_columns_to_sort_by() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let channel = house.channel(&viewer, "WhatsApp").await;
        let mut ids = Vec::new();
        for name in ["a", "b", "c"] {
            ids.push(house.contact(&viewer, json!({ "name": name, "tagNames": [name, "all"] })).await);
        }
        for (id, time) in [(&ids[0], "2026-11-21T10:00:00+00:00"), (&ids[2], "2026-11-20T10:00:00+00:00")] {
            let (id, channel) = (id.trim_start_matches("contact_"), channel.trim_start_matches("channel_"));
            let sql = format!("UPDATE contact SET first_contact_at = '{time}', last_interaction_at = '{time}', last_incoming_at = '{time}',
                last_channel_id = {channel} WHERE id = {id}");
            house.db.read().execute_unprepared(&sql).await.unwrap();
        }
        for (column, field) in [("firstContactAt", "firstContactAt"), ("lastInteractionAt", "lastInteractionAt"), ("lastIncomingAt", "lastIncomingAt")] {
            let query = format!("{{ contacts(orderBy: [{{column: \"{column}\"}}]) {{ nodes {{ name {field} lastChannel {{ name }} }} rows(columns: [\"{column}\", \"tags\"]) }} }}");
            let data = house.ask(&viewer, &query, json!({})).await;
            let nodes = data["contacts"]["nodes"].as_array().unwrap();
            let names: Vec<_> = nodes.iter().map(|node| node["name"].as_str().unwrap()).collect();
            assert_eq!(names, ["c", "a", "b"], "{column}");
            assert_eq!(nodes[0][field], "2026-11-20T10:00:00Z");
            assert_eq!((&nodes[0]["lastChannel"]["name"], &nodes[2]["lastChannel"]), (&json!("WhatsApp"), &Json::Null));
            assert_eq!(data["contacts"]["rows"][0], json!(["2026-11-20T10:00:00Z", ["all", "c"]]));
            assert_eq!(data["contacts"]["rows"][2], json!([null, ["all", "b"]]));
        }
    })
    .await;
}

#[tokio::test]
async fn who_deletes_and_who_assigns_do_not_wait_for_each_other() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let into = house.tag(&viewer, "into").await;
        for n in 0..10 {
            let member = house.member(&viewer, &format!("m{n}"), "AGENT").await;
            let team = house.team(&viewer, &format!("t{n}"), std::slice::from_ref(&member)).await;
            let tag = house.tag(&viewer, "old").await;
            let fields = json!({ "assigneeId": member, "teamId": team, "tagNames": ["old"] });
            let id = house.contact(&viewer, fields.clone()).await;
            // An attribute makes whoever writes the contact wait for the workspace too.
            let mut assigned = fields.clone();
            assigned["attributes"] = json!([{ "key": format!("k{n}"), "type": "TEXT", "value": "x" }]);
            let update = json!({ "input": { "id": id, "contact": assigned } });
            let delete = |what: &str| format!("mutation ($id: ID!) {{ delete{what}(input: {{id: $id}}) {{ deletedId }} }}");
            let merge = "mutation ($id: ID!, $into: ID!) { mergeTags(input: {ids: [$id], intoId: $into}) { userErrors { code } } }";
            let (member_gone, team_gone) = (delete("Member"), delete("Team"));
            tokio::join!(
                house.ask(&viewer, UPDATE, update),
                house.ask(&viewer, &member_gone, json!({ "id": member })),
                house.ask(&viewer, &team_gone, json!({ "id": team })),
                house.ask(&viewer, merge, json!({ "id": tag, "into": into })),
            );
            let clean = "mutation ($id: ID!) { updateContact(input: {id: $id, contact: {tagNames: null}}) { contact { assignee { id } team { id } } } }";
            let data = house.ask(&viewer, clean, json!({ "id": id })).await;
            assert_eq!(data["updateContact"]["contact"], json!({ "assignee": null, "team": null }));
            let data = house.ask(&viewer, "{ tags(search: \"old\") { nodes { id } } }", json!({})).await;
            for tag in data["tags"]["nodes"].as_array().unwrap() {
                house.ask(&viewer, &delete("Tag"), json!({ "id": tag["id"] })).await;
            }
        }
    })
    .await;
}
