//! Roles and restrictions are walls.

use super::{
    furniture::{KINDS, furnish, nodes},
    harness::{both, introspect, with},
    wall::FIELDS,
};
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};
use std::{collections::BTreeSet, time::Duration};

#[tokio::test]
async fn every_field_has_its_wall() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let viewers = [
            with(&owner, Role::Owner, &[]),
            with(&owner, Role::Manager, &[]),
            with(&owner, Role::Agent, &[]),
            with(&owner, Role::Owner, &[Restriction::NoContactDelete]),
            with(&owner, Role::Owner, &[Restriction::NoImport]),
            with(&owner, Role::Owner, &[Restriction::NoExport]),
            with(&owner, Role::Owner, &[Restriction::NoBroadcast]),
            with(&owner, Role::Owner, &[Restriction::NoWorkspaceSettings]),
            with(&owner, Role::Owner, &[Restriction::OnlyAssignedContacts]),
            with(&owner, Role::Owner, &[Restriction::MaskPhoneAndEmail]),
        ];
        for (name, wall, request) in FIELDS {
            for viewer in &viewers {
                let answer = house.answer(viewer, request, json!({}));
                // A subscription that lets its viewer in may have nothing to say.
                let answer = tokio::time::timeout(Duration::from_millis(500), answer).await;
                let answer = answer.unwrap_or_default();
                let code = &answer["errors"][0]["extensions"]["code"];
                let who = (viewer.role, &viewer.restrictions);
                assert_eq!(
                    *code == "FORBIDDEN",
                    wall.turns_away(viewer),
                    "{name} {who:?} {code}"
                );
            }
        }
    })
    .await;
}

#[tokio::test]
async fn every_field_is_tried() {
    let query = "{ __schema {
        queryType { fields { name } } mutationType { fields { name } } subscriptionType { fields { name } }
    } }";
    let schema = introspect(query).await;
    let roots = ["queryType", "mutationType", "subscriptionType"];
    let fields = roots.map(|root| schema["__schema"][root]["fields"].as_array().unwrap());
    let there = fields
        .into_iter()
        .flatten()
        .map(|field| field["name"].as_str().unwrap());
    let tried = FIELDS.iter().map(|(name, ..)| *name);
    assert_eq!(there.collect::<BTreeSet<_>>(), tried.collect());
}

#[tokio::test]
async fn what_the_viewer_may_not_see_is_null() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let own = furnish(&house, &mine).await;
        let agent = nodes(&house, &with(&mine, Role::Agent, &[]), &own).await;
        for (node, (kind, _)) in agent.iter().zip(KINDS) {
            let visible = ["workspace", "member", "template", "block"].contains(&kind);
            assert_eq!(!node.is_null(), visible, "{kind}");
        }
        let restricted = with(&mine, Role::Owner, &[Restriction::NoWorkspaceSettings]);
        let seen = nodes(&house, &restricted, &own).await;
        for (node, (kind, _)) in seen.iter().zip(KINDS) {
            assert_eq!(node.is_null(), kind == "token", "{kind}");
        }
    })
    .await;
}

#[tokio::test]
async fn who_may_not_delete_learns_nothing_by_trying() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let id = house.contact(&owner, json!({ "name": "Ada" })).await;
        let restricted = with(&owner, Role::Owner, &[Restriction::NoContactDelete]);
        let query = "mutation ($id: ID!) { deleteContact(input: {id: $id}) { deletedId } }";
        for id in [id.as_str(), "contact_9", "nonsense"] {
            let answer = house.answer(&restricted, query, json!({ "id": id })).await;
            assert_eq!(
                answer["errors"][0]["extensions"],
                json!({ "code": "FORBIDDEN" })
            );
            assert_eq!(answer["data"], Json::Null);
        }
    })
    .await;
}
