//! What a person says about an import.

use super::setting::{ImportKind, MatchBy, OnInvalid};
use crate::{graphql::attribute::AttributeType, transport::Upload};
use async_graphql::{ID, InputObject};
use domain::import::{MappingInput, Settings};
use domain::scalar::{CountryCode, TimeZone};

/// An attribute to make.
#[derive(InputObject)]
pub(crate) struct NewAttributeInput {
    /// Its key: a letter or digit, then at most 63 letters, digits, spaces and the signs _ - . Where an attribute of this key is there
    /// already, it must be of the same type, and is taken.
    key: String,
    /// The type of its values, for ever.
    #[graphql(name = "type")]
    type_: AttributeType,
}

/// What becomes of one column of the file: say exactly one of `column`, `newAttribute` and `ignore: true`.
#[derive(InputObject)]
pub(crate) struct ColumnMappingInput {
    /// The header as the file writes it.
    header: String,
    /// The key of a column that is there, such as `email` or `attr.plan`.
    column: Option<String>,
    /// An attribute that is made when the import is started.
    new_attribute: Option<NewAttributeInput>,
    /// Its cells go nowhere.
    ignore: Option<bool>,
}

impl From<ColumnMappingInput> for MappingInput {
    fn from(input: ColumnMappingInput) -> Self {
        let ColumnMappingInput {
            header,
            column,
            new_attribute,
            ignore,
        } = input;
        let new_attribute =
            new_attribute.map(|NewAttributeInput { key, type_ }| (key, type_.into()));
        Self {
            header,
            column,
            new_attribute,
            ignore: ignore.unwrap_or_default(),
        }
    }
}

/// A file of contacts to take in.
#[derive(InputObject)]
pub(crate) struct CreateImportInput {
    /// The file, in a GraphQL multipart request. UTF-8 with or without byte order mark, UTF-16 or Windows-1252; comma, semicolon or tab
    /// between the cells, or what a first line `sep=…` says.
    pub(super) file: Upload,
    /// Which rules hold for it.
    #[graphql(default_with = "ImportKind::Contacts")]
    pub(super) kind: ImportKind,
    /// BROADCAST_LIST: the WhatsApp channel on which these people will be written to; required before the start. It must be READY, or
    /// the file is refused.
    pub(super) channel_id: Option<ID>,
    /// The country of phone numbers without a `+`; the workspace's where left out.
    pub(super) country: Option<CountryCode>,
    /// Those who go in are added to the segment of this name, which is made where it is new.
    pub(super) segment_name: Option<String>,
    /// Whether these people consent to be contacted. Must be true.
    pub(super) consent_confirmed: bool,
    /// CONTACTS: what becomes of single columns. Those not named stay as proposed.
    pub(super) mapping: Option<Vec<ColumnMappingInput>>,
    /// The first of these that a row has a value for finds its contact. Left out: all that the mapped columns allow, in the enum's
    /// order. A row with none of them fails: importing it twice would double it.
    pub(super) match_by: Option<Vec<MatchBy>>,
    /// What a cell that does not fit does.
    #[graphql(default_with = "OnInvalid::FailRow")]
    pub(super) on_invalid: OnInvalid,
    /// Whether an empty cell removes the value; else it leaves it.
    #[graphql(default = false)]
    pub(super) empty_clears: bool,
    /// The zone of DATETIME cells without an offset; the workspace's where left out.
    pub(super) time_zone: Option<TimeZone>,
    /// Whether it starts at once, where nothing is left to decide. Otherwise it waits, INSPECTED, for `startImport`.
    #[graphql(default = false)]
    pub(super) start: bool,
}

impl CreateImportInput {
    /// What it says about the import, without the file.
    pub(super) fn into_settings(self) -> Settings {
        let said = StartImportInput {
            id: ID::default(),
            mapping: self.mapping,
            channel_id: self.channel_id,
            country: self.country,
            segment_name: self.segment_name,
            match_by: self.match_by,
            on_invalid: Some(self.on_invalid),
            empty_clears: Some(self.empty_clears),
            time_zone: self.time_zone,
        };
        said.into_settings()
    }
}

/// An import to start. What is said here counts over what was said when it was created.
#[derive(InputObject)]
pub(crate) struct StartImportInput {
    /// Its id. NOT_FOUND where there is none, CONFLICT where it is not INSPECTED.
    pub(super) id: ID,
    /// CONTACTS: what becomes of single columns. Those not named stay as they are; one that is still undecided is HEADER_UNMAPPED.
    mapping: Option<Vec<ColumnMappingInput>>,
    /// BROADCAST_LIST: the WhatsApp channel, REQUIRED. One that is not READY refuses the file.
    channel_id: Option<ID>,
    /// The country of phone numbers without a `+`.
    country: Option<CountryCode>,
    /// Those who go in are added to the segment of this name, which is made where it is new.
    segment_name: Option<String>,
    /// The first of these that a row has a value for finds its contact. KEY_MISSING where one has no column.
    match_by: Option<Vec<MatchBy>>,
    /// What a cell that does not fit does.
    on_invalid: Option<OnInvalid>,
    /// Whether an empty cell removes the value.
    empty_clears: Option<bool>,
    /// The zone of DATETIME cells without an offset.
    time_zone: Option<TimeZone>,
}

impl StartImportInput {
    /// What it says about the import.
    pub(super) fn into_settings(self) -> Settings {
        Settings {
            channel_id: self.channel_id.map(|id| id.parse().ok()),
            country: self.country.map(|country| country.0),
            segment_name: self.segment_name,
            mapping: self
                .mapping
                .unwrap_or_default()
                .into_iter()
                .map(Into::into)
                .collect(),
            match_by: self
                .match_by
                .map(|keys| keys.into_iter().map(Into::into).collect()),
            on_invalid: self.on_invalid.map(Into::into),
            empty_clears: self.empty_clears,
            time_zone: self.time_zone.map(|zone| zone.0),
        }
    }
}
