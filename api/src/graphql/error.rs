//! What a field answers when it cannot: top-level errors with `extensions.code`.
//!
//! async-graphql's own error takes whatever can be displayed, SQL too; [`Failure`] takes only what has been sorted, so `?` in a resolver
//! cannot leak.

use crate::code::Code;
use async_graphql::{Error, ErrorExtensions, Value};
use domain::error::Error as DomainError;

/// Why a field has no answer. What the client may see, and no more.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Error);

/// The result of a resolver.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

impl Failure {
    fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Error::new(message).extend_with(|_, extensions| extensions.set("code", code.as_str())))
    }

    /// Nobody known asks. The transport lets no such request through; this is for whoever forgets it.
    pub(super) fn unauthenticated() -> Self {
        Self::new(Code::Unauthenticated, "There is no valid token.")
    }

    /// An argument, at a path written with dots, that no form would send.
    pub(super) fn bad_input(path: &str, message: impl Into<String>) -> Self {
        DomainError::bad_input(path, message).into()
    }

    /// A rule of our own does not hold: a bug, named in the log alone.
    pub(super) fn broken(what: &str) -> Self {
        DomainError::Broken(what.to_owned()).into()
    }

    fn at(self, path: Vec<String>) -> Self {
        let path = path.into_iter().map(Value::from).collect();
        Self(
            self.0
                .extend_with(|_, extensions| extensions.set("path", Value::List(path))),
        )
    }
}

impl From<DomainError> for Failure {
    fn from(error: DomainError) -> Self {
        match error {
            DomainError::Forbidden(message) => Self::new(Code::Forbidden, message),
            DomainError::BadInput { path, message } => {
                Self::new(Code::BadUserInput, message).at(path)
            }
            // Mutations answer these in their payload; what reaches this place came from a query.
            DomainError::User(errors) => match errors.into_iter().next() {
                Some(error) => Self::new(Code::BadUserInput, error.message).at(error.field),
                None => Self::new(Code::BadUserInput, "The input was refused."),
            },
            error if error.is_temporary() => {
                tracing::error!(%error, "a field is unavailable");
                Self::new(
                    Code::Unavailable,
                    "Not available at the moment; try again later.",
                )
            }
            error => {
                tracing::error!(%error, "a field failed");
                Self::new(Code::Internal, "internal error")
            }
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
