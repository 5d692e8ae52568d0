//! `/`: GraphiQL for a browser, where it was built in; for everything else, a text that says what answers here.

use axum::{
    Router,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY},
    },
    response::{Html, IntoResponse, Response},
    routing::get,
};
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

const TEXT: &str = "Roster: contacts, segments, imports and broadcasts, as a GraphQL API.

  POST /graphql   queries and mutations (GET for queries, WebSocket and event streams for subscriptions)
  GET  /livez     200 while the process runs
  GET  /readyz    200 while it can serve
  GET  /metrics   figures for Prometheus

Each request to /graphql needs a token (roster token create --role owner makes one):

  curl -s ADDRESS/graphql -H 'Authorization: Bearer TOKEN' -H 'Content-Type: application/json' \\
    -d '{\"query\":\"{ viewer { role workspace { name } } }\"}'

The schema: roster schema
";

/// What a browser is told where GraphiQL is not there.
const WITHOUT: &str = "GraphiQL, a page to write queries in, is not in this program: graphiql/build makes it, and the next cargo build takes it in.\n";

/// Nothing but what this server gives, no script or style within the page, and no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A file that is part of the program.
struct Embedded {
    path: &'static str,
    media_type: &'static str,
    bytes: &'static [u8],
    /// Its ETag, from the first time that somebody asks for it.
    tag: OnceLock<String>,
}

impl Embedded {
    fn tag(&self) -> &str {
        self.tag.get_or_init(|| {
            let digest = Sha256::digest(self.bytes);
            let short: String = digest
                .iter()
                .take(8)
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("\"{short}\"")
        })
    }
}

#[cfg(graphiql)]
macro_rules! embedded {
    ($path:expr, $media_type:expr, $name:expr) => {
        Embedded {
            path: $path,
            media_type: $media_type,
            bytes: include_bytes!(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../graphiql/dist/",
                $name
            )),
            tag: OnceLock::new(),
        }
    };
}

#[cfg(graphiql)]
static PAGE: Option<Embedded> = Some(embedded!("/", "text/html; charset=utf-8", "index.html"));
#[cfg(not(graphiql))]
static PAGE: Option<Embedded> = None;

#[cfg(graphiql)]
static ASSETS: [Embedded; 3] = [
    embedded!(
        "/graphiql/app.js",
        "text/javascript; charset=utf-8",
        "app.js"
    ),
    embedded!("/graphiql/app.css", "text/css; charset=utf-8", "app.css"),
    embedded!(
        "/graphiql/licences.txt",
        "text/plain; charset=utf-8",
        "licences.txt"
    ),
];
#[cfg(not(graphiql))]
static ASSETS: [Embedded; 0] = [];

/// The routes.
pub(crate) fn router() -> Router {
    let home = Router::new().route("/", get(home));
    ASSETS.iter().fold(home, |router, file| {
        router.route(
            file.path,
            get(async move |headers: HeaderMap| give(file, &headers)),
        )
    })
}

async fn home(headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let mut answer = match &PAGE {
        _ if !accept.is_some_and(|accept| accept.contains("text/html")) => TEXT.into_response(),
        Some(page) => give(page, &headers),
        None => {
            let text = TEXT.replace('<', "&lt;");
            let page = format!(
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Roster</title><pre>{text}\n{WITHOUT}</pre></html>\n"
            );
            guarded(Html(page).into_response())
        }
    };
    answer
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept, accept-encoding"));
    answer
}

/// A file, or 304 where the browser has it already: names stay the same from one version to the next.
fn give(file: &'static Embedded, headers: &HeaderMap) -> Response {
    let has = |value: &HeaderValue| value.to_str().is_ok_and(|known| known.contains(file.tag()));
    let known = headers.get_all(IF_NONE_MATCH).iter().any(has);
    let mut answer = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let media_type = [(CONTENT_TYPE, HeaderValue::from_static(file.media_type))];
        (media_type, file.bytes).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(file.tag()) {
        answer.headers_mut().insert(ETAG, tag);
    }
    guarded(answer)
}

fn guarded(mut answer: Response) -> Response {
    let guards = [
        (HeaderName::from_static("content-security-policy"), POLICY),
        (HeaderName::from_static("x-content-type-options"), "nosniff"),
        (HeaderName::from_static("referrer-policy"), "no-referrer"),
        (CACHE_CONTROL, "no-cache"),
    ];
    let guards = guards.map(|(name, value)| (name, HeaderValue::from_static(value)));
    answer.headers_mut().extend(guards);
    answer
}
