//! Members, their tokens and their teams.

use super::harness::{House, both, with};
use domain::{
    token::{self, NewToken},
    viewer::Viewer,
};
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};

const UPDATE: &str = "mutation ($input: UpdateMemberInput!) { updateMember(input: $input) {
    member { name email role restrictions } userErrors { field code }
} }";
const DELETE: &str = "mutation ($id: ID!) { deleteMember(input: {id: $id}) { deletedId userErrors { field code } } }";

/// The code of the only error of a payload, with its field.
fn error(payload: &Json) -> (String, String) {
    let errors = payload["userErrors"].as_array().unwrap();
    assert_eq!(errors.len(), 1, "{payload}");
    let field = errors[0]["field"].as_array().unwrap().iter();
    let field: Vec<_> = field.map(|part| part.as_str().unwrap()).collect();
    let code = errors[0]["code"].as_str().unwrap();
    (field.join("."), code.to_owned())
}

fn refused(field: &str, code: &str) -> (String, String) {
    (field.to_owned(), code.to_owned())
}

/// The text of a new token of this member.
async fn token(house: &House, viewer: &Viewer, member: &str, role: Role) -> String {
    let new = NewToken {
        name: "theirs".to_owned(),
        role,
        restrictions: vec![Restriction::NoImport],
        member_id: Some(member.parse().unwrap()),
        expires_at: None,
    };
    let tx = house.db.write().await.unwrap();
    let (_, text) = token::create(&tx, viewer, new).await.unwrap();
    tx.commit().await.unwrap();
    text
}

#[tokio::test]
async fn a_members_name_and_address_are_checked() {
    both(async |house| {
        let owner = house.owner("one").await;
        house.member(&owner, "ada", "MANAGER").await;
        let create = "mutation ($input: CreateMemberInput!) { createMember(input: $input) {
            member { name email role restrictions teams { id } } userErrors { field code message }
        } }";
        for (name, email, field, code) in [
            (" \u{200b} ", "x@example.com", "name", "INVALID"),
            ("x", "nonsense", "email", "EMAIL_INVALID"),
            ("x", " ADA@example.com", "email", "TAKEN"),
        ] {
            let input = json!({ "name": name, "email": email, "role": "AGENT" });
            let data = house.ask(&owner, create, json!({ "input": input })).await;
            assert_eq!(error(&data["createMember"]), refused(field, code));
            assert_eq!(data["createMember"]["member"], Json::Null);
        }
        // The same address in another workspace is somebody else's.
        let input = json!({ "name": " Ada ", "email": "Ada@Example.com", "role": "OWNER", "restrictions": ["NO_IMPORT", "NO_IMPORT"] });
        let elsewhere = house.owner("two").await;
        let masked = with(&elsewhere, Role::Owner, &[Restriction::MaskPhoneAndEmail]);
        let data = house.ask(&masked, create, json!({ "input": input })).await;
        assert_eq!(
            data["createMember"],
            json!({ "userErrors": [], "member": {
                "name": "Ada", "email": "ada@example.com", "role": "OWNER", "restrictions": ["NO_IMPORT", "MASK_PHONE_AND_EMAIL"], "teams": [],
            } })
        );
        let data = house.ask(&elsewhere, "{ members { name } }", json!({})).await;
        assert_eq!(data["members"], json!([{ "name": "Ada" }]));
    })
    .await;
}

#[tokio::test]
async fn what_a_member_loses_their_tokens_lose() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "MANAGER").await;
        let text = token(&house, &owner, &ada, Role::Owner).await;
        let viewer = async || token::authenticate(&house.db, &text).await.unwrap();
        let seen = viewer().await.unwrap();
        assert_eq!((seen.role, seen.name.as_str()), (Role::Manager, "ada"));
        assert_eq!(seen.restrictions, [Restriction::NoImport]);
        let less = json!({ "id": ada, "role": "AGENT", "restrictions": ["ONLY_ASSIGNED_CONTACTS", "NO_CONTACT_DELETE"] });
        let data = house.ask(&owner, UPDATE, json!({ "input": less })).await;
        assert_eq!(data["updateMember"]["userErrors"], json!([]));
        let seen = viewer().await.unwrap();
        assert_eq!(seen.role, Role::Agent);
        let all = [Restriction::NoContactDelete, Restriction::NoImport, Restriction::OnlyAssignedContacts];
        assert_eq!(seen.restrictions, all);
        let data = house.ask(&owner, DELETE, json!({ "id": ada })).await;
        assert_eq!(data["deleteMember"]["deletedId"], ada);
        assert!(viewer().await.is_none());
        let data = house.ask(&owner, "{ apiTokens { id } members { id } }", json!({})).await;
        assert_eq!(data, json!({ "apiTokens": [], "members": [] }));
    })
    .await;
}

#[tokio::test]
async fn somebody_can_always_change_the_settings() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let last = house.member(&viewer, "ada", "OWNER").await;
        let other = house.member(&viewer, "grace", "OWNER").await;
        let update = async |id: &str, changes: Json| {
            let mut input = changes;
            input["id"] = id.into();
            let data = house.ask(&viewer, UPDATE, json!({ "input": input })).await;
            data["updateMember"].clone()
        };
        let done = update(&other, json!({ "restrictions": ["NO_WORKSPACE_SETTINGS"] })).await;
        assert_eq!(done["userErrors"], json!([]));
        for (changes, field) in [
            (json!({ "role": "MANAGER" }), "role"),
            (
                json!({ "restrictions": ["NO_WORKSPACE_SETTINGS"] }),
                "restrictions",
            ),
        ] {
            assert_eq!(
                error(&update(&last, changes).await),
                refused(field, "INVALID")
            );
        }
        let data = house.ask(&viewer, DELETE, json!({ "id": last })).await;
        assert_eq!(error(&data["deleteMember"]), refused("id", "INVALID"));
        // What keeps them an owner passes, and so does all of it once there is another.
        let done = update(
            &last,
            json!({ "name": "Ada L.", "role": "OWNER", "restrictions": ["NO_IMPORT"] }),
        )
        .await;
        assert_eq!(done["member"]["name"], "Ada L.");
        update(&other, json!({ "restrictions": [] })).await;
        let data = house.ask(&viewer, DELETE, json!({ "id": last })).await;
        assert_eq!(data["deleteMember"]["deletedId"], last);
    })
    .await;
}

#[tokio::test]
async fn of_two_owners_who_delete_each_other_one_stays() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let one = house.member(&viewer, "ada", "OWNER").await;
        let other = house.member(&viewer, "grace", "OWNER").await;
        let delete = async |id: &str| house.ask(&viewer, DELETE, json!({ "id": id })).await;
        let answers = tokio::join!(delete(&one), delete(&other));
        let deleted = [answers.0, answers.1];
        let deleted = deleted
            .iter()
            .filter(|data| !data["deleteMember"]["deletedId"].is_null());
        assert_eq!(deleted.count(), 1);
    })
    .await;
}

#[tokio::test]
async fn nobody_lifts_their_own_restrictions() {
    both(async |house| {
        let owner = house.owner("one").await;
        let ada = house.member(&owner, "ada", "OWNER").await;
        let restrict = json!({ "id": ada, "restrictions": ["MASK_PHONE_AND_EMAIL", "NO_IMPORT"] });
        house
            .ask(&owner, UPDATE, json!({ "input": restrict }))
            .await;
        let herself = with(&owner, Role::Owner, &[Restriction::MaskPhoneAndEmail]);
        let lift = json!({ "id": ada, "restrictions": ["NO_IMPORT"] });
        let data = house.ask(&herself, UPDATE, json!({ "input": lift })).await;
        assert_eq!(
            error(&data["updateMember"]),
            refused("restrictions", "INVALID")
        );
        let keep = json!({ "id": ada, "restrictions": ["MASK_PHONE_AND_EMAIL"] });
        let data = house.ask(&herself, UPDATE, json!({ "input": keep })).await;
        assert_eq!(
            data["updateMember"]["member"]["restrictions"],
            json!(["MASK_PHONE_AND_EMAIL"])
        );
    })
    .await;
}

const UPDATE_TEAM: &str = "mutation ($input: UpdateTeamInput!) { updateTeam(input: $input) {
    team { name members { name } } userErrors { field code }
} }";

#[tokio::test]
async fn a_team_is_who_its_list_says() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let ada = house.member(&viewer, "ada", "MANAGER").await;
        let grace = house.member(&viewer, "grace", "AGENT").await;
        let team = house.team(&viewer, "Support", &[grace.clone(), ada.clone(), ada.clone()]).await;
        house.team(&viewer, "Sales", std::slice::from_ref(&ada)).await;
        let update = async |changes: Json| {
            let mut input = changes;
            input["id"] = json!(team);
            house.ask(&viewer, UPDATE_TEAM, json!({ "input": input })).await["updateTeam"].clone()
        };
        let kept = update(json!({ "name": " Service " })).await;
        assert_eq!(kept["team"], json!({ "name": "Service", "members": [{ "name": "ada" }, { "name": "grace" }] }));
        let query = "{ members { name teams { name members { name } } } teams { name } }";
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(data["teams"], json!([{ "name": "Service" }, { "name": "Sales" }]));
        let both = json!([{ "name": "ada" }, { "name": "grace" }]);
        let of_ada = json!([{ "name": "Service", "members": both }, { "name": "Sales", "members": [{ "name": "ada" }] }]);
        assert_eq!(data["members"][0], json!({ "name": "ada", "teams": of_ada }));
        assert_eq!(error(&update(json!({ "name": "sáles" })).await), refused("name", "TAKEN"));
        let wrong = update(json!({ "memberIds": [grace, "member_0", team] })).await;
        assert_eq!(wrong["userErrors"], json!([
            { "field": ["memberIds", "1"], "code": "NOT_FOUND" },
            { "field": ["memberIds", "2"], "code": "NOT_FOUND" },
        ]));
        let many = vec![grace.as_str(); 1_001];
        assert_eq!(error(&update(json!({ "memberIds": many })).await), refused("memberIds", "LIMIT_EXCEEDED"));
        let replaced = update(json!({ "memberIds": [grace] })).await;
        assert_eq!(replaced["team"]["members"], json!([{ "name": "grace" }]));
        house.ask(&viewer, DELETE, json!({ "id": grace })).await;
        assert_eq!(update(json!({})).await["team"]["members"], json!([]));
        let emptied = update(json!({ "memberIds": [ada] })).await;
        assert_eq!(emptied["team"]["members"], json!([{ "name": "ada" }]));
        let emptied = update(json!({ "memberIds": [] })).await;
        assert_eq!(emptied["team"]["members"], json!([]));
    })
    .await;
}

#[tokio::test]
async fn a_hundred_members_cost_as_many_statements_as_one() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let query =
            "{ members { teams { members { name } } } teams { members { teams { name } } } }";
        let mut costs = Vec::new();
        let mut members = Vec::new();
        for n in 0..100 {
            members.push(house.member(&viewer, &format!("m{n}"), "AGENT").await);
            if n % 10 == 0 {
                house.team(&viewer, &format!("t{n}"), &members).await;
            }
            if n == 0 || n == 99 {
                let before = house.db.statements();
                house.ask(&viewer, query, json!({})).await;
                costs.push(house.db.statements() - before);
            }
        }
        assert_eq!(costs, [3, 3]);
    })
    .await;
}
