//! Who is told of a request for support, and how whoever asks hears of those who are not.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const ASK: &str = "mutation ($input: RequestSupportInput!) { requestSupport(input: $input) { conversation { number } told notTold userErrors { field code } } }";

async fn ask(shop: &Shop<'_>, contact: &Value) -> Value {
    let input = json!({ "contactId": contact, "channelId": shop.channel });
    let asked = shop.t.data(&shop.t.owner, ASK, json!({ "input": input }));
    asked.await["requestSupport"].take()
}

/// Operators get the template without variables where no text reaches them.
async fn set_template(shop: &Shop<'_>) {
    let query = "mutation ($template: TemplateContentInput) { updateWorkspace(input: { supportTemplate: $template }) { userErrors { code } } }";
    let template = shop.plain().await["template"].take();
    let set = shop
        .t
        .data(&shop.t.owner, query, json!({ "template": template }));
    assert_eq!(set.await["updateWorkspace"]["userErrors"], json!([]));
}

/// Messages that the provider has taken, and their recipients.
async fn sent(t: &Harness) -> (i64, i64) {
    let sql = "SELECT count(*) AS number, count(DISTINCT contact_id) AS people FROM message WHERE status = 'SENT'";
    let statement = Statement::from_string(t.db.backend(), sql);
    let row = t.db.read().query_one_raw(statement).await.unwrap().unwrap();
    (
        row.try_get("", "number").unwrap(),
        row.try_get("", "people").unwrap(),
    )
}

both! {
    async fn every_operator_is_told_and_who_is_not_is_counted(t: &Harness) {
        let shop = Shop::open(t).await;
        set_template(&shop).await;
        let operator = json!({ "receivesSupportRequests": true });
        for n in 1..=103 {
            shop.person(&number(n), operator.clone()).await;
        }
        let query = "mutation { createContact(input: { contact: { firstName: \"Nowhere\", receivesSupportRequests: true } }) { contact { id } } }";
        t.data(&t.owner, query, json!({})).await;
        for (n, field, value) in [(104, "status", json!("INACTIVE")), (105, "blocked", json!(true)), (106, "receivesSupportRequests", json!(false))] {
            let mut other = operator.clone();
            other[field] = value;
            shop.person(&number(n), other).await;
        }
        let ann = shop.person(&number(200), operator.clone()).await;
        let asked = ask(&shop, &ann).await;
        assert_eq!(asked, json!({ "conversation": { "number": 1 }, "told": 103, "notTold": 1, "userErrors": [] }));
        t.drained().await;
        assert_eq!(sent(t).await, (103, 103));
        let refused = ask(&shop, &json!("contact_987654")).await;
        assert_eq!(refused, json!({ "conversation": null, "told": 0, "notTold": 0, "userErrors": [{ "field": ["contactId"], "code": "NOT_FOUND" }] }));
    }

    async fn a_template_that_the_provider_lists_no_more_tells_nobody_and_that_is_told(t: &Harness) {
        let shop = Shop::open(t).await;
        set_template(&shop).await;
        shop.person(&number(1), json!({ "receivesSupportRequests": true })).await;
        let ann = shop.person(&number(2), json!({})).await;
        assert_eq!(ask(&shop, &ann).await["told"], 1);
        t.drained().await;
        let query = "mutation ($id: ID!, $set: UpdateChannelInput!) { updateChannel(input: $set) { userErrors { code } }
            verifyChannel(input: { id: $id }) { channel { status } }
            syncTemplates(input: { id: $id }) { templates { id } userErrors { code } } }";
        let set = json!({ "id": shop.channel, "credentials": { "apiKey": "no-templates" } });
        let done = t.data(&t.owner, query, json!({ "id": shop.channel, "set": set })).await;
        assert_eq!(done["verifyChannel"]["channel"]["status"], "READY");
        assert_eq!(done["syncTemplates"], json!({ "templates": [], "userErrors": [] }));
        let asked = ask(&shop, &ann).await;
        assert_eq!((&asked["told"], &asked["notTold"], &asked["userErrors"]), (&json!(0), &json!(1), &json!([])));
        t.drained().await;
        assert_eq!(sent(t).await, (1, 1));
    }
}
