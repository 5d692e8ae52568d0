//! Which media type the answer has, from the `Accept` headers.
//!
//! `*/*` and no header mean `application/json`, as the GraphQL-over-HTTP draft asks of servers that must serve old clients;
//! `application/graphql-response+json` wins where it is named and not ranked below JSON. `text/event-stream` counts only where it is
//! named: whoever takes anything does not want a stream.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// The media type of an answer in one piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells of request errors.
    GraphqlResponse,
    /// `application/json`: 200 for every well-formed request.
    Json,
}

impl Media {
    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// What a client takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Accepted {
    /// The best media type for an answer in one piece, if it takes one.
    pub(super) single: Option<Media>,
    /// Whether it takes an event stream.
    pub(super) stream: bool,
    /// Whether it would rather have an event stream, even for a query.
    pub(super) stream_first: bool,
}

/// How much a media type is wanted: its quality in thousandths, then how exactly it was named.
type Rank = (u16, u8);

const NAMED: u8 = 2;
const ANY_SUBTYPE: u8 = 1;

struct Range<'a> {
    kind: &'a str,
    subtype: &'a str,
    quality: u16,
}

impl<'a> Range<'a> {
    fn parse(range: &'a str) -> Option<Self> {
        let mut parts = range.split(';').map(str::trim);
        let (kind, subtype) = parts.next()?.split_once('/')?;
        let quality = parts
            .filter_map(|parameter| parameter.split_once('='))
            .find(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
            .and_then(|(_, value)| value.trim().parse::<f32>().ok())
            .unwrap_or(1.0);
        Some(Self {
            kind,
            subtype,
            quality: (quality.clamp(0.0, 1.0) * 1000.0) as u16,
        })
    }

    fn specificity(&self, kind: &str, subtype: &str) -> Option<u8> {
        if self.kind == "*" && self.subtype == "*" {
            Some(0)
        } else if !self.kind.eq_ignore_ascii_case(kind) {
            None
        } else if self.subtype == "*" {
            Some(ANY_SUBTYPE)
        } else {
            self.subtype.eq_ignore_ascii_case(subtype).then_some(NAMED)
        }
    }
}

/// The rank that the most exact range gives a media type; none where it is not taken.
fn rank(ranges: &[Range<'_>], kind: &str, subtype: &str) -> Option<Rank> {
    ranges
        .iter()
        .filter_map(|range| Some((range.specificity(kind, subtype)?, range.quality)))
        .max()
        .filter(|(_, quality)| *quality > 0)
        .map(|(specificity, quality)| (quality, specificity))
}

/// What the client takes, or none where we have nothing for it (406).
pub(super) fn accepted(headers: &HeaderMap) -> Option<Accepted> {
    let header: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|range| !range.is_empty())
        .collect();
    if header.is_empty() {
        return Some(Accepted {
            single: Some(Media::Json),
            stream: false,
            stream_first: false,
        });
    }
    let ranges: Vec<Range<'_>> = header.into_iter().filter_map(Range::parse).collect();
    let response = rank(&ranges, "application", "graphql-response+json");
    let json = rank(&ranges, "application", "json");
    let stream = rank(&ranges, "text", "event-stream").filter(|(_, named)| *named >= ANY_SUBTYPE);
    let single = match (response, json) {
        (None, None) => None,
        (Some(response), Some(json)) if response > json => Some(Media::GraphqlResponse),
        (Some(response @ (_, NAMED)), Some(json)) if response == json => {
            Some(Media::GraphqlResponse)
        }
        (Some(_), None) => Some(Media::GraphqlResponse),
        _ => Some(Media::Json),
    };
    if single.is_none() && stream.is_none() {
        return None;
    }
    Some(Accepted {
        single,
        stream: stream.is_some(),
        stream_first: stream > response.max(json),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn choose(accept: &str) -> Option<Accepted> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, accept.parse().unwrap());
        accepted(&headers)
    }

    #[test]
    fn single_answers() {
        for (accept, media) in [
            ("", Media::Json),
            ("*/*", Media::Json),
            ("application/*", Media::Json),
            ("application/json", Media::Json),
            ("Application/JSON; charset=utf-8", Media::Json),
            ("application/graphql-response+json", Media::GraphqlResponse),
            (
                "application/json, application/graphql-response+json",
                Media::GraphqlResponse,
            ),
            (
                "application/graphql-response+json, application/json;q=0.9",
                Media::GraphqlResponse,
            ),
            (
                "application/graphql-response+json;q=0.5, application/json",
                Media::Json,
            ),
            (
                "application/graphql-response+json, */*",
                Media::GraphqlResponse,
            ),
            ("application/json;q=0, */*", Media::GraphqlResponse),
            ("text/html, */*;q=0.1", Media::Json),
        ] {
            let accepted = choose(accept).unwrap();
            assert_eq!(accepted.single, Some(media), "{accept}");
            assert!(!accepted.stream, "{accept}");
        }
    }

    #[test]
    fn nothing_fits() {
        for accept in ["text/html", "application/json;q=0", "nonsense"] {
            assert_eq!(choose(accept), None, "{accept}");
        }
    }

    #[test]
    fn streams() {
        for (accept, single, first) in [
            ("text/event-stream", None, true),
            ("text/event-stream, */*", Some(Media::Json), true),
            (
                "application/json, text/event-stream",
                Some(Media::Json),
                false,
            ),
            (
                "text/event-stream, application/json;q=0.5",
                Some(Media::Json),
                true,
            ),
        ] {
            let accepted = choose(accept).unwrap();
            assert!(accepted.stream, "{accept}");
            assert_eq!(accepted.single, single, "{accept}");
            assert_eq!(accepted.stream_first, first, "{accept}");
        }
    }
}
