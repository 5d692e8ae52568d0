//! Who is asking.

use crate::harness::both;
use serde_json::json;

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
