//! What a choice of contacts costs, told to whoever asks with the request's extension `cost`.

use crate::transport::Remarks;
use async_graphql::{Context, Request, Value};
use serde_json::{Value as Json, json};

/// In the data of a request that asks.
struct Asked;

/// Notes whether a request asks.
pub(super) fn prepare(request: Request) -> Request {
    match request.extensions.get("cost") {
        Some(Value::Boolean(true)) => request.data(Asked),
        _ => request,
    }
}

/// Says of the field at hand on which attributes its choice must be looked up contact by contact.
pub(super) fn note(ctx: &Context<'_>, attributes: &[String]) {
    let (Some(Asked), Some(remarks)) = (ctx.data_opt::<Asked>(), ctx.data_opt::<Remarks>()) else {
        return;
    };
    let path = ctx.path_node.as_ref().map(|path| path.to_string_vec());
    remarks.change("cost", |cost| {
        if cost.is_null() {
            *cost = json!({ "scans": [] });
        }
        if let Some(scans) = cost["scans"]
            .as_array_mut()
            .filter(|_| !attributes.is_empty())
        {
            scans.push(json!({ "path": path, "attributes": attributes }));
            // Fields run side by side.
            scans.sort_by_key(Json::to_string);
        }
    });
}
