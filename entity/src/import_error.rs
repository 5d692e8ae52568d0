//! What was wrong with which row, and which cells were left out.

use crate::id::ImportId;
use sea_orm::entity::prelude::*;

/// One thing that was wrong.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_error")]
pub struct Model {
    /// The import.
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_id: ImportId,
    /// 1 is the first row after the header.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row: i64,
    /// Numbers the errors of a row, from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i32,
    /// The line of the file on which the row begins.
    pub line: i64,
    /// The header it is about.
    pub header: Option<String>,
    /// The cell as it stood, at most 200 characters of it.
    pub value: Option<String>,
    /// For machines.
    pub code: ImportErrorCode,
    /// For people: what, and what to do.
    pub message: String,
    /// Whether the cell alone was left out, and the row went in.
    pub dropped: bool,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why a row was refused, or a cell left out.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        pub enum ImportErrorCode {
            $($(#[$doc])* #[sea_orm(string_value = $text)] $name,)*
        }

        impl ImportErrorCode {
            /// The name in files and in GraphQL.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// A phone number is required.
    PhoneMissing = "PHONE_MISSING",
    /// Not a number that can be dialled.
    PhoneInvalid = "PHONE_INVALID",
    /// A broadcast list's phone number has something else than digits.
    PhoneHasSpecialCharacters = "PHONE_HAS_SPECIAL_CHARACTERS",
    /// A spreadsheet has rounded the number away.
    PhoneLooksLikeASpreadsheetNumber = "PHONE_LOOKS_LIKE_A_SPREADSHEET_NUMBER",
    /// Not an e-mail address.
    EmailInvalid = "EMAIL_INVALID",
    /// No channel of that name.
    ChannelUnknown = "CHANNEL_UNKNOWN",
    /// Nothing in the row says who it is about.
    KeyMissing = "KEY_MISSING",
    /// No contact has the id.
    ContactNotFound = "CONTACT_NOT_FOUND",
    /// Several contacts could be meant.
    ContactAmbiguous = "CONTACT_AMBIGUOUS",
    /// The cell is not of its column's type.
    ValueOfWrongType = "VALUE_OF_WRONG_TYPE",
    /// Of the right type, but not a value that there can be.
    ValueOutOfRange = "VALUE_OUT_OF_RANGE",
    /// More than 15 significant digits.
    NumberTooLong = "NUMBER_TOO_LONG",
    /// Too many characters.
    ValueTooLong = "VALUE_TOO_LONG",
    /// More cells than headers.
    TooManyCells = "TOO_MANY_CELLS",
    /// Fewer cells than headers.
    TooFewCells = "TOO_FEW_CELLS",
    /// A later row of the file has the same key and counts alone.
    DuplicateInFile = "DUPLICATE_IN_FILE",
    /// The row stands past the row limit.
    RowLimitExceeded = "ROW_LIMIT_EXCEEDED",
    /// Bytes that are not text in the file's encoding.
    TextNotDecodable = "TEXT_NOT_DECODABLE",
    /// A quote is opened and never closed.
    QuoteNotClosed = "QUOTE_NOT_CLOSED",
}

/// No relations: rows are joined by `domain`.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
