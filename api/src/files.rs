//! `/files/{ticket}`: one file for whoever holds its signed link, streamed from the object store.

use crate::code::Code;
use crate::problem::{not_found, problem};
use axum::{
    Router,
    body::Body,
    extract::{Path, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::{
    link::{Signer, Ticket},
    store::Store,
};
use std::fmt::Write as _;
use tokio::io::AsyncRead;
use tokio_util::io::ReaderStream;

/// How much of a file is in memory at a time.
const CHUNK: usize = 64 * 1024;

#[derive(Clone)]
struct Files {
    store: Store,
    signer: Signer,
}

/// The route.
pub(crate) fn router(store: Store, signer: Signer) -> Router {
    Router::new()
        .route("/files/{ticket}", get(download))
        .with_state(Files { store, signer })
}

async fn download(State(files): State<Files>, Path(ticket): Path<String>) -> Response {
    // Forged, too old and gone are one answer: whoever holds no good link learns nothing about what is there.
    let gone = || {
        not_found(
            "This link is not good, or no longer: links work for 15 minutes. Ask for a new one.",
        )
    };
    let Some(ticket) = files.signer.open(&ticket) else {
        return gone();
    };
    match files.store.read(&ticket.key).await {
        Ok((size, reader)) => attachment(&ticket, size, reader),
        Err(error) if error.is_missing() => gone(),
        Err(error) => {
            tracing::error!(%error, "a file cannot be read from the object store");
            let message = "The file cannot be read now, try again later.";
            problem(StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable, message)
        }
    }
}

fn attachment(ticket: &Ticket, size: u64, reader: impl AsyncRead + Send + 'static) -> Response {
    let text = |value: &str| HeaderValue::from_str(value).ok();
    let media_type =
        text(&ticket.media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition =
        text(&disposition(&ticket.name)).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_LENGTH, HeaderValue::from(size)),
        (header::CONTENT_TYPE, media_type),
        (header::CONTENT_DISPOSITION, disposition),
        // The address alone opens the file, so no cache may keep what came from it.
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (
        headers,
        Body::from_stream(ReaderStream::with_capacity(reader, CHUNK)),
    )
        .into_response()
}

/// RFC 6266: the name in plain letters for old clients, and as it is (RFC 5987) for all others.
fn disposition(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || " !#$&+-.^_`~()[]{}@,;='".contains(c);
    let plain: String = name
        .chars()
        .map(|c| if is_plain(c) { c } else { '_' })
        .collect();
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(byte.into());
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_header() {
        let name = "Ergebnis \"für\"\r\nX: 1/..\\%.csv";
        let expected = "attachment; filename=\"Ergebnis _f_r___X_ 1_..__.csv\"; \
            filename*=UTF-8''Ergebnis%20%22f%C3%BCr%22%0D%0AX%3A%201%2F..%5C%25.csv";
        assert_eq!(disposition(name), expected);
        assert!(HeaderValue::from_str(&disposition(name)).is_ok());
    }
}
