//! What a person says about an import, when creating it or when starting it.

use entity::{
    attribute::AttributeType,
    id::ChannelId,
    import::{MatchBy, OnInvalid},
};

/// The settings of an import; what is none stays as it is, or as proposed.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The channel of a broadcast list; `Some(None)`: an id that leads nowhere.
    pub channel_id: Option<Option<ChannelId>>,
    /// ISO 3166-1 alpha-2, for phone numbers without a country.
    pub country: Option<String>,
    /// The segment to make or add to.
    pub segment_name: Option<String>,
    /// What becomes of single columns; those not named stay as proposed.
    pub mapping: Vec<MappingInput>,
    /// The keys to find a contact by, in turn.
    pub match_by: Option<Vec<MatchBy>>,
    /// What a cell that does not fit does.
    pub on_invalid: Option<OnInvalid>,
    /// Whether an empty cell removes the value.
    pub empty_clears: Option<bool>,
    /// IANA name, for DATETIME cells without an offset.
    pub time_zone: Option<String>,
}

/// What becomes of one column: exactly one of the three.
#[derive(Debug, Clone, Default)]
pub struct MappingInput {
    /// The header as the file writes it.
    pub header: String,
    /// A column that is there, by its key.
    pub column: Option<String>,
    /// An attribute to make, with its type.
    pub new_attribute: Option<(String, AttributeType)>,
    /// Nothing.
    pub ignore: bool,
}
