//! Who sees assigned contacts alone makes contacts and gives them away.

use super::harness::{House, both};
use domain::viewer::Viewer;
use entity::role::Restriction;
use serde_json::{Value as Json, json};

const CREATE: &str =
    "mutation ($contact: ContactFieldsInput!) { createContact(input: {contact: $contact}) {
    contact { id assignee { name } team { name } } userErrors { field code }
} }";
const UPDATE: &str = "mutation ($id: ID!, $contact: ContactFieldsInput!) { updateContact(input: {id: $id, contact: $contact}) {
    contact { version assignee { name } team { name } } userErrors { field code }
} }";
const ONLY: &[Restriction] = &[Restriction::OnlyAssignedContacts];

/// Whether the viewer finds a contact.
async fn sees(house: &House, viewer: &Viewer, id: &str) -> bool {
    let query = "query ($id: ID!) { contact(id: $id) { id } }";
    let data = house.ask(viewer, query, json!({ "id": id })).await;
    !data["contact"].is_null()
}

#[tokio::test]
async fn who_makes_a_contact_sees_it() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let grace = house.member(&owner, "grace", "MANAGER").await;
        let own = house
            .team(&owner, "Support", std::slice::from_ref(&ada))
            .await;
        let other = house
            .team(&owner, "Sales", std::slice::from_ref(&grace))
            .await;
        let viewer = house.log_in(&owner, Some(&ada), ONLY).await;
        for (fields, assignee, team) in [
            (json!({}), Some("ada"), None),
            (
                json!({ "assigneeId": null, "teamId": null }),
                Some("ada"),
                None,
            ),
            (json!({ "assigneeId": ada }), Some("ada"), None),
            (json!({ "teamId": own }), None, Some("Support")),
            (
                json!({ "teamId": own, "assigneeId": null }),
                None,
                Some("Support"),
            ),
            (
                json!({ "teamId": own, "assigneeId": ada }),
                Some("ada"),
                Some("Support"),
            ),
            (
                json!({ "teamId": own, "assigneeId": grace }),
                Some("grace"),
                Some("Support"),
            ),
            (json!({ "teamId": other }), Some("ada"), Some("Sales")),
            (
                json!({ "teamId": other, "assigneeId": ada }),
                Some("ada"),
                Some("Sales"),
            ),
        ] {
            let data = house
                .ask(&viewer, CREATE, json!({ "contact": fields }))
                .await;
            let done = &data["createContact"];
            assert_eq!(done["userErrors"], json!([]), "{fields}");
            let named =
                |name: Option<&str>| name.map_or(Json::Null, |name| json!({ "name": name }));
            assert_eq!(
                (&done["contact"]["assignee"], &done["contact"]["team"]),
                (&named(assignee), &named(team)),
                "{fields}"
            );
            assert!(
                sees(&house, &viewer, done["contact"]["id"].as_str().unwrap()).await,
                "{fields}"
            );
        }
        let error = |field: &str, code: &str| json!({ "field": ["contact", field], "code": code });
        for (fields, errors) in [
            (
                json!({ "assigneeId": grace, "tagNames": ["new"] }),
                json!([error("assigneeId", "INVALID")]),
            ),
            (
                json!({ "assigneeId": grace, "teamId": other, "email": "x" }),
                json!([
                    error("assigneeId", "INVALID"),
                    error("email", "EMAIL_INVALID")
                ]),
            ),
            (
                json!({ "assigneeId": "member_99" }),
                json!([error("assigneeId", "NOT_FOUND")]),
            ),
            (
                json!({ "assigneeId": grace, "teamId": "team_99" }),
                json!([error("teamId", "NOT_FOUND"), error("assigneeId", "INVALID")]),
            ),
            (
                json!({ "teamId": "nonsense" }),
                json!([error("teamId", "NOT_FOUND")]),
            ),
        ] {
            let data = house
                .ask(&viewer, CREATE, json!({ "contact": fields }))
                .await;
            assert_eq!(
                data["createContact"],
                json!({ "contact": null, "userErrors": errors }),
                "{fields}"
            );
        }
        let data = house
            .ask(
                &owner,
                "{ contacts { totalCount { value } } tags { nodes { id } } }",
                json!({}),
            )
            .await;
        assert_eq!(
            data,
            json!({ "contacts": { "totalCount": { "value": 9 } }, "tags": { "nodes": [] } })
        );
        // To whoever sees everybody nothing of this applies.
        let open = house.log_in(&owner, Some(&ada), &[]).await;
        for (fields, assignee) in [
            (json!({}), Json::Null),
            (json!({ "assigneeId": grace }), json!({ "name": "grace" })),
        ] {
            let data = house.ask(&open, CREATE, json!({ "contact": fields })).await;
            assert_eq!(data["createContact"]["contact"]["assignee"], assignee);
        }
    })
    .await;
}

#[tokio::test]
async fn a_contact_may_be_given_away() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let grace = house.member(&owner, "grace", "MANAGER").await;
        let other = house.team(&owner, "Sales", &[]).await;
        let viewer = house.log_in(&owner, Some(&ada), ONLY).await;
        for fields in [
            json!({ "assigneeId": grace }),
            json!({ "assigneeId": null }),
            json!({ "assigneeId": null, "teamId": other }),
        ] {
            let id = house.contact(&viewer, json!({ "name": "Cem" })).await;
            let data = house
                .ask(
                    &viewer,
                    UPDATE,
                    json!({ "id": id, "contact": { "title": "Dr." } }),
                )
                .await;
            assert_eq!(
                data["updateContact"]["contact"],
                json!({ "version": 2, "assignee": { "name": "ada" }, "team": null })
            );
            let data = house
                .ask(&viewer, UPDATE, json!({ "id": id, "contact": fields }))
                .await;
            let done = &data["updateContact"];
            assert_eq!(
                (&done["userErrors"], &done["contact"]["version"]),
                (&json!([]), &json!(3)),
                "{fields}"
            );
            assert_eq!(
                done["contact"]["assignee"].is_null(),
                fields["assigneeId"].is_null()
            );
            assert!(!sees(&house, &viewer, &id).await && sees(&house, &owner, &id).await);
            let data = house
                .ask(
                    &viewer,
                    UPDATE,
                    json!({ "id": id, "contact": { "assigneeId": ada } }),
                )
                .await;
            assert_eq!(
                data["updateContact"]["userErrors"],
                json!([{ "field": ["id"], "code": "NOT_FOUND" }])
            );
        }
    })
    .await;
}

#[tokio::test]
async fn a_script_to_whom_nobody_is_assigned_makes_nobody() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let team = house
            .team(&owner, "Sales", std::slice::from_ref(&ada))
            .await;
        let script = house.log_in(&owner, None, ONLY).await;
        for fields in [
            json!({}),
            json!({ "assigneeId": ada }),
            json!({ "teamId": team, "email": "x" }),
        ] {
            let answer = house
                .answer(&script, CREATE, json!({ "contact": fields }))
                .await;
            assert_eq!(
                answer["errors"][0]["extensions"],
                json!({ "code": "FORBIDDEN" })
            );
            assert!(
                answer["errors"][0]["message"]
                    .as_str()
                    .unwrap()
                    .contains("member's token")
            );
        }
        let data = house
            .ask(&owner, "{ contacts { totalCount { value } } }", json!({}))
            .await;
        assert_eq!(data["contacts"]["totalCount"]["value"], 0);
    })
    .await;
}
