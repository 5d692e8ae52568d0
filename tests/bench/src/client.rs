//! A client of Roster's API over HTTP.

use crate::csv_file::CsvFile;
use anyhow::{Context, Result, bail, ensure};
use futures_util::{Stream, StreamExt, stream};
use reqwest::{
    Response,
    header::{ACCEPT, CONTENT_TYPE},
    multipart::{Form, Part},
};
use serde_json::{Value, json};

/// A client. Cheap to clone; clones share connections.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: String,
    token: String,
}

impl Client {
    /// A client of the server at `address`.
    pub(crate) fn new(address: &str, token: &str) -> Result<Self> {
        Ok(Self {
            http: reqwest::Client::builder().no_proxy().build()?,
            address: address.to_owned(),
            token: token.to_owned(),
        })
    }

    /// Where the server is: `http://127.0.0.1:…`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The token that it sends.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// Runs a query or mutation and returns its data; errors and user errors are errors.
    pub(crate) async fn query(&self, query: &str, variables: Value) -> Result<Value> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.request().json(&body);
        data(request.send().await?.json().await?)
    }

    /// Runs a mutation that takes a file at `input.file`.
    pub(crate) async fn upload(
        &self,
        query: &str,
        mut variables: Value,
        file: &CsvFile,
    ) -> Result<Value> {
        variables["input"]["file"] = Value::Null;
        let operations = json!({ "query": query, "variables": variables });
        let map = json!({ "0": ["variables.input.file"] });
        let part = Part::file(&file.path).await?.mime_str("text/csv")?;
        let form = Form::new()
            .text("operations", operations.to_string())
            .text("map", map.to_string())
            .part("0", part);
        let request = self.request().multipart(form);
        data(request.send().await?.json().await?)
    }

    /// Runs a subscription as an event stream.
    pub(crate) async fn subscribe(
        &self,
        query: &str,
        variables: Value,
    ) -> Result<impl Stream<Item = Result<Value>>> {
        let body = json!({ "query": query, "variables": variables });
        let request = self.request().header(ACCEPT, "text/event-stream");
        let response = request.json(&body).send().await?.error_for_status()?;
        let events = Events {
            response,
            buffer: Vec::new(),
        };
        Ok(stream::try_unfold(events, async |mut events| {
            let next = events.next().await?;
            Ok(next.map(|event| (event, events)))
        }))
    }

    /// Runs a subscription to its end; returns the last event's data.
    pub(crate) async fn last(&self, query: &str, variables: Value) -> Result<Value> {
        let mut events = std::pin::pin!(self.subscribe(query, variables).await?);
        let mut last = Value::Null;
        while let Some(event) = events.next().await {
            last = event?;
        }
        Ok(last)
    }

    /// Runs a query of one field that cannot be null, and reads no more of the answer than whether it has that field: what the answer
    /// holds costs this program nothing.
    pub(crate) async fn query_unread(&self, field: &str, body: String) -> Result<()> {
        let request = self.request().header(CONTENT_TYPE, "application/json");
        let answer = request.body(body).send().await?.bytes().await?;
        let wanted = format!("{{\"data\":{{\"{field}\":{{");
        ensure!(
            answer.starts_with(wanted.as_bytes()),
            "the answer is {}",
            String::from_utf8_lossy(&answer[..answer.len().min(500)])
        );
        Ok(())
    }

    /// A figure of `/metrics`, by its name and labels.
    pub(crate) async fn figure(&self, name: &str) -> Result<f64> {
        let answer = self
            .http
            .get(format!("{}/metrics", self.address))
            .send()
            .await?;
        let text = answer.error_for_status()?.text().await?;
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        let value = line.with_context(|| format!("/metrics has no {name}"))?;
        Ok(value.trim().parse()?)
    }

    /// Gets a file by its signed link: no token goes along.
    pub(crate) async fn download(&self, link: &str) -> Result<Vec<u8>> {
        let response = self.http.get(link).send().await?.error_for_status()?;
        Ok(response.bytes().await?.to_vec())
    }

    fn request(&self) -> reqwest::RequestBuilder {
        let url = format!("{}/graphql", self.address);
        self.http.post(url).bearer_auth(&self.token)
    }
}

/// The data of an answer, if nothing is wrong with it. Errors keep their code, by which they are told apart.
fn data(mut answer: Value) -> Result<Value> {
    if let Some(errors) = answer.get("errors") {
        bail!("errors: {errors}");
    }
    let data = answer["data"].take();
    let payloads = data.as_object().into_iter().flat_map(|data| data.values());
    for payload in payloads {
        if let Some(errors) = payload["userErrors"].as_array()
            && !errors.is_empty()
        {
            bail!("user errors: {}", payload["userErrors"]);
        }
    }
    Ok(data)
}

/// An event stream that is being read.
struct Events {
    response: Response,
    buffer: Vec<u8>,
}

impl Events {
    /// The data of the next event; none once the stream is complete.
    async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            while let Some(end) = self.buffer.windows(2).position(|two| two == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let event = String::from_utf8(event)?;
                if event.starts_with("event: complete") {
                    return Ok(None);
                }
                let text = event.lines().find_map(|line| line.strip_prefix("data: "));
                if let Some(text) = text {
                    return Ok(Some(data(serde_json::from_str(text)?)?));
                }
            }
            let chunk = self.response.chunk().await?;
            let chunk = chunk.context("the event stream ended before its operation")?;
            self.buffer.extend_from_slice(&chunk);
        }
    }
}
