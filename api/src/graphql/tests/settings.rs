//! The workspace's settings, channels and tokens.

use super::harness::{both, with};
use domain::token;
use entity::role::{Restriction, Role};
use serde_json::{Value as Json, json};

#[tokio::test]
async fn a_workspace_is_changed() {
    both(async |house| {
        let owner = house.owner("mine").await;
        house.owner("taken").await;
        let query = "mutation ($input: UpdateWorkspaceInput!) { updateWorkspace(input: $input) {
            workspace { name defaultCountry timeZone broadcastListRowLimit } userErrors { field code }
        } workspace: __typename }";
        let update = async |input: Json| {
            let data = house.ask(&owner, query, json!({ "input": input })).await;
            data["updateWorkspace"].clone()
        };
        let done = update(json!({ "name": " New ", "defaultCountry": "de", "timeZone": "Europe/Berlin", "broadcastListRowLimit": 5 })).await;
        let changed = json!({ "name": "New", "defaultCountry": "DE", "timeZone": "Europe/Berlin", "broadcastListRowLimit": 5 });
        assert_eq!(done, json!({ "workspace": changed, "userErrors": [] }));
        let done = update(json!({ "defaultCountry": null, "name": null })).await;
        assert_eq!(done["workspace"]["defaultCountry"], Json::Null);
        assert_eq!(done["workspace"]["name"], "New");
        for (input, field, code) in [
            (json!({ "name": "taken" }), "name", "TAKEN"),
            (json!({ "name": " " }), "name", "INVALID"),
            (json!({ "broadcastListRowLimit": 0 }), "broadcastListRowLimit", "INVALID"),
        ] {
            let refused = update(input).await;
            assert_eq!(refused, json!({ "workspace": null, "userErrors": [{ "field": [field], "code": code }] }));
        }
        for wrong in [json!({ "timeZone": "Mars/Olympus" }), json!({ "defaultCountry": "Germany" }), json!({ "defaultCountry": 49 })] {
            let answer = house.answer(&owner, query, json!({ "input": wrong })).await;
            assert_eq!(answer["errors"].as_array().map(Vec::len), Some(1), "{answer}");
            assert_eq!(answer["data"], Json::Null);
        }
    })
    .await;
}

#[tokio::test]
async fn channels_are_made_and_changed() {
    both(async |house| {
        let owner = house.owner("mine").await;
        let create = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) {
            channel { id name kind provider status } userErrors { field code }
        } }";
        let input = json!({ "kind": "WHATSAPP", "provider": "DIALOG_360", "name": "Main" });
        let made = house.ask(&owner, create, json!({ "input": input })).await["createChannel"]["channel"].take();
        assert_eq!(made["status"], "UNVERIFIED");
        assert_eq!((&made["kind"], &made["provider"]), (&json!("WHATSAPP"), &json!("DIALOG_360")));
        for (input, field, code) in [
            (json!({ "kind": "SMS", "provider": "HTTP", "name": "MAIN" }), "name", "TAKEN"),
            (json!({ "kind": "SMS", "provider": "WHATSAPP_CLOUD", "name": "x" }), "provider", "INVALID"),
        ] {
            let refused = house.ask(&owner, create, json!({ "input": input })).await;
            assert_eq!(refused["createChannel"], json!({ "channel": null, "userErrors": [{ "field": [field], "code": code }] }));
        }
        let update = "mutation ($id: ID!) { updateChannel(input: {id: $id, name: \"Shop\", disabled: true}) { channel { name status } } }";
        let done = house.ask(&owner, update, json!({ "id": made["id"] })).await;
        assert_eq!(done["updateChannel"]["channel"], json!({ "name": "Shop", "status": "DISABLED" }));
        let data = house.ask(&owner, "{ channels { name status } }", json!({})).await;
        assert_eq!(data["channels"], json!([{ "name": "Shop", "status": "DISABLED" }]));
    })
    .await;
}

#[tokio::test]
async fn a_token_is_made_used_and_revoked() {
    both(async |house| {
        let owner = with(&house.owner("mine").await, Role::Owner, &[Restriction::NoContactDelete]);
        let create = "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) {
            apiToken { id name role restrictions prefix createdAt lastUsedAt expiresAt } secret userErrors { field code }
        } }";
        let input = json!({ "name": "CI", "role": "MANAGER", "restrictions": ["NO_IMPORT"], "expiresAt": "2999-01-01T00:00:00+01:00" });
        let made = house.ask(&owner, create, json!({ "input": input })).await["createApiToken"].take();
        let token = &made["apiToken"];
        // Whoever may not delete cannot make a token that may.
        assert_eq!(token["restrictions"], json!(["NO_CONTACT_DELETE", "NO_IMPORT"]));
        assert_eq!(token["expiresAt"], "2998-12-31T23:00:00Z");
        let secret = made["secret"].as_str().unwrap();
        assert!(secret.starts_with(token["prefix"].as_str().unwrap()));

        let viewer = token::authenticate(&house.db, secret).await.unwrap().unwrap();
        let data = house.ask(&viewer, "{ viewer { role restrictions member { id } token { id lastUsedAt } workspace { name } } }", json!({})).await;
        assert_eq!(data["viewer"]["token"]["id"], token["id"]);
        assert!(data["viewer"]["token"]["lastUsedAt"].is_string());
        assert_eq!(data["viewer"]["role"], "MANAGER");
        assert_eq!(data["viewer"]["restrictions"], json!(["NO_CONTACT_DELETE", "NO_IMPORT"]));
        assert_eq!((&data["viewer"]["member"], &data["viewer"]["workspace"]["name"]), (&Json::Null, &json!("mine")));

        let refused = house.ask(&owner, create, json!({ "input": { "name": "", "role": "AGENT" } })).await;
        assert_eq!(refused["createApiToken"], json!({ "apiToken": null, "secret": null, "userErrors": [{ "field": ["name"], "code": "INVALID" }] }));
        let revoke = "mutation ($id: ID!) { revokeApiToken(input: {id: $id}) { deletedId userErrors { code } } }";
        let done = house.ask(&owner, revoke, json!({ "id": token["id"] })).await;
        assert_eq!(done["revokeApiToken"]["deletedId"], token["id"]);
        assert!(token::authenticate(&house.db, secret).await.unwrap().is_none());
        let data = house.ask(&owner, "query ($id: ID!) { apiTokens { id } node(id: $id) { id } }", json!({ "id": token["id"] })).await;
        assert_eq!(data, json!({ "apiTokens": [], "node": null }));
    })
    .await;
}
