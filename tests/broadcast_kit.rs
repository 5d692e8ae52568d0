//! What tests of broadcasts have in common: a channel, people, a broadcast, and its sends.

use crate::harness::{Harness, mock, until};
use serde_json::{Value, json};

/// What a send says of itself.
const SEND: &str = "id status failureMessage waitsFor progress { total done }
    counts { pending sending sent delivered read failed skipped unknown }";

/// A shop with a channel at the mock.
pub(crate) struct Shop<'a> {
    pub(crate) t: &'a Harness,
    pub(crate) channel: Value,
    /// Where its webhooks come to.
    pub(crate) webhooks: String,
}

/// Somebody with a number that asks the mock for nothing special.
pub(crate) fn number(n: usize) -> String {
    format!("+4915119{n:06}")
}

/// A number that asks the mock for something, by its last six digits.
pub(crate) fn trouble(asked: &str) -> String {
    format!("+4915112{asked}")
}

impl<'a> Shop<'a> {
    /// With a channel that was verified.
    pub(crate) async fn open(t: &'a Harness) -> Self {
        Self::with(t, json!({})).await
    }

    /// With these limits of its channel.
    pub(crate) async fn with(t: &'a Harness, limits: Value) -> Self {
        let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id webhookUrl } userErrors { field code message } } }";
        let mut input = json!({
            "kind": "WHATSAPP", "provider": "DIALOG_360", "name": "Shop", "rateLimit": 500,
            "settings": { "baseUrl": mock::url() }, "credentials": { "apiKey": "key" }
        });
        for (key, value) in limits.as_object().unwrap() {
            input[key] = value.clone();
        }
        let mut data = t.data(&t.owner, query, json!({ "input": input })).await;
        let made = data["createChannel"]["channel"].take();
        let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status } userErrors { code } } }";
        let id = json!({ "id": made["id"] });
        let verified = t.data(&t.owner, query, id).await;
        assert_eq!(
            verified["verifyChannel"]["channel"]["status"], "READY",
            "{verified:#}"
        );
        Self {
            t,
            channel: made["id"].clone(),
            webhooks: made["webhookUrl"].as_str().unwrap().to_owned(),
        }
    }

    /// A contact with this number on the channel; what else they have.
    pub(crate) async fn person(&self, number: &str, more: Value) -> Value {
        let query = "mutation ($contact: ContactFieldsInput!) { createContact(input: { contact: $contact }) { contact { id } userErrors { field code message } } }";
        let mut contact = json!({ "channels": [{ "channelId": self.channel, "address": number }] });
        for (key, value) in more.as_object().unwrap() {
            contact[key] = value.clone();
        }
        let made = self
            .t
            .data(&self.t.owner, query, json!({ "contact": contact }))
            .await;
        let id = made["createContact"]["contact"]["id"].clone();
        assert!(id.is_string(), "{made:#}");
        id
    }

    /// The template with three variables, fetched from the mock.
    pub(crate) async fn template(&self) -> Value {
        let query = "mutation ($id: ID!) { syncTemplates(input: { id: $id }) { templates { id name language } userErrors { code } } }";
        let synced = self
            .t
            .data(&self.t.owner, query, json!({ "id": self.channel }))
            .await;
        let templates = synced["syncTemplates"]["templates"].as_array().unwrap();
        let found = templates
            .iter()
            .find(|template| template["name"] == "spring_offer" && template["language"] == "en_US");
        found.unwrap()["id"].clone()
    }

    /// A template that is filled with a first name.
    pub(crate) async fn offer(&self) -> Value {
        json!({ "template": { "templateId": self.template().await, "variables": [
            { "name": "header.1", "value": "{{user.first_name}}", "fallback": "friend" },
            { "name": "1", "value": "{{attr.plan}}" },
            { "name": "2", "value": "20" }
        ] } })
    }

    /// The template without variables.
    pub(crate) async fn plain(&self) -> Value {
        self.template().await;
        let query = "{ templates(search: \"we_are_back\") { id } }";
        let found = self.t.data(&self.t.owner, query, json!({})).await;
        json!({ "template": { "templateId": found["templates"][0]["id"], "variables": [] } })
    }

    /// Makes a broadcast for everyone; its id.
    pub(crate) async fn broadcast(&self, content: Value) -> Value {
        let made = self
            .create(json!({ "title": "Spring", "everyone": true, "content": content }))
            .await;
        let id = made["broadcast"]["id"].clone();
        assert!(id.is_string(), "{made:#}");
        id
    }

    /// Makes a broadcast; what was answered.
    pub(crate) async fn create(&self, mut input: Value) -> Value {
        let query = "mutation ($input: CreateBroadcastInput!) { createBroadcast(input: $input) { broadcast { id } userErrors { field code message } } }";
        if input.get("channelId").is_none() {
            input["channelId"] = self.channel.clone();
        }
        self.t
            .data(&self.t.owner, query, json!({ "input": input }))
            .await["createBroadcast"]
            .take()
    }

    /// Sends a broadcast; what was answered.
    pub(crate) async fn ask_to_send(&self, input: Value) -> Value {
        let query = format!(
            "mutation ($input: SendBroadcastInput!) {{ sendBroadcast(input: $input) {{ broadcastSend {{ {SEND} }} userErrors {{ field code message }} }} }}"
        );
        self.t
            .data(&self.t.owner, &query, json!({ "input": input }))
            .await["sendBroadcast"]
            .take()
    }

    /// Sends a broadcast; the send's id.
    pub(crate) async fn send(&self, input: Value) -> Value {
        let sent = self.ask_to_send(input).await;
        let id = sent["broadcastSend"]["id"].clone();
        assert!(id.is_string(), "{sent:#}");
        id
    }

    /// What a send says of itself.
    pub(crate) async fn look(&self, send: &Value) -> Value {
        let query =
            format!("query ($id: ID!) {{ node(id: $id) {{ ... on BroadcastSend {{ {SEND} }} }} }}");
        let node = self
            .t
            .data(&self.t.owner, &query, json!({ "id": send }))
            .await["node"]
            .take();
        let counts = node["counts"].as_object().unwrap();
        let sum: i64 = counts.values().map(|count| count.as_i64().unwrap()).sum();
        assert_eq!(
            Some(sum),
            node["progress"]["total"].as_i64().or(Some(0)),
            "{node:#}"
        );
        node
    }

    /// Waits until a send is in a state; what it says then.
    pub(crate) async fn becomes(&self, send: &Value, status: &str) -> Value {
        self.t.work();
        until(&format!("the send to be {status}"), async || {
            self.look(send).await["status"] == status
        })
        .await;
        self.look(send).await
    }

    /// Pauses, resumes, cancels or tries a send again, by the mutation's name.
    pub(crate) async fn change(&self, mutation: &str, send: &Value) -> Value {
        let query = format!(
            "mutation ($id: ID!) {{ {mutation}(input: {{ id: $id }}) {{ broadcastSend {{ status }} userErrors {{ code message }} }} }}"
        );
        self.t
            .data(&self.t.owner, &query, json!({ "id": send }))
            .await[mutation]
            .take()
    }

    /// The ledger of a send, in the order in which it goes out.
    pub(crate) async fn ledger(&self, send: &Value) -> Vec<Value> {
        let query = "query ($id: ID!) { node(id: $id) { ... on BroadcastSend { deliveries(first: 500) { nodes {
            id contact { id } address status skipReason attempts error { code message retryable } providerMessageId sentAt deliveredAt readAt } } } } }";
        let mut data = self
            .t
            .data(&self.t.owner, query, json!({ "id": send }))
            .await;
        serde_json::from_value(data["node"]["deliveries"]["nodes"].take()).unwrap()
    }

    /// Tells by a webhook what became of a message, by our own name for it.
    pub(crate) async fn tell(&self, delivery: &Value, attempt: i64, status: &str, more: Value) {
        let mut event = json!({
            "id": delivery["providerMessageId"].as_str().unwrap_or("wamid.unknown"), "status": status, "timestamp": "1800000000",
            "recipient_id": "x", "biz_opaque_callback_data": format!("{}.{attempt}", delivery["id"].as_str().unwrap())
        });
        for (key, value) in more.as_object().unwrap() {
            event[key] = value.clone();
        }
        self.tell_all(json!([event])).await;
    }

    /// Tells all of this by one webhook, and waits until it is applied.
    pub(crate) async fn tell_all(&self, statuses: Value) {
        let body = json!({ "object": "whatsapp_business_account", "entry": [{ "id": "1", "changes": [
            { "field": "messages", "value": { "statuses": statuses } }] }] });
        let answer = reqwest::Client::new()
            .post(&self.webhooks)
            .body(body.to_string())
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        self.t.drained().await;
    }
}
