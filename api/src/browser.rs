//! What browsers and proxies ask of every answer: which sites' pages may read it (CORS), and whether it comes compressed.

use axum::{
    Router,
    http::{
        HeaderName, HeaderValue, Method,
        header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER},
    },
};
use std::time::Duration;
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{NotForContentType, SizeAbove},
    },
    cors::{AllowOrigin, CorsLayer},
};

/// Smaller answers gain nothing.
const WORTH_IT: u16 = 1024;

/// How long a browser remembers what pages of a site may do.
const REMEMBERED: Duration = Duration::from_secs(3600);

/// Lets pages of these sites ask: by no cookie, since there is none, but with a token that they have.
pub(crate) fn shared(router: Router, origins: &[String]) -> Router {
    if origins.is_empty() {
        return router;
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(
            origins
                .iter()
                .filter_map(|origin| HeaderValue::from_str(origin).ok()),
        )
    };
    let names = |names: [&'static str; 4]| names.map(HeaderName::from_static);
    let mut allowed_headers = vec![AUTHORIZATION, CONTENT_TYPE];
    allowed_headers.extend(names([
        "x-request-id",
        "traceparent",
        "tracestate",
        "apollo-require-preflight",
    ]));
    let mut exposed = vec![RETRY_AFTER];
    exposed.extend(names([
        "x-request-id",
        "ratelimit-limit",
        "ratelimit-remaining",
        "content-disposition",
    ]));
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(allowed_headers)
        .expose_headers(exposed)
        .max_age(REMEMBERED);
    router.layer(layer)
}

/// Compresses what is large enough; never event streams, whose events would wait for more.
pub(crate) fn compressed(router: Router) -> Router {
    let worth_it = SizeAbove::new(WORTH_IT).and(NotForContentType::const_new("text/event-stream"));
    let layer = CompressionLayer::new().quality(CompressionLevel::Fastest);
    router.layer(layer.compress_when(worth_it))
}
