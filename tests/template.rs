//! Templates that the provider lists: fetched, and kept where it does not say what there is.

use crate::{broadcast_kit::Shop, harness::both};
use serde_json::{Value, json};

const SYNC: &str = "mutation ($id: ID!) { syncTemplates(input: { id: $id }) { templates { name } userErrors { field code message } } }";

async fn sync(shop: &Shop<'_>) -> Value {
    let id = json!({ "id": shop.channel });
    shop.t.data(&shop.t.owner, SYNC, id).await["syncTemplates"].take()
}

/// From now on the channel is opened by this key.
async fn set_key(shop: &Shop<'_>, key: &str) {
    let query = "mutation ($input: UpdateChannelInput!) { updateChannel(input: $input) { userErrors { code } } }";
    let input = json!({ "id": shop.channel, "credentials": { "apiKey": key } });
    let set = shop.t.data(&shop.t.owner, query, json!({ "input": input }));
    assert_eq!(set.await["updateChannel"]["userErrors"], json!([]));
}

both! {
    async fn an_answer_that_lists_nothing_deletes_nothing(t: &Harness) {
        let shop = Shop::open(t).await;
        assert_eq!(sync(&shop).await["templates"].as_array().unwrap().len(), 3);
        let list = "{ templates { id name updatedAt } }";
        let before = t.data(&t.owner, list, json!({})).await;
        set_key(&shop, "no-json").await;
        let refused = sync(&shop).await;
        let error = &refused["userErrors"][0];
        assert_eq!((&error["field"], &error["code"]), (&json!(["id"]), &json!("UNAVAILABLE")), "{refused:#}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("The provider answered 200 OK") && message.contains("no JSON"), "{message}");
        assert_eq!(t.data(&t.owner, list, json!({})).await, before);
        set_key(&shop, "key").await;
        assert_eq!(sync(&shop).await["userErrors"], json!([]));
        assert_eq!(t.data(&t.owner, list, json!({})).await, before);
    }
}
