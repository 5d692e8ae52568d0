//! Calls by HTTP: one client for all providers, which follows no redirect, waits for so long and reads so much.

use crate::{
    guard,
    outgoing::{Class, Outcome, Refusal},
};
use reqwest::{RequestBuilder, StatusCode, header, redirect};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Until the connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// From the call's beginning to the answer's end. What takes longer may have been taken or not.
const TOTAL: Duration = Duration::from_secs(15);
/// Bytes of an answer to a message at most.
const SHORT: usize = 64 << 10;
/// Bytes of a page of templates at most.
const LONG: usize = 8 << 20;

/// Makes calls. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Caller {
    client: reqwest::Client,
    private_allowed: bool,
}

/// Why a call that is no message did not succeed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The provider's code, or that of HTTP; `UNREACHABLE` where nobody answered.
    pub code: String,
    /// In words, for people.
    pub message: String,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    /// Null where it was no JSON.
    pub(crate) body: Value,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum NoAnswer {
    /// Nothing was sent.
    NotSent(Failure),
    /// All of it or a part was sent.
    Lost(String),
}

impl Caller {
    /// Calls public addresses alone, unless `private_allowed`.
    ///
    /// # Errors
    /// When the machine has no certificates to trust.
    pub fn new(private_allowed: bool) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(TOTAL)
            .pool_idle_timeout(Duration::from_secs(20))
            .user_agent(concat!("roster/", env!("CARGO_PKG_VERSION")));
        if !private_allowed {
            builder = builder.dns_resolver(guard::resolver());
        }
        let client = builder.build().map_err(|error| Failure {
            code: "NO_CLIENT".to_owned(),
            message: error.to_string(),
        })?;
        Ok(Self {
            client,
            private_allowed,
        })
    }

    /// What about a base URL is refused; none: nothing that can be said before it is called.
    pub fn url_fault(&self, text: &str) -> Option<String> {
        let Ok(url) = Url::parse(text) else {
            return Some("This is no URL.".to_owned());
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Some("A URL here has neither ? nor #.".to_owned());
        }
        guard::fault(&url, self.private_allowed).map(str::to_owned)
    }

    pub(crate) fn get(&self, url: &str) -> Result<RequestBuilder, Failure> {
        Ok(self.client.get(self.allowed(url)?))
    }

    pub(crate) fn post(&self, url: &str) -> Result<RequestBuilder, Failure> {
        Ok(self.client.post(self.allowed(url)?))
    }

    fn allowed(&self, text: &str) -> Result<Url, Failure> {
        let not_called = |message: &str| Failure {
            code: "URL_REFUSED".to_owned(),
            message: message.to_owned(),
        };
        let url = Url::parse(text).map_err(|_| not_called("The base URL is no URL."))?;
        match guard::fault(&url, self.private_allowed) {
            Some(fault) => Err(not_called(fault)),
            None => Ok(url),
        }
    }
}

/// Makes a call, and reads what is answered.
pub(crate) async fn ask(request: RequestBuilder, limit: usize) -> Result<Answer, NoAnswer> {
    let mut response = request.send().await.map_err(no_answer)?;
    let status = response.status();
    let retry_after = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.trim().parse().ok())
        .map(Duration::from_secs);
    let mut body = Vec::new();
    // The status says what became of the call: an answer that breaks off behind it is read as far as it came.
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > limit {
            break;
        }
    }
    Ok(Answer {
        status,
        retry_after,
        body: serde_json::from_slice(&body).unwrap_or_default(),
    })
}

/// Sends a message's call; the outcome where there is no answer to read.
pub(crate) async fn send(request: Result<RequestBuilder, Failure>) -> Result<Answer, Outcome> {
    let request =
        request.map_err(|failure| Outcome::refused(Class::Stop, failure.code, failure.message))?;
    ask(request, SHORT).await.map_err(|error| match error {
        NoAnswer::NotSent(failure) => Outcome::refused(
            if failure.code == "URL_REFUSED" {
                Class::Stop
            } else {
                Class::Later
            },
            failure.code,
            failure.message,
        ),
        NoAnswer::Lost(message) => Outcome::Unknown { message },
    })
}

/// Makes a call that is no message.
pub(crate) async fn fetch(request: Result<RequestBuilder, Failure>) -> Result<Answer, Failure> {
    ask(request?, LONG).await.map_err(|error| match error {
        NoAnswer::NotSent(failure) => failure,
        NoAnswer::Lost(message) => Failure {
            code: "UNREACHABLE".to_owned(),
            message,
        },
    })
}

fn no_answer(error: reqwest::Error) -> NoAnswer {
    let not_sent = |code: &str, message: &str| {
        NoAnswer::NotSent(Failure {
            code: code.to_owned(),
            message: message.to_owned(),
        })
    };
    if guard::is_refused(&error) {
        return not_sent("URL_REFUSED", "The host's name leads to no public address.");
    }
    // A time-out while the connection is made is one of these too.
    if error.is_connect() {
        return not_sent("UNREACHABLE", "The provider could not be reached.");
    }
    if error.is_builder() || error.is_request() && error.url().is_none() {
        return not_sent("NOT_SENT", "The call could not be made.");
    }
    NoAnswer::Lost(if error.is_timeout() {
        format!("No answer within {} s.", TOTAL.as_secs())
    } else {
        "The connection broke before the answer.".to_owned()
    })
}

impl Answer {
    /// What HTTP's status alone says, where the body says nothing.
    pub(crate) fn by_status(&self) -> Outcome {
        let class = match self.status.as_u16() {
            429 | 503 => Class::SlowDown,
            500..=599 | 408 | 425 => Class::Later,
            401..=404 | 405 | 407 | 300..=399 => Class::Stop,
            _ => Class::Final,
        };
        Outcome::Refused(Refusal {
            class,
            code: format!("HTTP_{}", self.status.as_u16()),
            message: format!("The provider answered {}.", self.status),
            retry_after: self.retry_after,
        })
    }

    /// This answer as the failure of a call that is no message.
    pub(crate) fn failure(&self, message: Option<String>) -> Failure {
        Failure {
            code: format!("HTTP_{}", self.status.as_u16()),
            message: message.unwrap_or_else(|| format!("The provider answered {}.", self.status)),
        }
    }
}
