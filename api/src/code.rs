//! The one list of `extensions.code`.

use std::fmt;

/// What kind of thing went wrong, for programs: `extensions.code` of every error, within GraphQL and outside it.
///
/// What a person can mend in the input of a mutation is none of these: it stands in the payload's `userErrors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// There is no token, or it is mistyped, expired or revoked. HTTP 401.
    Unauthenticated,
    /// The token's role or restrictions do not allow it, or a web page's origin is not listed.
    Forbidden,
    /// The request cannot be carried out as it stands: no GraphQL, not this schema, a variable that is missing, an argument that cannot be. Sent again it fails again.
    BadUserInput,
    /// There is nothing at this address. HTTP 404; in GraphQL what is not there is null.
    NotFound,
    /// The server knows no query of this hash: send the query with it (automatic persisted queries).
    PersistedQueryNotFound,
    /// More than the server is willing to do at once: the message names the limit. Ask for less.
    LimitExceeded,
    /// Too many requests with this token in a short time. HTTP 429; `Retry-After` says when to ask again.
    RateLimited,
    /// It took longer than a request may, and was ended. HTTP 503. Whether a change was made is found out by asking again with its `idempotencyKey`.
    Timeout,
    /// The database, the store or a provider is away: the same request may succeed later.
    Unavailable,
    /// A fault of the server's. The message says nothing more; `extensions.requestId` finds the cause in its log.
    Internal,
}

impl Code {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Unauthenticated,
        Self::Forbidden,
        Self::BadUserInput,
        Self::NotFound,
        Self::PersistedQueryNotFound,
        Self::LimitExceeded,
        Self::RateLimited,
        Self::Timeout,
        Self::Unavailable,
        Self::Internal,
    ];

    /// As it stands in `extensions.code`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::NotFound => "NOT_FOUND",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_lists_them_all() {
        let readme = include_str!("../../README.md");
        for code in Code::ALL {
            assert!(readme.contains(&format!("| `{code}` |")), "{code}");
        }
    }
}
