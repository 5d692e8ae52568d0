//! What only looks: the number, the templates.

use crate::accept::{is_known, unknown};
use axum::{
    Json,
    extract::Path,
    http::HeaderMap,
    response::{Html, IntoResponse, Response},
};
use serde_json::{Value, json};

pub(crate) async fn number(Path((_, id)): Path<(String, String)>, headers: HeaderMap) -> Response {
    if !is_known(&headers, "authorization") {
        return unknown();
    }
    Json(json!({ "id": id, "display_phone_number": "+49 30 5550100", "verified_name": "Mock" }))
        .into_response()
}

pub(crate) async fn templates_of_meta(headers: HeaderMap) -> Response {
    if !is_known(&headers, "authorization") {
        return unknown();
    }
    Json(json!({ "data": templates(), "paging": { "cursors": { "before": "a", "after": "b" } } }))
        .into_response()
}

pub(crate) async fn templates_of_360dialog(headers: HeaderMap) -> Response {
    if !is_known(&headers, "d360-api-key") {
        return unknown();
    }
    let key = headers.get("d360-api-key");
    let key = key.and_then(|key| key.to_str().ok());
    let templates = match key.unwrap_or_default() {
        "no-json" => return Html("<h1>Back soon</h1>").into_response(),
        "no-templates" => json!([]),
        _ => templates(),
    };
    let count = templates.as_array().map_or(0, Vec::len);
    Json(json!({ "waba_templates": templates, "count": count, "total": count })).into_response()
}

/// One that may be sent with three variables, one without any, one that may not be sent.
fn templates() -> Value {
    json!([
        {
            "id": "1", "name": "spring_offer", "language": "en_US", "status": "APPROVED", "category": "MARKETING",
            "components": [
                { "type": "HEADER", "format": "TEXT", "text": "Hello {{1}}" },
                { "type": "BODY", "text": "Your plan {{1}} is {{2}} % off." },
                { "type": "FOOTER", "text": "Reply STOP to hear no more." }
            ]
        },
        {
            "id": "2", "name": "we_are_back", "language": "en_US", "status": "APPROVED", "category": "UTILITY",
            "components": [{ "type": "BODY", "text": "We are back." }]
        },
        {
            "id": "3", "name": "spring_offer", "language": "de", "status": "PENDING", "category": "MARKETING",
            "components": [{ "type": "BODY", "text": "Ihr Tarif {{1}} ist {{2}} % billiger." }]
        }
    ])
}
