//! A client over real HTTP.

use reqwest::{
    StatusCode,
    multipart::{Form, Part},
};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// Asks one server.
pub(crate) struct Client {
    /// Where the server listens.
    pub(crate) address: SocketAddr,
    /// For requests that no helper makes.
    pub(crate) http: reqwest::Client,
}

impl Client {
    /// For the server at `address`.
    pub(crate) fn new(address: SocketAddr) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { address, http }
    }

    /// Where a path of the server is.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Runs a query or mutation and returns the whole answer, `data` and `errors`.
    pub(crate) async fn graphql(&self, token: &str, query: &str, variables: Value) -> Value {
        let request = self
            .http
            .post(self.url("/graphql"))
            .bearer_auth(token)
            .json(&json!({ "query": query, "variables": variables }));
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Runs a query or mutation that must have no errors and returns its `data`.
    pub(crate) async fn data(&self, token: &str, query: &str, variables: Value) -> Value {
        let mut answer = self.graphql(token, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}: {answer:#}");
        answer["data"].take()
    }

    /// Runs a mutation that takes a file at `input.file` by the GraphQL multipart request specification; returns the whole answer.
    pub(crate) async fn upload(
        &self,
        token: &str,
        query: &str,
        mut variables: Value,
        file_name: &str,
        bytes: impl Into<Vec<u8>>,
    ) -> Value {
        variables["input"]["file"] = Value::Null;
        let operations = json!({ "query": query, "variables": variables });
        let file = Part::bytes(bytes.into())
            .file_name(file_name.to_owned())
            .mime_str("text/csv")
            .unwrap();
        // The order matters: a server reads the parts as they come.
        let form = Form::new()
            .text("operations", operations.to_string())
            .text("map", json!({ "0": ["variables.input.file"] }).to_string())
            .part("0", file);
        let request = self
            .http
            .post(self.url("/graphql"))
            .bearer_auth(token)
            .multipart(form);
        request.send().await.unwrap().json().await.unwrap()
    }

    /// Gets a file by its signed link: no token goes along.
    pub(crate) async fn download(&self, link: &str) -> (StatusCode, Vec<u8>) {
        let response = self.http.get(link).send().await.unwrap();
        let status = response.status();
        (status, response.bytes().await.unwrap().to_vec())
    }
}
