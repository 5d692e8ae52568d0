//! What inboxes are known by: some are in no table.

use entity::id::{Id, InboxId, TeamId};
use std::{fmt, str::FromStr};

/// What an inbox is known by; written as `inbox_all`, `inbox_team_7`, `inbox_12`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InboxKey {
    /// Every contact.
    All,
    /// Those assigned to the viewer.
    Mine,
    /// Those assigned to nobody.
    Unassigned,
    /// Those of a team.
    Team(TeamId),
    /// A saved filter's.
    Custom(InboxId),
}

impl InboxKey {
    /// What no inbox has: for what a client wrote and cannot be a key, so that it answers as an inbox that does not exist.
    pub const NOWHERE: Self = Self::Custom(InboxId::NOWHERE);
}

impl fmt::Display for InboxKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("inbox_all"),
            Self::Mine => f.write_str("inbox_mine"),
            Self::Unassigned => f.write_str("inbox_unassigned"),
            Self::Team(id) => write!(f, "inbox_{id}"),
            Self::Custom(id) => id.fmt(f),
        }
    }
}

impl FromStr for InboxKey {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text.strip_prefix("inbox_").ok_or(())? {
            "all" => Ok(Self::All),
            "mine" => Ok(Self::Mine),
            "unassigned" => Ok(Self::Unassigned),
            team if team.starts_with("team_") => team.parse().map(Self::Team).map_err(|_| ()),
            _ => text.parse().map(Self::Custom).map_err(|_| ()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_is_written() {
        for key in [
            InboxKey::All,
            InboxKey::Mine,
            InboxKey::Unassigned,
            InboxKey::Team(TeamId(7)),
            InboxKey::Custom(InboxId(12)),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key));
        }
        for none in [
            "",
            "inbox_",
            "inbox_team_",
            "all",
            "inbox_all ",
            "team_7",
            "inbox_x",
        ] {
            assert_eq!(none.parse::<InboxKey>(), Err(()), "{none}");
        }
    }
}
