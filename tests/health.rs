//! What answers without a token.

use crate::harness::both;
use reqwest::{StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};

both! {
    async fn livez_and_readyz_answer(t: &Harness) {
        for path in ["/livez", "/readyz"] {
            let response = t.http.get(t.url(path)).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK, "{path}");
        }
    }

    async fn without_a_valid_token_there_is_no_answer(t: &Harness) {
        let mistyped = t.owner.replace("rst_", "rst-");
        let unknown = format!("rst_{}", "0".repeat(38));
        let headers = [None, Some(String::new()), Some(t.owner.clone()), Some(format!("Bearer {mistyped}")), Some(format!("Bearer {unknown}"))];
        for header in headers {
            let mut request = t.http.post(t.url("/graphql")).json(&json!({ "query": "{ __typename }" }));
            if let Some(header) = &header {
                request = request.header(AUTHORIZATION, header);
            }
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{header:?}");
            let answer: Value = response.json().await.unwrap();
            assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAUTHENTICATED", "{answer:#}");
            assert_eq!(answer.get("data"), None, "{answer:#}");
        }
    }
}
