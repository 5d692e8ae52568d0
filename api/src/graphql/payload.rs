//! The payloads of mutations: the thing changed, and what the person can mend.

use async_graphql::SimpleObject;
use domain::idempotency::Refused;

/// Something in an input that the person can mend.
#[derive(SimpleObject)]
pub(crate) struct UserError {
    /// Path into the input, such as `["contact", "email"]`, list positions counted from 0; null: the input as a whole.
    field: Option<Vec<String>>,
    /// For programs, such as `NOT_FOUND` (no such thing, or not yours), `CONFLICT` (not what you saw), `TAKEN`, `INVALID`,
    /// `REQUIRED`, `LIMIT_EXCEEDED`, `PHONE_INVALID`, `EMAIL_INVALID` or `VALUE_OF_WRONG_TYPE`. There may be more in future.
    code: String,
    /// For people, in English: what is wrong, and what to do.
    message: String,
}

impl From<domain::error::UserError> for UserError {
    fn from(error: domain::error::UserError) -> Self {
        Self {
            field: Some(error.field).filter(|path| !path.is_empty()),
            code: error.code.to_owned(),
            message: error.message,
        }
    }
}

impl From<Refused> for UserError {
    fn from(refused: Refused) -> Self {
        let Refused {
            field,
            code,
            message,
        } = refused;
        Self {
            field: Some(field).filter(|path| !path.is_empty()),
            code,
            message,
        }
    }
}

impl UserError {
    /// Something that was noted about an input.
    pub(super) fn note(field: Option<Vec<String>>, code: &str, message: &str) -> Self {
        Self {
            field,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }
}

/// What became of a change: done, or refused for what the person can mend.
pub(crate) type Settled<T> = std::result::Result<T, Vec<UserError>>;

/// Declares a payload with one thing, made from what settled.
macro_rules! payload {
    ($(#[$($doc:tt)*])* $name:ident, $(#[$($field_doc:tt)*])* $field:ident: $type:ty) => {
        $(#[$($doc)*])*
        #[derive(async_graphql::SimpleObject)]
        pub(crate) struct $name {
            $(#[$($field_doc)*])*
            $field: Option<$type>,
            /// What the person can mend. Empty where the change was made; otherwise nothing was changed.
            user_errors: Vec<$crate::graphql::payload::UserError>,
        }

        impl From<$crate::graphql::payload::Settled<$type>> for $name {
            fn from(settled: $crate::graphql::payload::Settled<$type>) -> Self {
                match settled {
                    Ok(thing) => Self { $field: Some(thing), user_errors: Vec::new() },
                    Err(user_errors) => Self { $field: None, user_errors },
                }
            }
        }
    };
}
pub(crate) use payload;

payload!(
    /// What became of a deletion.
    DeletePayload,
    /// The id that no longer exists; null where the deletion was refused.
    deleted_id: async_graphql::ID
);

/// What to delete.
#[derive(async_graphql::InputObject)]
pub(crate) struct DeleteInput {
    /// Its id. NOT_FOUND where there is none.
    pub(super) id: async_graphql::ID,
}
