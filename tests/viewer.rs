//! Who is asking.

use crate::harness::{Harness, both};
use serde_json::{Value, json};

/// The member whose token it is.
pub(crate) async fn member(t: &Harness, token: &str) -> Value {
    let query = "{ viewer { member { id } } }";
    t.data(token, query, json!({})).await["viewer"]["member"]["id"].take()
}

/// A further token of a member, with less.
pub(crate) async fn restricted(
    t: &Harness,
    member: &Value,
    role: &str,
    restrictions: Value,
) -> String {
    let query = "mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let input =
        json!({ "name": "less", "role": role, "memberId": member, "restrictions": restrictions });
    let made = t.data(&t.owner, query, json!({ "input": input })).await;
    made["createApiToken"]["secret"]
        .as_str()
        .unwrap()
        .to_owned()
}

both! {
    async fn each_token_names_its_own_member(t: &Harness) {
        let people = [(&t.owner, "Owner", "OWNER"), (&t.manager, "Manager", "MANAGER"), (&t.agent, "Agent", "AGENT"), (&t.stranger, "Stranger", "OWNER")];
        for (token, name, role) in people {
            let data = t.data(token, "{ viewer { role restrictions member { name } } }", json!({})).await;
            let expected = json!({ "role": role, "restrictions": [], "member": { "name": name } });
            assert_eq!(data["viewer"], expected);
        }
    }
}
