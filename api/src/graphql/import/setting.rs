//! The choices of an import.

use async_graphql::Enum;

/// Which rules hold for a file.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::import::ImportKind")]
pub(crate) enum ImportKind {
    /// Any columns, recognised by their headers or mapped by a person.
    Contacts,
    /// The fixed headers `user.username, user.phone_no, user.email, user.first_name, user.last_name, user.title, user.account` in this
    /// order, then custom columns as `key||TYPE` (TEXT where no type is given).
    BroadcastList,
}

/// What a cell that does not fit its column does to its row.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::import::OnInvalid")]
pub(crate) enum OnInvalid {
    /// The row fails.
    FailRow,
    /// The cell is left out, and Comments says so. The cells that say who the row is about are never left out.
    DropCell,
}

/// What a contact can be found by.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::import::MatchBy")]
pub(crate) enum MatchBy {
    /// The id column of an export.
    Id,
    /// The channel (its name, or its kind where there is but one) and the address there; where the file has no address, the phone number.
    ChannelAddress,
    /// The phone number.
    Phone,
    /// The e-mail address, without regard to case.
    Email,
}
