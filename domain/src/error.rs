//! What can go wrong, sorted by who can mend it.

use crate::db::dialect;
use sea_orm::DbErr;

/// Something in an input that the person can mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserError {
    /// Path into the input, such as `["contact", "email"]`; empty: the input as a whole.
    pub field: Vec<String>,
    /// For machines, such as `NOT_FOUND`.
    pub code: &'static str,
    /// For people: what, and what to do.
    pub message: String,
}

impl UserError {
    /// An error at `field`, a path written with dots; empty: the input as a whole.
    pub fn new(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            field: field
                .split('.')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            code,
            message: message.into(),
        }
    }

    /// The answer for an id that is not there, which is also that for one of another workspace.
    pub fn not_found(field: &str, what: &str) -> Self {
        Self::new(field, "NOT_FOUND", format!("There is no such {what}."))
    }

    /// The same error, seen from an input that holds this one at `prefix`.
    #[must_use]
    pub fn under(mut self, prefix: &[&str]) -> Self {
        self.field
            .splice(0..0, prefix.iter().map(|part| (*part).to_owned()));
        self
    }
}

/// Why an operation did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Something in the input that the person can mend.
    #[error("refused: {0:?}")]
    User(Vec<UserError>),
    /// The viewer's role or restrictions do not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// An argument that no form would send, such as a cursor of another list. The path leads to it.
    #[error("{message}")]
    BadInput {
        /// Path to the argument.
        path: Vec<String>,
        /// What is wrong with it.
        message: String,
    },
    /// The database refused or is away.
    #[error(transparent)]
    Database(#[from] DbErr),
    /// The object store refused or is away.
    #[error(transparent)]
    Store(#[from] object_store::Error),
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A rule of Roster's own does not hold: a bug, named.
    #[error("{0}")]
    Broken(String),
}

impl Error {
    /// Whether it may work when tried again: something is away or busy, nothing is wrong.
    pub fn is_temporary(&self) -> bool {
        use sqlx::Error::{Database, Io, PoolClosed, PoolTimedOut};
        match (self, self.of_database()) {
            (Self::Database(DbErr::ConnectionAcquire(_) | DbErr::Conn(_)), _) => true,
            (_, Some(Io(_) | PoolClosed | PoolTimedOut)) => true,
            (_, Some(Database(error))) => dialect::is_passing(&**error),
            (Self::Store(object_store::Error::Generic { .. }), _) => true,
            _ => false,
        }
    }

    /// Whether the database refused values that do not fit: no other attempt at the same will do better.
    pub(crate) fn is_of_values(&self) -> bool {
        match self.of_database() {
            Some(sqlx::Error::Database(error)) => dialect::is_of_values(&**error),
            _ => false,
        }
    }

    /// What the database's driver said of a statement.
    fn of_database(&self) -> Option<&sqlx::Error> {
        use sea_orm::RuntimeErr::SqlxError;
        match self {
            Self::Database(DbErr::Query(SqlxError(error)) | DbErr::Exec(SqlxError(error))) => {
                Some(error)
            }
            _ => None,
        }
    }

    /// An argument at `path` (written with dots) that no form would send.
    pub fn bad_input(path: &str, message: impl Into<String>) -> Self {
        Self::BadInput {
            path: path.split('.').map(str::to_owned).collect(),
            message: message.into(),
        }
    }

    /// Refused for one reason.
    pub fn user(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::User(vec![UserError::new(field, code, message)])
    }

    /// The same error, seen from an input that holds this one at `prefix`.
    #[must_use]
    pub fn under(self, prefix: &[&str]) -> Self {
        match self {
            Self::User(errors) => {
                let errors = errors.into_iter();
                Self::User(errors.map(|error| error.under(prefix)).collect())
            }
            Self::BadInput { mut path, message } => {
                path.splice(0..0, prefix.iter().map(|part| (*part).to_owned()));
                Self::BadInput { path, message }
            }
            other => other,
        }
    }

    /// What to tell whoever asked for background work that this ended.
    ///
    /// # Errors
    /// The error itself where they cannot mend it.
    pub fn for_people(self) -> Result<String> {
        match self {
            Self::User(errors) => {
                let messages: Vec<String> = errors.into_iter().map(|error| error.message).collect();
                Ok(messages.join(" "))
            }
            Self::BadInput { message, .. } | Self::Forbidden(message) => Ok(message),
            other => Err(other),
        }
    }

    /// Whether it is about an object that is not in the store.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Store(object_store::Error::NotFound { .. }))
    }

    /// Refused since the id at `field` leads nowhere.
    pub fn not_found(field: &str, what: &str) -> Self {
        Self::User(vec![UserError::not_found(field, what)])
    }
}

impl From<UserError> for Error {
    fn from(error: UserError) -> Self {
        Self::User(vec![error])
    }
}

/// The result of an operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;
