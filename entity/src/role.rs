//! What a member or a token may do.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// How much of the workspace someone sees. Ordered: an owner may do all that a manager may.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Role {
    /// Their own conversations and the contacts in them; not the contacts module.
    Agent,
    /// The contacts module, but not the workspace's people and channels.
    Manager,
    /// Everything.
    Owner,
}

/// Something that a member or token may not do although its role would allow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Restriction {
    /// May not delete contacts.
    NoContactDelete,
    /// May not import.
    NoImport,
    /// May not export.
    NoExport,
    /// May not send broadcasts.
    NoBroadcast,
    /// May not change the workspace's settings, its people, channels or tokens.
    NoWorkspaceSettings,
    /// Sees the contacts alone that are assigned to them or to a team of theirs.
    OnlyAssignedContacts,
    /// Does not see phone numbers, e-mail addresses and channel addresses, nor learns of them in other ways.
    MaskPhoneAndEmail,
}

/// A set of restrictions, stored as a JSON list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Restrictions(pub Vec<Restriction>);

impl FromIterator<Restriction> for Restrictions {
    /// Sorted, each once.
    fn from_iter<T: IntoIterator<Item = Restriction>>(restrictions: T) -> Self {
        let mut restrictions: Vec<_> = restrictions.into_iter().collect();
        restrictions.sort_unstable();
        restrictions.dedup();
        Self(restrictions)
    }
}
