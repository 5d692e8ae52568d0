//! Calls by HTTP: one client for all providers, which follows no redirect, waits for so long and reads so much.

use crate::{
    guard,
    outgoing::{Class, Outcome, Refusal},
};
use reqwest::{
    RequestBuilder, Response, StatusCode,
    header::{self, HeaderMap},
    redirect,
};
use serde_json::Value;
use std::{fmt, time::Duration};
use url::Url;

/// Until the connection stands.
const CONNECT: Duration = Duration::from_secs(5);
/// From the call's beginning to the answer's end. What takes longer may have been taken or not.
const TOTAL: Duration = Duration::from_secs(15);
/// Bytes of an answer to a message at most.
const SHORT: usize = 64 << 10;
/// Bytes of a page of templates at most.
const LONG: usize = 8 << 20;
/// The longest wait that `Retry-After` can ask for: no provider's window of calls is longer than an hour, and one that writes an instant where seconds
/// belong must not stop a channel for decades.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

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
    /// Why the body is not all that was answered, where it is not.
    pub(crate) flaw: Option<Flaw>,
}

/// What is wrong with the body of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It ended before its end, or took too long.
    BrokenOff,
    /// It has more bytes than are read.
    TooLong(usize),
    /// It is something else.
    NoJson,
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
    let response = request.send().await.map_err(no_answer)?;
    let (status, retry_after) = (response.status(), retry_after(response.headers()));
    // The status says what became of the call: an answer that breaks off behind it is read as far as it came.
    let (body, flaw) = read(response, limit).await;
    let json = serde_json::from_slice(&body);
    Ok(Answer {
        status,
        retry_after,
        flaw: flaw.or_else(|| json.is_err().then_some(Flaw::NoJson)),
        body: json.unwrap_or_default(),
    })
}

/// The bytes of an answer, and why they are not all of it.
async fn read(mut response: Response, limit: usize) -> (Vec<u8>, Option<Flaw>) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return (body, None),
            Err(_) => return (body, Some(Flaw::BrokenOff)),
        }
        if body.len() > limit {
            return (body, Some(Flaw::TooLong(limit)));
        }
    }
}

/// How long a provider asks to wait, in seconds; what it writes in another way asks for nothing.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?;
    let seconds = value.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_WAIT))
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

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BrokenOff => f.write_str("it broke off before its end"),
            Self::TooLong(limit) => write!(f, "it is longer than {limit} bytes"),
            Self::NoJson => f.write_str("it is no JSON"),
        }
    }
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

    /// The list at this key of a good answer. An answer that is not whole has none, not an empty one.
    pub(crate) fn list(&self, key: &str) -> Result<&[Value], Failure> {
        if let Some(flaw) = self.flaw {
            return Err(self.broken(&flaw.to_string()));
        }
        let list = self.body[key].as_array().map(Vec::as_slice);
        list.ok_or_else(|| self.broken(&format!("it has no list `{key}`")))
    }

    /// The failure of a call whose answer is good by its status, and cannot be read: `what` is wrong with it.
    pub(crate) fn broken(&self, what: &str) -> Failure {
        Failure {
            code: "BROKEN_ANSWER".to_owned(),
            message: format!(
                "The provider answered {}, but its answer cannot be used: {what}.",
                self.status
            ),
        }
    }

    /// This answer as the failure of a call that is no message.
    pub(crate) fn failure(&self, message: Option<String>) -> Failure {
        Failure {
            code: format!("HTTP_{}", self.status.as_u16()),
            message: message.unwrap_or_else(|| format!("The provider answered {}.", self.status)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_asks_for_a_wait_of_decades() {
        let hour = Some(LONGEST_WAIT);
        for (text, expected) in [
            ("7", Some(Duration::from_secs(7))),
            (" 3600 ", hour),
            ("3601", hour),
            ("1800000000", hour),
            ("18446744073709551615", hour),
            ("-1", None),
            ("soon", None),
            ("", None),
        ] {
            let headers = [(header::RETRY_AFTER, text.parse().expect("a value"))];
            assert_eq!(
                retry_after(&headers.into_iter().collect()),
                expected,
                "{text}"
            );
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
