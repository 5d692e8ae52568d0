//! What was wrong with a row, or with the whole file.

use crate::graphql::connection::connection;
use async_graphql::{Enum, SimpleObject};
use entity::import_error::Model;

/// Why a row was refused, or a cell left out. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::import_error::ImportErrorCode")]
pub(crate) enum ImportErrorCode {
    /// The row needs a phone number and has none.
    PhoneMissing,
    /// Not a number that can be dialled, or one without a country.
    PhoneInvalid,
    /// The phone number of a broadcast list has something else than digits.
    PhoneHasSpecialCharacters,
    /// A spreadsheet has rounded the number away, such as `4.91E+11`: format the column as text.
    PhoneLooksLikeASpreadsheetNumber,
    /// Not an e-mail address.
    EmailInvalid,
    /// No channel has this name, and not just one is of this kind.
    ChannelUnknown,
    /// Nothing in the row says who it is about.
    KeyMissing,
    /// No contact has the id.
    ContactNotFound,
    /// Several contacts could be meant.
    ContactAmbiguous,
    /// The cell is not of its column's type.
    ValueOfWrongType,
    /// Of the right type, but not a value that there can be, such as February 30.
    ValueOutOfRange,
    /// A number of more than 15 significant digits: an attribute of type TEXT would keep them.
    NumberTooLong,
    /// Too many characters.
    ValueTooLong,
    /// More cells than headers.
    TooManyCells,
    /// Fewer cells than headers.
    TooFewCells,
    /// A later row of the file has the same key and counts alone.
    DuplicateInFile,
    /// The row and all after it stand past the row limit of broadcast lists.
    RowLimitExceeded,
    /// Bytes that are not text in the file's encoding.
    TextNotDecodable,
    /// A quote is opened and never closed.
    QuoteNotClosed,
}

/// Something that was wrong with a row.
#[derive(SimpleObject, Clone)]
pub(crate) struct ImportError {
    /// The row: 1 is the first one after the header.
    row: i32,
    /// The line of the file on which the row begins, counted from 1.
    line: i32,
    /// The header of the cell; null: the row as a whole.
    header: Option<String>,
    /// What the cell holds, at most 200 characters of it; null: the row as a whole.
    value: Option<String>,
    /// For programs.
    code: ImportErrorCode,
    /// For people, in English: what is wrong, and what to do.
    message: String,
    /// True where the cell alone was left out and the row went in; false where the row did not.
    cell_dropped: bool,
}

impl From<Model> for ImportError {
    fn from(row: Model) -> Self {
        Self {
            row: row.row.try_into().unwrap_or(i32::MAX),
            line: row.line.try_into().unwrap_or(i32::MAX),
            header: row.header,
            value: row.value,
            code: row.code.into(),
            message: row.message,
            cell_dropped: row.dropped,
        }
    }
}

connection!(
    /// A page of errors.
    ImportErrorConnection,
    /// An error on a page.
    ImportErrorEdge,
    ImportError
);

/// Why a whole file was refused. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::import::ImportFailureCode")]
pub(crate) enum ImportFailureCode {
    /// There is nothing in it.
    EmptyFile,
    /// A column has no header.
    NoHeader,
    /// A header comes twice.
    DuplicateHeader,
    /// A fixed header of broadcast lists is missing or renamed.
    HeaderMissing,
    /// The fixed headers of broadcast lists stand in another order.
    HeaderOutOfOrder,
    /// A header that is not `key||TYPE`.
    HeaderUnknown,
    /// A header names a type that there is not.
    AttributeTypeUnknown,
    /// An attribute of this key is of another type.
    AttributeTypeConflict,
    /// Not a text of delimited cells: a spreadsheet's own file, a picture …
    #[graphql(name = "NOT_CSV")]
    NotCsv,
    /// Larger than this installation takes.
    FileTooLarge,
    /// More than 500 columns.
    TooManyColumns,
    /// The channel is not READY.
    ChannelNotReady,
}

/// Why a whole file was refused. Nothing of it went in.
#[derive(SimpleObject, Clone)]
pub(crate) struct ImportFailure {
    /// For programs.
    pub(super) code: ImportFailureCode,
    /// For people, in English: what is wrong, and what to do.
    pub(super) message: String,
    /// The header it is about.
    pub(super) header: Option<String>,
}
