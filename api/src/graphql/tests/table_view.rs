//! Table views: whose they are, what they take, and what they lose.

use super::harness::{House, both};
use domain::viewer::Viewer;
use entity::{role::Restriction, table_view};
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::{Value as Json, json};

const VIEW: &str = "query ($inbox: ID) { tableView(inboxId: $inbox) {
    id inbox { id } columns { column { key } width } orderBy { column { key } direction nulls }
} }";
const UPDATE: &str = "mutation ($input: UpdateTableViewInput!) { updateTableView(input: $input) {
    tableView { id inbox { id } columns { column { key } width } orderBy { column { key } direction nulls } }
    userErrors { field code }
} }";
/// What a table shows where nothing was saved.
const DEFAULT: [&str; 9] = [
    "name",
    "phone",
    "email",
    "channel",
    "status",
    "blockedAt",
    "firstContactAt",
    "lastInteractionAt",
    "createdAt",
];

async fn view(house: &House, viewer: &Viewer, inbox: Option<&str>) -> Json {
    let mut data = house.ask(viewer, VIEW, json!({ "inbox": inbox })).await;
    data["tableView"].take()
}

async fn save(house: &House, viewer: &Viewer, input: Json) -> Json {
    let mut data = house.ask(viewer, UPDATE, json!({ "input": input })).await;
    data["updateTableView"].take()
}

/// The keys of a view's columns.
fn shown(view: &Json) -> Vec<&str> {
    let columns = view["columns"].as_array().unwrap().iter();
    columns
        .map(|shown| shown["column"]["key"].as_str().unwrap())
        .collect()
}

/// Columns to save, without widths.
fn columns(keys: &[&str]) -> Json {
    keys.iter().map(|key| json!({ "column": key })).collect()
}

/// How many views are saved, by whomever.
#[allow(clippy::disallowed_methods, reason = "those of nobody are looked for")]
async fn count(house: &House) -> u64 {
    let all = table_view::Entity::find();
    all.count(house.db.read()).await.unwrap()
}

#[tokio::test]
async fn a_view_is_the_members_and_the_inboxs() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let grace = house.member(&owner, "grace", "MANAGER").await;
        house.attribute(&owner, "plan", "TEXT").await;
        let team = house.team(&owner, "Support", &[]).await;
        let (ada, again) = (house.log_in(&owner, Some(&ada), &[]).await, house.log_in(&owner, Some(&ada), &[]).await);
        let others = [house.log_in(&owner, Some(&grace), &[]).await, house.log_in(&owner, None, &[]).await];
        let before = view(&house, &ada, None).await;
        assert_eq!(shown(&before), DEFAULT);
        assert_eq!((&before["id"], &before["inbox"], &before["orderBy"]), (&json!("view_contacts"), &Json::Null, &json!([])));
        let wanted = json!([{ "column": "attr.PLAN", "width": 20 }, { "column": "name", "width": 2000 }, { "column": "tags", "width": null }]);
        let order = json!([{ "column": "attr.plan", "direction": "DESC", "nulls": "FIRST" }]);
        let done = save(&house, &ada, json!({ "columns": wanted, "orderBy": order })).await;
        let saved = json!({ "id": "view_contacts", "inbox": null, "columns": [
            { "column": { "key": "attr.plan" }, "width": 20 }, { "column": { "key": "name" }, "width": 2000 }, { "column": { "key": "tags" }, "width": null },
        ], "orderBy": [{ "column": { "key": "attr.plan" }, "direction": "DESC", "nulls": "FIRST" }] });
        assert_eq!(done, json!({ "tableView": saved, "userErrors": [] }));
        assert_eq!(view(&house, &again, None).await, saved);
        for other in &others {
            assert_eq!(view(&house, other, None).await, before);
        }
        // Each inbox has its own, and so has the table without one.
        for inbox in ["inbox_all", "inbox_mine", "inbox_unassigned", &format!("inbox_{team}")] {
            let id = format!("view_{inbox}");
            let default = view(&house, &ada, Some(inbox)).await;
            assert_eq!((shown(&default), &default["id"], &default["inbox"]["id"]), (DEFAULT.to_vec(), &json!(id), &json!(inbox)));
            let done = save(&house, &ada, json!({ "inboxId": inbox, "columns": columns(&["id", "name"]) })).await;
            assert_eq!(shown(&done["tableView"]), ["id", "name"]);
            let done = save(&house, &others[1], json!({ "inboxId": inbox, "columns": columns(&["name"]) })).await;
            assert_eq!(shown(&done["tableView"]), ["name"]);
            assert_eq!(shown(&view(&house, &ada, Some(inbox)).await), ["id", "name"]);
            assert_eq!(shown(&view(&house, &others[0], Some(inbox)).await), DEFAULT);
        }
        // What is left out stays, null is as by default.
        let done = save(&house, &ada, json!({ "columns": null })).await["tableView"].clone();
        assert_eq!((shown(&done), &done["orderBy"]), (DEFAULT.to_vec(), &saved["orderBy"]));
        let done = save(&house, &ada, json!({ "columns": columns(&["name"]), "orderBy": null })).await["tableView"].clone();
        assert_eq!((shown(&done), &done["orderBy"]), (vec!["name"], &json!([])));
        let done = save(&house, &ada, json!({ "orderBy": [{ "column": "name" }] })).await["tableView"].clone();
        assert_eq!((shown(&done), &done["orderBy"]), (vec!["name"], &json!([{ "column": { "key": "name" }, "direction": "ASC", "nulls": "LAST" }])));
        let done = save(&house, &ada, json!({ "inboxId": null })).await["tableView"].clone();
        assert_eq!(done, view(&house, &ada, None).await);
        assert_eq!(shown(&done), ["name"]);
    })
    .await;
}

#[tokio::test]
async fn what_does_not_fit_in_a_view_is_refused() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let viewer = house.log_in(&owner, Some(&ada), &[]).await;
        house.attribute(&owner, "plan", "TEXT").await;
        house.attribute(&owner, "on", "BOOLEAN").await;
        let refused = async |input: Json| {
            let mut done = save(&house, &viewer, input).await;
            assert_eq!(done["tableView"], Json::Null);
            let errors = done["userErrors"].take();
            let errors = errors.as_array().unwrap().iter().map(|error| {
                let path = error["field"].as_array().unwrap().iter();
                let path: Vec<_> = path.map(|part| part.as_str().unwrap()).collect();
                format!("{} {}", path.join("."), error["code"].as_str().unwrap())
            });
            errors.collect::<Vec<_>>()
        };
        let many: Vec<String> = (0..101).map(|n| format!("attr.{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        for (input, errors) in [
            (json!({ "columns": [] }), vec!["columns REQUIRED"]),
            (json!({ "columns": columns(&["phone", "attr.name"]) }), vec!["columns.1.column NOT_FOUND", "columns REQUIRED"]),
            (json!({ "columns": columns(&["name", "name", "attr.plan", "attr.Plan"]) }), vec!["columns.1.column INVALID", "columns.3.column INVALID"]),
            (json!({ "columns": columns(&["name", "", "nonsense"]) }), vec!["columns.1.column NOT_FOUND", "columns.2.column NOT_FOUND"]),
            (json!({ "columns": [{ "column": "name", "width": 19 }, { "column": "id", "width": 2001 }, { "column": "x", "width": -1 }] }),
                vec!["columns.0.width INVALID", "columns.1.width INVALID", "columns.2.width INVALID", "columns.2.column NOT_FOUND"]),
            (json!({ "columns": columns(&many) }), vec!["columns LIMIT_EXCEEDED"]),
            (json!({ "orderBy": [{ "column": "nonsense" }], "columns": [] }), vec!["columns REQUIRED", "orderBy.0.column NOT_FOUND"]),
            (json!({ "orderBy": [{ "column": "channel" }] }), vec!["orderBy.0.column INVALID"]),
            (json!({ "orderBy": [{ "column": "attr.on" }] }), vec!["orderBy.0.column INVALID"]),
            (json!({ "orderBy": [{ "column": "name" }, { "column": "name" }] }), vec!["orderBy LIMIT_EXCEEDED"]),
            (json!({ "inboxId": "inbox_99", "columns": [] }), vec!["inboxId NOT_FOUND"]),
            (json!({ "inboxId": "inbox_team_99" }), vec!["inboxId NOT_FOUND"]),
            (json!({ "inboxId": "" }), vec!["inboxId NOT_FOUND"]),
        ] {
            assert_eq!(refused(input.clone()).await, errors, "{input}");
        }
        assert_eq!(count(&house).await, 0);
        let wrong = house.answer(&viewer, VIEW, json!({ "inbox": "inbox_99" })).await;
        assert_eq!(wrong["errors"][0]["extensions"], json!({ "code": "BAD_USER_INPUT", "path": ["inboxId"] }));
        // The command line has no name under which to save one.
        let done = save(&house, &owner, json!({ "orderBy": [] })).await;
        assert_eq!(done["userErrors"], json!([{ "field": null, "code": "INVALID" }]));
    })
    .await;
}

#[tokio::test]
async fn a_deleted_attribute_is_in_no_view_and_neither_is_its_successor() {
    both(async |house| {
        let owner = house.owner("one").await;
        let viewer = house.log_in(&owner, None, &[]).await;
        house.attribute(&owner, "plan", "TEXT").await;
        house.attribute(&owner, "seats", "NUMBER").await;
        let keys = ["attr.plan", "name", "attr.seats"];
        let order = json!([{ "column": "attr.plan" }]);
        save(
            &house,
            &viewer,
            json!({ "columns": columns(&keys), "orderBy": order }),
        )
        .await;
        let sql = "UPDATE attribute SET slot = NULL, slot_state = NULL WHERE key = 'plan'";
        house.db.read().execute_unprepared(sql).await.unwrap();
        let seen = view(&house, &viewer, None).await;
        assert_eq!(
            (shown(&seen), &seen["orderBy"]),
            (keys.to_vec(), &json!([]))
        );
        let sql = "DELETE FROM attribute WHERE key = 'plan'";
        house.db.read().execute_unprepared(sql).await.unwrap();
        house.attribute(&owner, "plan", "TEXT").await;
        let seen = view(&house, &viewer, None).await;
        assert_eq!(
            (shown(&seen), &seen["orderBy"]),
            (keys[1..].to_vec(), &json!([]))
        );
        let done = save(&house, &viewer, json!({ "columns": columns(&keys) })).await;
        assert_eq!(shown(&done["tableView"]), keys);
    })
    .await;
}

#[tokio::test]
async fn a_view_goes_with_whom_and_what_it_was_for() {
    both(async |house| {
        let owner = house.owner("one").await;
        let id = house.member(&owner, "ada", "MANAGER").await;
        let grace = house.member(&owner, "grace", "MANAGER").await;
        let team = house.team(&owner, "Support", &[]).await;
        let (ada, script) = (house.log_in(&owner, Some(&id), &[]).await, house.log_in(&owner, None, &[]).await);
        let grace = house.log_in(&owner, Some(&grace), &[]).await;
        let create = "mutation ($shared: Boolean!) { createInbox(input: {name: \"Some\", shared: $shared}) { inbox { id } } }";
        let mut inboxes = Vec::new();
        for shared in [true, false] {
            let data = house.ask(&ada, create, json!({ "shared": shared })).await;
            inboxes.push(data["createInbox"]["inbox"]["id"].as_str().unwrap().to_owned());
        }
        let teams = format!("inbox_{team}");
        let keep = async |viewer: &Viewer, inbox: Option<&str>| {
            save(&house, viewer, json!({ "inboxId": inbox, "columns": columns(&["name"]) })).await["userErrors"].clone()
        };
        for viewer in [&ada, &script, &grace] {
            for inbox in [None, Some("inbox_all"), Some(teams.as_str()), Some(inboxes[0].as_str())] {
                assert_eq!(keep(viewer, inbox).await, json!([]));
            }
        }
        // One that is not shared is somebody else's: to others it is not there.
        assert_eq!(keep(&ada, Some(&inboxes[1])).await, json!([]));
        let missing = json!([{ "field": ["inboxId"], "code": "NOT_FOUND" }]);
        assert_eq!(keep(&grace, Some(&inboxes[1])).await, missing);
        assert_eq!(count(&house).await, 13);
        for (what, id, left) in [("deleteInbox", &inboxes[0], 10), ("deleteTeam", &team, 7), ("deleteMember", &id, 4)] {
            let query = format!("mutation ($id: ID!) {{ {what}(input: {{id: $id}}) {{ userErrors {{ code message }} }} }}");
            let data = house.ask(&owner, &query, json!({ "id": id })).await;
            assert_eq!(data[what]["userErrors"], json!([]));
            assert_eq!(count(&house).await, left, "{what}");
        }
        let revoke = "mutation ($id: ID!) { revokeApiToken(input: {id: $id}) { userErrors { code } } }";
        for (token, left) in [(grace.token_id, 4), (script.token_id, 2)] {
            house.ask(&owner, revoke, json!({ "id": token.unwrap().to_string() })).await;
            assert_eq!(count(&house).await, left);
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_hidden_may_be_a_column_and_not_an_order() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let open = house.log_in(&owner, Some(&ada), &[]).await;
        let masked = house
            .log_in(&owner, Some(&ada), &[Restriction::MaskPhoneAndEmail])
            .await;
        house
            .contact(
                &owner,
                json!({ "name": "Grace", "phone": "+4915112345678" }),
            )
            .await;
        let by_phone = json!({ "orderBy": [{ "column": "phone" }] });
        let answer = house
            .answer(&masked, UPDATE, json!({ "input": by_phone }))
            .await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        let done = save(&house, &open, by_phone).await;
        assert_eq!(done["userErrors"], json!([]));
        assert_eq!(view(&house, &masked, None).await["orderBy"], json!([]));
        let done = save(
            &house,
            &masked,
            json!({ "columns": columns(&["name", "phone", "email"]) }),
        )
        .await;
        assert_eq!(shown(&done["tableView"]), ["name", "phone", "email"]);
        let data = house
            .ask(
                &masked,
                "{ contacts { rows(columns: [\"name\", \"phone\", \"email\"]) } }",
                json!({}),
            )
            .await;
        assert_eq!(data["contacts"]["rows"], json!([["Grace", null, null]]));
        // Their order is kept for the token that may.
        let seen = view(&house, &open, None).await;
        assert_eq!(
            (shown(&seen).len(), &seen["orderBy"][0]["column"]["key"]),
            (3, &json!("phone"))
        );
    })
    .await;
}

#[tokio::test]
async fn of_two_who_save_at_once_each_keeps_what_the_other_leaves_out() {
    both(async |house| {
        let owner = house.owner("one").await;
        let viewer = house.log_in(&owner, None, &[]).await;
        for inbox in ["inbox_all", "inbox_mine", "inbox_unassigned"] {
            tokio::join!(
                save(
                    &house,
                    &viewer,
                    json!({ "inboxId": inbox, "columns": columns(&["name"]) })
                ),
                save(
                    &house,
                    &viewer,
                    json!({ "inboxId": inbox, "orderBy": [{ "column": "name" }] })
                ),
            );
            let before = house.db.statements();
            let seen = view(&house, &viewer, Some(inbox)).await;
            assert_eq!(house.db.statements() - before, 2);
            assert_eq!(
                (shown(&seen), seen["orderBy"].as_array().unwrap().len()),
                (vec!["name"], 1)
            );
        }
        assert_eq!(count(&house).await, 3);
    })
    .await;
}
