//! Channels by the real program: what it may call, and what a new secret does to what the old one sealed.

use crate::harness::{Process, Site, both_kinds, mock};
use serde_json::{Value, json};

const OLD: &str = "the old secret, of more than 32 characters";
const NEW: &str = "the new secret, of more than 32 characters";

async fn make(server: &Process, base_url: &str) -> Value {
    let query = "mutation ($input: CreateChannelInput!) { createChannel(input: $input) { channel { id } userErrors { field code } } }";
    let input = json!({
        "kind": "WHATSAPP", "provider": "DIALOG_360", "name": base_url,
        "settings": { "baseUrl": base_url }, "credentials": { "apiKey": "key-of-the-shop" }
    });
    server.ask(query, json!({ "input": input })).await["createChannel"].take()
}

async fn verify(server: &Process, id: &Value) -> Value {
    let query = "mutation ($id: ID!) { verifyChannel(input: { id: $id }) { channel { status lastError } userErrors { code } } }";
    server.ask(query, json!({ "id": id })).await["verifyChannel"].take()
}

both_kinds! {
    async fn nothing_private_is_called_unless_the_operator_allows_it(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&[]).await;
        for url in ["https://127.0.0.1", "https://10.1.2.3/x", "https://[::1]", "https://2130706433", "http://example.com"] {
            let refused = make(&server, url).await;
            assert_eq!(refused["userErrors"], json!([{ "field": ["settings", "baseUrl"], "code": "INVALID" }]), "{url}");
        }
        // Only the name's resolution tells.
        let made = make(&server, "https://localhost").await;
        let failing = verify(&server, &made["channel"]["id"]).await;
        let said = json!({ "status": "FAILING", "lastError": "URL_REFUSED: The host's name leads to no public address." });
        assert_eq!(failing["channel"], said);
        server.stop().await;
        site.finish().await;
    }

    async fn a_new_secret_reads_what_the_old_one_sealed(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&["--allow-private-addresses", "--secret", OLD]).await;
        let made = make(&server, mock::url()).await;
        let id = &made["channel"]["id"];
        assert_eq!(verify(&server, id).await["channel"]["status"], "READY");
        server.stop().await;

        let lost = site.serve(&["--allow-private-addresses", "--secret", NEW]).await;
        assert_eq!(verify(&lost, id).await["userErrors"], json!([{ "code": "INVALID" }]));
        assert!(lost.stderr().contains("--old-secret"), "{}", lost.stderr());
        lost.stop().await;

        let both = site.serve(&["--allow-private-addresses", "--secret", NEW, "--old-secret", OLD]).await;
        assert_eq!(verify(&both, id).await["channel"]["status"], "READY");
        assert!(!both.stderr().contains("key-of-the-shop"), "{}", both.stderr());
        both.stop().await;

        // That start has sealed everything anew.
        let new = site.serve(&["--allow-private-addresses", "--secret", NEW]).await;
        assert_eq!(verify(&new, id).await["channel"]["status"], "READY");
        new.stop().await;
        site.finish().await;
    }
}
