//! Why a run failed, and whether trying again makes sense.

use std::fmt;

/// The failure of a run. Any error becomes one with `?`, and is then worth another attempt.
///
/// It does not itself implement [`std::error::Error`], which is what makes that conversion possible.
pub struct Error {
    source: Box<dyn std::error::Error + Send + Sync>,
    permanent: bool,
}

impl Error {
    /// A failure that another attempt would only repeat: the job is given up at once.
    pub fn permanent(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
            permanent: true,
        }
    }

    /// A failure that may pass.
    pub fn transient(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: source.into(),
            permanent: false,
        }
    }

    /// Whether the job is given up at once.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        self.permanent
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Error {
    fn from(source: E) -> Self {
        Self::transient(source)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}
