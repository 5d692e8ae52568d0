//! Ids: a newtype for each table, so that a channel's id is never taken for a contact's.
//!
//! Outside the database an id is written with its kind in front (`contact_42`): in GraphQL, in links and in the `id` column of
//! exports. Who reads it back gets the id of that kind or nothing.

use sea_orm::DeriveValueType;

/// An id of one table.
pub trait Id: Copy + std::fmt::Display + std::str::FromStr {
    /// What stands before the number in the written form.
    const KIND: &'static str;

    /// An id that no row has: stands for a written form that is not that of an id of this kind, so that whoever asks with it gets the
    /// answer for one that does not exist.
    const NOWHERE: Self;

    /// The number in the database.
    fn number(self) -> i64;
}

/// The written form was not that of an id of the kind wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParseIdError;

impl std::fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not an id of this kind")
    }
}

impl std::error::Error for ParseIdError {}

/// Reads `kind_42`; leading zeros and signs are refused, so that an id has one written form.
fn parse(kind: &str, text: &str) -> Result<i64, ParseIdError> {
    let digits = text
        .strip_prefix(kind)
        .and_then(|rest| rest.strip_prefix('_'))
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0'))
        .ok_or(ParseIdError)?;
    digits.parse().map_err(|_| ParseIdError)
}

macro_rules! id {
    ($name:ident, $kind:literal) => {
        #[doc = concat!("Id of a row of `", $kind, "`, written `", $kind, "_42`.")]
        #[derive(
            Debug,
            Clone,
            Copy,
            PartialEq,
            Eq,
            Hash,
            PartialOrd,
            Ord,
            DeriveValueType,
            serde::Serialize,
            serde::Deserialize,
        )]
        pub struct $name(pub i64);

        impl Id for $name {
            const KIND: &'static str = $kind;
            const NOWHERE: Self = Self(0);

            fn number(self) -> i64 {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!($kind, "_{}"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                parse($kind, text).map(Self)
            }
        }
    };
}

id!(WorkspaceId, "workspace");
id!(MemberId, "member");
id!(ApiTokenId, "token");
id!(ChannelId, "channel");
id!(AttributeId, "attribute");
id!(ContactId, "contact");
id!(ContactChannelId, "address");
id!(SegmentId, "segment");
id!(TagId, "tag");
id!(TeamId, "team");
id!(InboxId, "inbox");
id!(TableViewId, "view");
id!(ImportId, "import");
id!(OperationId, "operation");
id!(ExportId, "export");
id!(TemplateId, "template");
id!(BlockId, "block");
id!(ConversationId, "conversation");
id!(MessageId, "message");
id!(BroadcastId, "broadcast");
id!(BroadcastSendId, "send");
id!(DeliveryId, "delivery");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_written_form() {
        assert_eq!("contact_42".parse(), Ok(ContactId(42)));
        assert_eq!(ContactId(42).to_string(), "contact_42");
        for wrong in [
            "contact_",
            "contact_042",
            "contact_+1",
            "contact_-1",
            "channel_42",
            "42",
            "",
            "contact_99999999999999999999",
            "contact_0",
            "contact_4 2",
        ] {
            assert_eq!(wrong.parse::<ContactId>(), Err(ParseIdError), "{wrong}");
        }
    }
}
