//! Agents: their conversations and the contacts in them, and nothing else.

use crate::{
    broadcast_kit::{Shop, number},
    harness::{Harness, both, until},
    talk::writes,
    viewer::{member, restricted},
};
use serde_json::{Value, json};

const ASSIGN: &str =
    "mutation ($id: ID!, $to: ID) { assignConversation(input: { id: $id, assigneeId: $to }) {
    conversation { assignee { name } } userErrors { field code } } }";
const CLOSE: &str = "mutation ($id: ID!) { closeConversation(input: { id: $id }) { conversation { status } userErrors { field code } } }";
const SEND: &str = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { message { status } userErrors { field code } } }";

/// Ann has written to the shop and is the agent's; Bob has written, too, and is nobody's.
struct Desk<'a> {
    shop: Shop<'a>,
    ann: Value,
    bob: Value,
    /// Their conversations.
    talks: [Value; 2],
}

impl<'a> Desk<'a> {
    async fn open(t: &'a Harness) -> Self {
        let shop = Shop::open(t).await;
        let agent = member(t, &t.agent).await;
        let [ann, bob] = [
            shop.person(
                &number(1),
                json!({ "firstName": "Ann", "assigneeId": agent }),
            )
            .await,
            shop.person(&number(2), json!({ "firstName": "Bob" })).await,
        ];
        writes(&shop, &number(1), "I am Ann").await;
        writes(&shop, &number(2), "I am Bob").await;
        let query = "{ conversations { nodes { id number } } }";
        let all = t.data(&t.owner, query, json!({})).await;
        let nodes = &all["conversations"]["nodes"];
        let of = |number: i64| {
            let mut nodes = nodes.as_array().unwrap().iter();
            let found = nodes.find(|node| node["number"] == number).unwrap();
            found["id"].clone()
        };
        let talks = [of(1), of(2)];
        Self {
            shop,
            ann,
            bob,
            talks,
        }
    }

    async fn assign(&self, talk: usize, to: &Value) -> Value {
        let t = self.shop.t;
        let given = json!({ "id": self.talks[talk], "to": to });
        t.data(&t.owner, ASSIGN, given).await["assignConversation"].take()
    }

    async fn send(&self, token: &str, to: &Value) -> Value {
        let text = json!({ "text": "Hello {{user.first_name}}" });
        let input = json!({ "contactId": to, "channelId": self.shop.channel, "content": text });
        let sent = self.shop.t.data(token, SEND, json!({ "input": input }));
        sent.await["sendMessage"].take()
    }
}

/// What somebody finds of conversations: in the list, by these ids, and by these contacts.
async fn found(t: &Harness, token: &str, ids: &[&Value], people: &[&Value]) -> Value {
    let list = "query ($ids: [ID!]!) { conversations { nodes { number contact { firstName } } }
        nodes(ids: $ids) { __typename } }";
    let mut found = t.data(token, list, json!({ "ids": ids })).await;
    let messages = "query ($id: ID!) { messages(contactId: $id) { nodes { text } }
        conversations(contactId: $id) { nodes { number } } }";
    let mut said = Vec::new();
    for id in people {
        said.push(t.data(token, messages, json!({ "id": id })).await);
    }
    found["said"] = said.into();
    found
}

both! {
    async fn an_agent_sees_their_own_conversations_and_no_others(t: &Harness) {
        let desk = Desk::open(t).await;
        let [anns, bobs] = &desk.talks;
        let seen = found(t, &t.agent, &[anns, bobs, &desk.ann, &desk.bob], &[&desk.ann, &desk.bob]).await;
        assert_eq!(seen, json!({
            "conversations": { "nodes": [{ "number": 1, "contact": { "firstName": "Ann" } }] },
            "nodes": [{ "__typename": "Conversation" }, null, { "__typename": "Contact" }, null],
            "said": [
                { "messages": { "nodes": [{ "text": "I am Ann" }] }, "conversations": { "nodes": [{ "number": 1 }] } },
                { "messages": { "nodes": [] }, "conversations": { "nodes": [] } },
            ],
        }));
        let query = "query ($id: ID!) { messages(conversationId: $id) { nodes { id text broadcast { title } } } }";
        let [own, foreign] = [anns, bobs].map(|id| t.data(&t.agent, query, json!({ "id": id })));
        assert_eq!((own.await["messages"]["nodes"][0]["text"].take(), foreign.await), (json!("I am Ann"), json!({ "messages": { "nodes": [] } })));
        // What the contact shows of itself.
        let query = "query ($id: ID!) { node(id: $id) { ... on Contact { displayName phone assignee { name } tags { name contactCount } team { name }
            channels { address serviceWindowEndsAt } cells(columns: [\"name\", \"assignee\"]) { text } lastConversation { number } conversations { nodes { number } } } } }";
        let shown = t.data(&t.agent, query, json!({ "id": desk.ann })).await;
        assert_eq!((&shown["node"]["channels"][0]["address"], &shown["node"]["lastConversation"]["number"]), (&json!(number(1)), &json!(1)));
        let query = "query ($id: ID!) { node(id: $id) { ... on Contact { segments { id } } } }";
        let answer = t.graphql(&t.agent, query, json!({ "id": desk.ann })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer:#}");
        for module in ["contacts { nodes { id } }", "segments { nodes { id } }", "broadcasts { nodes { id } }", "tags { nodes { id } }", "exports { nodes { id } }"] {
            let answer = t.graphql(&t.agent, &format!("{{ {module} }}"), json!({})).await;
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{module}");
        }
        // A token of an agent's role that is no member's has no conversations.
        let scripts = "mutation { createApiToken(input: { name: \"bot\", role: AGENT }) { secret } }";
        let script = t.data(&t.owner, scripts, json!({})).await["createApiToken"]["secret"].take();
        let nothing = found(t, script.as_str().unwrap(), &[anns, &desk.ann], &[&desk.ann]).await;
        assert_eq!((&nothing["conversations"]["nodes"], &nothing["nodes"]), (&json!([]), &json!([null, null])));
    }

    async fn an_agent_answers_and_closes_their_own(t: &Harness) {
        let desk = Desk::open(t).await;
        let sent = desk.send(&t.agent, &desk.ann).await;
        assert_eq!(sent, json!({ "message": { "status": "PENDING" }, "userErrors": [] }));
        let foreign = desk.send(&t.agent, &desk.bob).await;
        let nowhere = desk.send(&t.agent, &json!("contact_987654")).await;
        assert_eq!((&foreign["userErrors"], &foreign), (&json!([{ "field": ["contactId"], "code": "NOT_FOUND" }]), &nowhere));
        let [anns, bobs] = desk.talks.clone();
        let not_found = json!({ "conversation": null, "userErrors": [{ "field": ["id"], "code": "NOT_FOUND" }] });
        assert_eq!(t.data(&t.agent, CLOSE, json!({ "id": bobs })).await["closeConversation"], not_found);
        let closed = t.data(&t.agent, CLOSE, json!({ "id": anns })).await;
        assert_eq!(closed["closeConversation"]["conversation"]["status"], "CLOSED");
        // What they open is theirs.
        assert_eq!(desk.send(&t.agent, &desk.ann).await["userErrors"], json!([]));
        t.drained().await;
        let query = "{ conversations { nodes { number status assignee { name } } } }";
        let list = t.data(&t.agent, query, json!({})).await;
        assert_eq!(list["conversations"]["nodes"], json!([
            { "number": 3, "status": "OPEN", "assignee": { "name": "Agent" } },
            { "number": 1, "status": "CLOSED", "assignee": { "name": "Agent" } },
        ]));
        // The open one is taken from them: they still know her by the other, and have no part in it.
        let query = "query ($id: ID!) { conversations(contactId: $id, status: [OPEN]) { nodes { id } } }";
        let open = t.data(&t.owner, query, json!({ "id": desk.ann })).await["conversations"]["nodes"][0]["id"].take();
        let taken = t.data(&t.owner, ASSIGN, json!({ "id": open, "to": null })).await;
        assert_eq!(taken["assignConversation"], json!({ "conversation": { "assignee": null }, "userErrors": [] }));
        let refused = desk.send(&t.agent, &desk.ann).await;
        assert_eq!(refused["userErrors"], json!([{ "field": ["contactId"], "code": "CONFLICT" }]));
        let seen = found(t, &t.agent, &[&open, &anns, &desk.ann], &[&desk.ann]).await;
        assert_eq!(seen["nodes"], json!([null, { "__typename": "Conversation" }, { "__typename": "Contact" }]));
        let said = seen["said"][0]["messages"]["nodes"].as_array().unwrap();
        assert_eq!(said.len(), 2, "those of the closed one alone: {said:#?}");
        let mine = t.graphql(&t.agent, ASSIGN, json!({ "id": anns, "to": null })).await;
        assert_eq!(mine["errors"][0]["extensions"]["code"], "FORBIDDEN");
    }

    async fn conversations_are_assigned(t: &Harness) {
        let desk = Desk::open(t).await;
        let agent = member(t, &t.agent).await;
        assert_eq!(desk.assign(1, &agent).await, json!({ "conversation": { "assignee": { "name": "Agent" } }, "userErrors": [] }));
        assert_eq!(desk.assign(1, &json!("member_987654")).await["userErrors"], json!([{ "field": ["assigneeId"], "code": "NOT_FOUND" }]));
        let seen = found(t, &t.agent, &[&desk.bob], &[&desk.bob]).await;
        assert_eq!((&seen["nodes"][0]["__typename"], seen["conversations"]["nodes"].as_array().unwrap().len()), (&json!("Contact"), 2));
        assert_eq!(desk.assign(1, &Value::Null).await["conversation"]["assignee"], Value::Null);
        let seen = found(t, &t.agent, &[&desk.bob], &[&desk.bob]).await;
        assert_eq!((&seen["nodes"][0], &seen["said"][0]["messages"]["nodes"]), (&Value::Null, &json!([])));
    }

    async fn what_is_masked_is_masked_for_agents(t: &Harness) {
        let desk = Desk::open(t).await;
        let agent = member(t, &t.agent).await;
        let masked = restricted(t, &agent, "AGENT", json!(["MASK_PHONE_AND_EMAIL"])).await;
        let query = "{ conversations { nodes { contact { displayName phone channels { address } } } } }";
        let seen = t.data(&masked, query, json!({})).await;
        let contact = json!({ "displayName": "Ann", "phone": null, "channels": [{ "address": "hidden" }] });
        assert_eq!(seen["conversations"]["nodes"], json!([{ "contact": contact }]));
        let text = json!({ "text": "Your number is {{user.phone_no}}." });
        let input = json!({ "contactId": desk.ann, "channelId": desk.shop.channel, "content": text });
        let update = "mutation ($id: ID!, $phone: String) { updateContact(input: { id: $id, contact: { phone: $phone } }) { userErrors { code } } }";
        t.data(&t.owner, update, json!({ "id": desk.ann, "phone": number(1) })).await;
        assert_eq!(t.data(&masked, SEND, json!({ "input": input })).await["sendMessage"]["userErrors"], json!([]));
        t.drained().await;
        let seen = found(t, &masked, &[], &[&desk.ann]).await;
        assert_eq!(seen["said"][0]["messages"]["nodes"][0]["text"], "Your number is hidden.");
        // Narrowed as well, they see the contacts who are theirs by both.
        desk.assign(1, &agent).await;
        let narrowed = restricted(t, &agent, "AGENT", json!(["ONLY_ASSIGNED_CONTACTS"])).await;
        let seen = found(t, &narrowed, &[&desk.talks[0], &desk.talks[1]], &[]).await;
        assert_eq!(seen["nodes"], json!([{ "__typename": "Conversation" }, null]));
    }

    async fn an_agent_hears_of_their_own_alone(t: &Harness) {
        let desk = Desk::open(t).await;
        let agent = member(t, &t.agent).await;
        t.drained().await;
        let before = t.db.hub().listeners();
        let mut messages = t.subscribe(&t.agent, "subscription { messageChanged { text } }", json!({})).await;
        let mut talks = t.subscribe(&t.agent, "subscription { conversationChanged { number status } }", json!({})).await;
        until("both to listen", async || t.db.hub().listeners() >= before + 2).await;
        until("a moment to pass", async || { let now = t.db.statements(); tokio::time::sleep(std::time::Duration::from_millis(50)).await; t.db.statements() == now }).await;
        writes(&desk.shop, &number(2), "Again Bob").await;
        writes(&desk.shop, &number(1), "Again Ann").await;
        let told = messages.until(|event| event["data"]["messageChanged"]["text"] == "Again Ann").await;
        assert_eq!(told.len(), 1, "{told:#?}");
        desk.assign(1, &agent).await;
        writes(&desk.shop, &number(2), "Now yours").await;
        let told = messages.until(|event| event["data"]["messageChanged"]["text"] == "Now yours").await;
        assert!(told.iter().all(|event| event["data"]["messageChanged"]["text"] != "Again Ann"), "{told:#?}");
        let told = talks.until(|event| event["data"]["conversationChanged"]["number"] == 2).await;
        assert_eq!(told.len(), 1, "{told:#?}");
        t.drained().await;
    }
}
