//! How large a filter may be. A setting of the installation, which holds wherever a process reads a filter: those that were saved as well.

use std::sync::OnceLock;

/// How large a filter may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Levels of `and`, `or` and `not`; those of a segment's rules count where it is named.
    pub depth: usize,
    /// Conditions.
    pub conditions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 10,
            conditions: 200,
        }
    }
}

static LIMITS: OnceLock<Limits> = OnceLock::new();

/// Sets the limits of this process, before it reads the first filter; later calls change nothing.
pub fn set_limits(limits: Limits) {
    let _ = LIMITS.set(limits);
}

/// Those of this process.
pub(super) fn limits() -> &'static Limits {
    LIMITS.get_or_init(Limits::default)
}
