//! Pages of which sites may open a WebSocket. A browser lets any page open one, and says only whose page it is.

use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderValue};

use super::refusal::Refusal;

/// Refuses a page that is neither our own nor of a site in `allowed`. Programs, which say nothing of an origin, may.
pub(super) fn check(headers: &HeaderMap, allowed: &[String]) -> Result<(), Refusal> {
    let Some(origin) = headers.get(ORIGIN) else {
        return Ok(());
    };
    let text = |value: &HeaderValue| value.to_str().unwrap_or_default().to_ascii_lowercase();
    let origin = text(origin);
    let own = headers.get(HOST).map(text).unwrap_or_default();
    let is_own = origin
        .split_once("://")
        .is_some_and(|(_, host)| !host.is_empty() && host == own);
    let is_listed = |site: &String| site == "*" || site.eq_ignore_ascii_case(&origin);
    if is_own || allowed.iter().any(is_listed) {
        return Ok(());
    }
    Err(Refusal::origin(
        "pages of this origin may not connect here: the server's setting cors-origin lists those that may",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_pages_and_those_of_listed_sites_may() {
        let allowed = ["https://app.example.com".to_owned()];
        let may = |origin: &'static str| {
            let mut headers =
                HeaderMap::from_iter([(HOST, HeaderValue::from_static("Roster.example:8080"))]);
            headers.insert(ORIGIN, HeaderValue::from_static(origin));
            check(&headers, &allowed).is_ok()
        };
        for good in [
            "http://roster.example:8080",
            "https://roster.example:8080",
            "https://app.example.com",
        ] {
            assert!(may(good), "{good}");
        }
        for bad in [
            "null",
            "",
            "https://",
            "http://roster.example",
            "https://app.example.com.evil.example",
            "https://evil.example",
            "roster.example:8080",
            "http://app.example.com",
        ] {
            assert!(!may(bad), "{bad}");
        }
        assert!(check(&HeaderMap::new(), &[]).is_ok());
        let mut headers =
            HeaderMap::from_iter([(ORIGIN, HeaderValue::from_static("https://x.example"))]);
        assert!(check(&headers, &["*".to_owned()]).is_ok());
        headers.insert(ORIGIN, HeaderValue::from_bytes(b"\xff").unwrap());
        assert!(check(&headers, &[]).is_err());
    }
}
