//! Requests with files, after the GraphQL multipart request specification: `operations`, then `map`, then the files.
//!
//! Files go from the socket to unnamed temporary files, a piece at a time. One that is larger than the limit is no error of the
//! request: what is past the limit is thrown away and the resolver is told, since the application may want to record the refusal.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_graphql::{Request, Value, Variables};
use axum::body::Bytes;
use futures_util::stream;
use multer::{Field, Multipart};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use tokio::fs::File;
use tokio::io::{AsyncWriteExt, BufWriter};

use super::Settings;
use super::body::Incoming;
use super::parameters::Reader;
use super::refusal::Refusal;
use super::upload::{Received, Upload, Uploads};

const MAX_MAP: usize = 100 * 1024;
/// multer gathers everything before the first boundary, and every part's headers, however long they are.
const MAX_HELD: usize = 64 * 1024;
/// What multer is given at once. On a connection that has carried much, a chunk of the body is larger than all that may be held, and
/// multer asks for another before it looks at the first.
const MAX_PIECE: usize = 16 * 1024;
/// Few large writes: each is a trip to the thread pool.
const WRITE_BUFFER: usize = 256 * 1024;

/// Reads the request with its files; says too whether there are any. What is left of `body` when a file was too large to be read to its end stays unread.
pub(super) async fn receive(
    body: &mut Incoming,
    boundary: String,
    (settings, reader): (&Settings, &Reader<'_>),
) -> Result<(Request, bool), Refusal> {
    let mut parts = Parts::new(body, boundary);
    let operations = parts.text("operations", settings.max_body).await?;
    let mut request = reader.json(&operations)?;
    let map = parts.text("map", MAX_MAP).await?;
    let places = place(&map, &mut request.variables, settings.max_files)?;

    let mut uploads: Vec<Option<Arc<Received>>> = vec![None; places.len()];
    while let Some(part) = parts.next().await? {
        let name = part.name().unwrap_or_default().to_owned();
        let place = places.get(&name).and_then(|index| uploads.get_mut(*index));
        let place = place.ok_or_else(|| {
            Refusal::bad_request(format!("`map` says nothing of the part `{name}`"))
        })?;
        if place.is_some() {
            return Err(Refusal::bad_request(format!("`{name}` is sent twice")));
        }
        let (received, ended) = parts.store(part, settings).await?;
        *place = Some(Arc::new(received));
        if !ended {
            break;
        }
    }
    match uploads.into_iter().collect::<Option<Vec<_>>>() {
        Some(uploads) => {
            let has_files = !uploads.is_empty();
            Ok((request.data(Uploads(uploads)), has_files))
        }
        None => Err(Refusal::bad_request("a file that `map` names is missing")),
    }
}

/// Reads `map`, and writes into each variable that it names which file belongs there; answers the index of each part.
fn place(
    map: &[u8],
    variables: &mut Variables,
    max_files: usize,
) -> Result<HashMap<String, usize>, Refusal> {
    let Map(map) = serde_json::from_slice(map).map_err(|_| {
        let example = r#"{ "0": ["variables.input.file"] }"#;
        let message = format!("`map` must be a JSON object of lists of paths, such as {example}");
        Refusal::bad_request(message)
    })?;
    if map.len() > max_files {
        return Err(Refusal::bad_request(format!(
            "a request may have at most {max_files} files"
        )));
    }
    let mut places = HashMap::new();
    for (index, (name, paths)) in map.into_iter().enumerate() {
        if paths.is_empty() {
            return Err(Refusal::bad_request(format!(
                "`map` has no path for `{name}`"
            )));
        }
        for path in paths {
            match variable(variables, &path) {
                Some(value @ Value::Null) => *value = Upload::placeholder(index),
                Some(_) => {
                    return Err(Refusal::bad_request(format!(
                        "`{path}` in `map` is not null, or named twice"
                    )));
                }
                None => {
                    return Err(Refusal::bad_request(format!(
                        "`{path}` in `map` is no path to a variable"
                    )));
                }
            }
        }
        if let Some(twice) = places.insert(name.clone(), index).map(|_| name) {
            let message = format!("`{twice}` stands in `map` twice");
            return Err(Refusal::bad_request(message));
        }
    }
    Ok(places)
}

/// The paths of each part, in the order of `map`. A JSON object read as a map of Rust would lose all but the last of the same name.
struct Map(Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries;

        impl<'de> Visitor<'de> for Entries {
            type Value = Map;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of lists of paths")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Map(entries))
            }
        }

        deserializer.deserialize_map(Entries)
    }
}

/// The value at a path such as `variables.files.0`.
fn variable<'a>(variables: &'a mut Variables, path: &str) -> Option<&'a mut Value> {
    let mut steps = path.strip_prefix("variables.")?.split('.');
    let first = variables.get_mut(steps.next()?)?;
    steps.try_fold(first, |value, step| match value {
        Value::List(list) => list.get_mut(step.parse::<usize>().ok()?),
        Value::Object(object) => object.get_mut(step),
        _ => None,
    })
}

/// The parts of a body, in their order.
struct Parts<'r> {
    multipart: Multipart<'r>,
    /// Bytes that multer has taken and not given out yet.
    held: Arc<AtomicUsize>,
}

impl<'r> Parts<'r> {
    fn new(body: &'r mut Incoming, boundary: String) -> Self {
        let held = Arc::new(AtomicUsize::new(0));
        let begin = (body, held.clone(), Bytes::new());
        let pieces = stream::unfold(begin, |(body, held, mut rest)| async move {
            // multer takes all that is ready before it gives anything out; this pause makes that one piece.
            tokio::task::yield_now().await;
            let piece = take(body, &mut rest, &held).await.transpose()?;
            Some((piece, (body, held, rest)))
        });
        Self {
            multipart: Multipart::new(pieces, boundary),
            held,
        }
    }

    async fn next(&mut self) -> Result<Option<Field<'r>>, Refusal> {
        let part = self.multipart.next_field().await.map_err(refusal)?;
        self.held.store(0, Ordering::Relaxed);
        Ok(part)
    }

    async fn piece(&self, part: &mut Field<'r>) -> Result<Option<Bytes>, Refusal> {
        let piece = part.chunk().await.map_err(refusal)?;
        self.held.store(0, Ordering::Relaxed);
        Ok(piece)
    }

    /// The next part, which must have this name, in memory.
    async fn text(&mut self, name: &str, limit: usize) -> Result<Vec<u8>, Refusal> {
        let part = self.next().await?;
        let mut part = part
            .filter(|part| part.name() == Some(name))
            .ok_or_else(|| {
                Refusal::bad_request("the parts must be `operations`, `map`, then the files")
            })?;
        let mut text = Vec::new();
        while let Some(piece) = self.piece(&mut part).await? {
            if text.len() + piece.len() > limit {
                return Err(Refusal::too_large(&format!("`{name}`"), limit));
            }
            text.extend_from_slice(&piece);
        }
        Ok(text)
    }

    /// Writes a file to the disk; answers too whether it was read to its end.
    async fn store(
        &self,
        mut part: Field<'r>,
        settings: &Settings,
    ) -> Result<(Received, bool), Refusal> {
        let directory = settings.temp_dir.clone();
        let file = tokio::task::spawn_blocking(move || tempfile::tempfile_in(directory)).await;
        let file = file.map_err(disk)?.map_err(disk)?;
        let mut file = BufWriter::with_capacity(WRITE_BUFFER, File::from_std(file));
        let (mut size, mut past, mut ended) = (0, 0, true);
        while let Some(mut piece) = self.piece(&mut part).await? {
            let room = usize::try_from(settings.max_upload - size).unwrap_or(usize::MAX);
            if piece.len() > room {
                past += (piece.len() - room) as u64;
                piece.truncate(room);
            }
            size += piece.len() as u64;
            file.write_all(&piece).await.map_err(disk)?;
            if past > settings.max_drain {
                ended = false;
                break;
            }
        }
        file.flush().await.map_err(disk)?;
        let file = file.into_inner().into_std().await;
        let media_type = part.content_type().map(ToString::to_string);
        let received = Received::new(file_name(&part), media_type, size, past > 0, file);
        Ok((received, ended))
    }
}

/// The next piece of the body; `rest` is what is left of its last chunk.
async fn take(
    body: &mut Incoming,
    rest: &mut Bytes,
    held: &AtomicUsize,
) -> Result<Option<Bytes>, Refusal> {
    if held.load(Ordering::Relaxed) > MAX_HELD {
        return Err(Refusal::bad_request("the headers of a part are too long"));
    }
    if rest.is_empty() {
        match body.chunk().await? {
            Some(chunk) => *rest = chunk,
            None => return Ok(None),
        }
    }
    let piece = rest.split_to(rest.len().min(MAX_PIECE));
    held.fetch_add(piece.len(), Ordering::Relaxed);
    Ok(Some(piece))
}

/// The name of a file. Some clients send names beyond ASCII as `filename*=utf-8''…`, which multer does not know.
fn file_name(part: &Field<'_>) -> String {
    if let Some(name) = part.file_name() {
        return name.to_owned();
    }
    part.headers()
        .get("content-disposition")
        .and_then(|value| std::str::from_utf8(value.as_bytes()).ok())
        .and_then(|value| value.split(';').map(str::trim).find_map(extended_name))
        .unwrap_or_default()
}

fn extended_name(parameter: &str) -> Option<String> {
    let (charset, encoded) = parameter.strip_prefix("filename*=")?.split_once("''")?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut pieces = encoded.split('%');
    let mut name = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        name.push(u8::from_str_radix(piece.get(..2)?, 16).ok()?);
        name.extend_from_slice(&piece.as_bytes()[2..]);
    }
    String::from_utf8(name).ok()
}

fn refusal(error: multer::Error) -> Refusal {
    match error {
        multer::Error::StreamReadFailed(error) => match error.downcast::<Refusal>() {
            Ok(refusal) => *refusal,
            Err(_) => Refusal::bad_request("the body cannot be read"),
        },
        error => Refusal::bad_request(format!("the multipart body is broken: {error}")),
    }
}

fn disk(error: impl std::error::Error) -> Refusal {
    tracing::error!(%error, "an uploaded file cannot be stored");
    Refusal::unavailable("the file cannot be stored now, try again later")
}
