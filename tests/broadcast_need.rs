//! What broadcasts, blocks and sends name is not deleted while they do.

use crate::{
    broadcast_kit::Shop,
    harness::{Harness, both},
};
use serde_json::{Value, json};

/// A tag, a segment and an attribute.
struct Named {
    tag: Value,
    segment: Value,
    attribute: Value,
}

impl Named {
    async fn make(t: &Harness) -> Self {
        let query = "mutation {
            createTag(input: { name: \"VIP\" }) { tag { id } }
            createSegment(input: { name: \"Gold\", rules: [{ filter: {} }] }) { segment { id } }
            createAttribute(input: { key: \"plan\", type: TEXT }) { attribute { id } } }";
        let made = t.data(&t.owner, query, json!({})).await;
        Self {
            tag: made["createTag"]["tag"]["id"].clone(),
            segment: made["createSegment"]["segment"]["id"].clone(),
            attribute: made["createAttribute"]["attribute"]["id"].clone(),
        }
    }

    /// Tries to delete them; why each is kept, or what was deleted.
    async fn delete(&self, t: &Harness) -> Vec<String> {
        let mut said = Vec::new();
        for (mutation, id) in [
            ("deleteTag", &self.tag),
            ("deleteSegment", &self.segment),
            ("deleteAttribute", &self.attribute),
        ] {
            said.push(delete(t, mutation, id).await);
        }
        said
    }
}

/// Tries to delete something; why it is kept, or its id.
async fn delete(t: &Harness, mutation: &str, id: &Value) -> String {
    let query = format!(
        "mutation ($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ deletedId userErrors {{ code message }} }} }}"
    );
    let payload = t.data(&t.owner, &query, json!({ "id": id })).await[mutation].take();
    match payload["deletedId"].as_str() {
        Some(id) => id.to_owned(),
        None => payload["userErrors"].to_string(),
    }
}

fn are_kept_by(said: &[String], name: &str) -> bool {
    let mut said = said.iter();
    said.all(|said| said.contains("IN_USE") && said.contains(name))
}

both! {
    async fn what_a_broadcast_names_is_kept_and_so_is_what_its_send_took_from_it(t: &Harness) {
        let (shop, named) = (Shop::open(t).await, Named::make(t).await);
        let filter = json!({ "and": [{ "tags": { "anyOf": [named.tag] } }, { "segments": { "anyOf": [named.segment] } }] });
        let made = shop.create(json!({ "title": "Spring", "everyone": true, "filter": filter, "content": { "text": "Hi {{attr.plan}}" } })).await;
        let id = &made["broadcast"]["id"];
        let said = named.delete(t).await;
        assert!(are_kept_by(&said, "Spring"), "{said:?}");

        // A send has what its broadcast said when it was asked for.
        let send = shop.send(json!({ "id": id })).await;
        let query = "mutation ($id: ID!) { updateBroadcast(input: { id: $id, filter: null, content: { text: \"Hi\" } }) { userErrors { code } } }";
        let changed = t.data(&t.owner, query, json!({ "id": id })).await;
        assert_eq!(changed["updateBroadcast"]["userErrors"], json!([]));
        let said = named.delete(t).await;
        assert!(are_kept_by(&said, "that has not"), "{said:?}");

        shop.change("cancelBroadcastSend", &send).await;
        assert_eq!(json!(named.delete(t).await), json!([named.tag, named.segment, named.attribute]));
        t.drained().await;
    }

    async fn an_attribute_that_a_block_names_is_kept(t: &Harness) {
        let named = Named::make(t).await;
        let query = "mutation { createBlock(input: { name: \"Welcome\", messages: [\"Hi\", \"Your plan is {{attr.plan}}.\"] }) { block { id } } }";
        let made = t.data(&t.owner, query, json!({})).await;
        let said = delete(t, "deleteAttribute", &named.attribute).await;
        assert!(are_kept_by(std::slice::from_ref(&said), "Welcome"), "{said}");
        let block = &made["createBlock"]["block"]["id"];
        assert_eq!(json!(delete(t, "deleteBlock", block).await), *block);
        assert_eq!(json!(delete(t, "deleteAttribute", &named.attribute).await), named.attribute);
        t.drained().await;
    }
}
