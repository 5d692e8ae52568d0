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

/// Two members, each with a team, and one of them asking: `ada`, `grace`, `support` is ada's, `sales` is grace's.
async fn people(house: &House, owner: &Viewer) -> (Json, Viewer) {
    let ada = house.member(owner, "ada", "MANAGER").await;
    let grace = house.member(owner, "grace", "MANAGER").await;
    let own = house
        .team(owner, "support", std::slice::from_ref(&ada))
        .await;
    let other = house
        .team(owner, "sales", std::slice::from_ref(&grace))
        .await;
    let viewer = house.log_in(owner, Some(&ada), ONLY).await;
    let ids = json!({ "ada": ada, "grace": grace, "support": own, "sales": other, "nobody": "member_99" });
    (ids, viewer)
}

#[tokio::test]
async fn who_makes_a_contact_sees_it() {
    both(async |house| {
        let owner = house.owner("one").await;
        let (ids, viewer) = people(&house, &owner).await;
        for (assignee, team, expected) in [
            ("", "", "ada"),
            ("ada", "", "ada"),
            ("", "support", ""),
            ("ada", "support", "ada"),
            ("grace", "support", "grace"),
            ("", "sales", "ada"),
            ("ada", "sales", "ada"),
        ] {
            // What is not given is null, or left out.
            let given = json!({ "assigneeId": ids[assignee], "teamId": ids[team] });
            let mut less = given.clone();
            less.as_object_mut().unwrap().retain(|_, id| !id.is_null());
            let named = |name: &str| {
                Some(name)
                    .filter(|name| !name.is_empty())
                    .map(|name| json!({ "name": name }))
            };
            for fields in [given, less] {
                let data = house
                    .ask(&viewer, CREATE, json!({ "contact": fields }))
                    .await;
                let done = &data["createContact"];
                assert_eq!(done["userErrors"], json!([]), "{fields}");
                assert_eq!(
                    done["contact"]["assignee"],
                    json!(named(expected)),
                    "{fields}"
                );
                assert_eq!(done["contact"]["team"], json!(named(team)), "{fields}");
                assert!(sees(&house, &viewer, done["contact"]["id"].as_str().unwrap()).await);
            }
        }
        // To whoever sees everybody nothing of this applies.
        let open = house.log_in(&owner, ids["ada"].as_str(), &[]).await;
        let data = house.ask(&open, CREATE, json!({ "contact": {} })).await;
        assert_eq!(data["createContact"]["contact"]["assignee"], Json::Null);
        let fields = json!({ "assigneeId": ids["grace"] });
        let data = house.ask(&open, CREATE, json!({ "contact": fields })).await;
        assert_eq!(
            data["createContact"]["contact"]["assignee"]["name"],
            "grace"
        );
    })
    .await;
}

#[tokio::test]
async fn nobody_makes_a_contact_for_others_that_they_would_not_see() {
    both(async |house| {
        let owner = house.owner("one").await;
        let (ids, viewer) = people(&house, &owner).await;
        let invalid = ("assigneeId", "INVALID");
        for (fields, errors) in [
            (
                json!({ "assigneeId": ids["grace"], "tagNames": ["new"] }),
                vec![invalid],
            ),
            (
                json!({ "assigneeId": ids["grace"], "teamId": ids["sales"], "email": "x" }),
                vec![invalid, ("email", "EMAIL_INVALID")],
            ),
            (
                json!({ "assigneeId": ids["grace"], "teamId": "team_99" }),
                vec![("teamId", "NOT_FOUND"), invalid],
            ),
            (
                json!({ "assigneeId": ids["nobody"] }),
                vec![("assigneeId", "NOT_FOUND")],
            ),
            (
                json!({ "teamId": "nonsense" }),
                vec![("teamId", "NOT_FOUND")],
            ),
        ] {
            let errors: Json = errors
                .iter()
                .map(|(field, code)| json!({ "field": ["contact", field], "code": code }))
                .collect();
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
                "{ contacts { nodes { id } } tags { nodes { id } } }",
                json!({}),
            )
            .await;
        assert_eq!(
            data,
            json!({ "contacts": { "nodes": [] }, "tags": { "nodes": [] } })
        );
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
