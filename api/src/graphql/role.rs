//! Roles and restrictions.

use async_graphql::Enum;

/// What a member or a token may do at most.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::role::Role")]
pub(crate) enum Role {
    /// Everything, the workspace's settings, people, channels and tokens included.
    Owner,
    /// Everything but the workspace's settings, people, channels and tokens.
    Manager,
    /// The conversations that are assigned to them (`assignConversation`), their messages, and the contacts in them, whom they read and answer. Not the contacts
    /// module: its fields and mutations answer FORBIDDEN.
    Agent,
}

/// Something that a member or a token may not do although the role would allow it: FORBIDDEN. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::role::Restriction")]
#[allow(
    clippy::enum_variant_names,
    reason = "each says what may not be done, and the next may say it otherwise"
)]
pub(crate) enum Restriction {
    /// May not delete contacts.
    NoContactDelete,
    /// May not import.
    NoImport,
    /// May not export, nor see exports.
    NoExport,
    /// May not make, change, delete or send broadcasts; sees them.
    NoBroadcast,
    /// May not change the workspace's settings, its members, teams, channels or tokens, nor list the tokens.
    NoWorkspaceSettings,
    /// Sees the contacts alone that are assigned to them or to a team of theirs; a script that is no member sees none and
    /// makes none. What they make is assigned to them, unless they name a team of theirs. Imports are FORBIDDEN, since they name everyone in their
    /// files.
    OnlyAssignedContacts,
    /// Phone numbers, e-mail addresses and addresses on channels are hidden: they are null or `hidden` in answers, do not stand in for a missing
    /// name, and are FORBIDDEN in filters, in sorting and in `contactByAddress`; the search box does not look into them. So are
    /// imports, whose files hold them.
    MaskPhoneAndEmail,
}

/// In the words of the API.
pub(crate) fn restrictions(of: &[entity::role::Restriction]) -> Vec<Restriction> {
    of.iter().copied().map(Into::into).collect()
}
