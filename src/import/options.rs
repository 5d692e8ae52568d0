//! What `roster import` can be told, and what that means for the import.

use super::mapping;
use anyhow::{Result, anyhow};
use clap::ValueEnum;
use domain::{
    channel,
    import::{MappingInput, Settings},
    viewer::Viewer,
};
use entity::{id::ChannelId, import};
use sea_orm::ConnectionTrait;
use std::path::PathBuf;

/// What to import, and how.
#[derive(clap::Args)]
#[command(
    after_help = "Ends with 0 when all rows went in, 3 when some were refused (the result file says why), 1 when it failed."
)]
pub(crate) struct Args {
    /// The CSV file: comma, semicolon or tab; UTF-8, UTF-16 or Windows-1252.
    pub(super) file: PathBuf,

    /// Which rules hold for the file.
    #[arg(long, default_value = "contacts")]
    pub(super) kind: Kind,

    /// The channel of a broadcast list.
    #[arg(long, value_name = "NAME")]
    channel: Option<String>,

    /// The country of phone numbers without one, two letters such as DE. Without it, the workspace's.
    #[arg(long, value_name = "CC")]
    country: Option<String>,

    /// What an existing contact is found by: the first of these that a row has. Without it, what the file's columns suggest.
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    match_by: Option<Vec<MatchBy>>,

    /// Where the cells below a header go. May come again.
    ///
    /// "Header=column" to a column that is there, "Header=attr.key:TYPE" to a new attribute (TEXT, NUMBER, DATE, TIME, DATETIME,
    /// BOOLEAN, ARRAY, OBJECT or LOCATION), "Header=" nowhere.
    #[arg(long, value_name = "HEADER=COLUMN", value_parser = mapping::parse)]
    map: Vec<MappingInput>,

    /// Ignore the headers that are neither known nor mapped.
    #[arg(long)]
    pub(super) ignore_unmapped: bool,

    /// Put all contacts whose rows go in into this segment, which is made where there is none.
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,

    /// What a cell that does not fit its column does.
    #[arg(long)]
    on_invalid: Option<OnInvalid>,

    /// Let empty cells remove what contacts have, instead of leaving it.
    #[arg(long)]
    empty_clears: bool,

    /// The time zone of times that name none, such as Europe/Berlin. Without it, the workspace's.
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,

    /// The workspace to import into. Without it, the oldest.
    #[arg(long, value_name = "NAME")]
    pub(super) workspace: Option<String>,

    /// Confirm that these people consent to be contacted. Without it nobody is imported.
    #[arg(long)]
    pub(super) consent: bool,

    /// Write JSON, one object a line; the last is the result.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    /// Any columns, mapped.
    Contacts,
    /// The fixed user.* headers, then key||TYPE.
    BroadcastList,
}

impl From<Kind> for import::ImportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Contacts => Self::Contacts,
            Kind::BroadcastList => Self::BroadcastList,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum MatchBy {
    Id,
    ChannelAddress,
    Phone,
    Email,
}

impl From<MatchBy> for import::MatchBy {
    fn from(key: MatchBy) -> Self {
        match key {
            MatchBy::Id => Self::Id,
            MatchBy::ChannelAddress => Self::ChannelAddress,
            MatchBy::Phone => Self::Phone,
            MatchBy::Email => Self::Email,
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum OnInvalid {
    /// The row is refused.
    FailRow,
    /// The cell is left out, and the result file says so.
    DropCell,
}

impl From<OnInvalid> for import::OnInvalid {
    fn from(what: OnInvalid) -> Self {
        match what {
            OnInvalid::FailRow => Self::FailRow,
            OnInvalid::DropCell => Self::DropCell,
        }
    }
}

impl Args {
    /// The import's settings.
    pub(super) async fn settings(
        &self,
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
    ) -> Result<Settings> {
        let channel_id = match &self.channel {
            Some(name) => Some(Some(channel_named(conn, viewer, name).await?)),
            None => None,
        };
        let keys = |keys: &Vec<MatchBy>| keys.iter().map(|key| (*key).into()).collect();
        Ok(Settings {
            channel_id,
            country: self.country.clone(),
            segment_name: self.segment.clone(),
            mapping: self.map.clone(),
            match_by: self.match_by.as_ref().map(keys),
            on_invalid: self.on_invalid.map(Into::into),
            empty_clears: self.empty_clears.then_some(true),
            time_zone: self.time_zone.clone(),
        })
    }
}

async fn channel_named(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    name: &str,
) -> Result<ChannelId> {
    let channels = channel::list(conn, viewer).await?;
    if let Some(found) = channel::named(&channels, name) {
        return Ok(found.id);
    }
    let names: Vec<&str> = channels
        .iter()
        .map(|channel| channel.name.as_str())
        .collect();
    let there = match names.as_slice() {
        [] => "the workspace has none yet".to_owned(),
        names => format!("there are {}", names.join(", ")),
    };
    Err(anyhow!(
        "--channel: there is no channel \"{name}\"; {there}"
    ))
}

/// The flag that an input of the import comes from.
pub(super) fn flag(field: &str) -> Option<&'static str> {
    Some(match field {
        "channelId" => "--channel",
        "country" => "--country",
        "segmentName" => "--segment",
        "mapping" => "--map",
        "matchBy" => "--match-by",
        "onInvalid" => "--on-invalid",
        "timeZone" => "--time-zone",
        "consentConfirmed" => "--consent",
        _ => return None,
    })
}
