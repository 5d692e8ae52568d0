//! An import's settings, read once for its job: what each cell of a record means.

use super::mapping;
use crate::{
    attribute::Attributes,
    channel,
    column::{self, BuiltIn, Column, ImportUse, Reading},
    contact::{Fault, Patch},
    csv_file::{Encoding, Layout},
    error::{Error, Result},
    viewer::Viewer,
};
use entity::{
    attribute::AttributeType,
    channel::Model as Channel,
    id::{AttributeId, ChannelId, ImportId, SegmentId},
    import::{self, ImportKind, MatchBy, OnInvalid, Target},
};
use sea_orm::ConnectionTrait;

/// Everything that the meaning of a record hangs on. It is the same whenever the import's job begins anew.
pub struct Plan {
    /// Which import.
    pub import_id: ImportId,
    /// Where the source lies.
    pub source_key: String,
    /// How the source is written.
    pub layout: Layout,
    /// The headers, trimmed.
    pub headers: Vec<String>,
    /// Rows past it are discarded.
    pub row_limit: Option<i64>,
    /// Data rows of the file.
    pub row_count: i64,
    /// The segment that those who go in are added to.
    pub segment_id: Option<SegmentId>,
    pub(super) uses: Vec<CellUse>,
    pub(super) keys: Vec<MatchBy>,
    pub(super) reading: Reading,
    pub(super) drop_cells: bool,
    pub(super) empty_clears: bool,
    /// The channel of a broadcast list.
    pub(super) list_channel: Option<Channel>,
    pub(super) channels: Vec<Channel>,
}

/// What a cell does.
#[derive(Clone, Copy)]
pub(super) enum CellUse {
    Ignored,
    Id,
    Channel,
    Address,
    Phone(SetField),
    Email(SetField),
    Field(SetField),
    Attribute(AttributeId, AttributeType),
}

type SetField = fn(&mut Patch, Option<&str>, &Reading) -> Result<(), Fault>;

impl Plan {
    /// Reads the plan of an import that was started.
    ///
    /// # Errors
    /// When the database is away, or the row is not that of a started import.
    pub async fn load(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        import: &import::Model,
    ) -> Result<Self> {
        let broken = |what: &str| Error::Broken(format!("{} has no {what}", import.id));
        let inspection = import
            .inspection
            .as_ref()
            .ok_or_else(|| broken("inspection"))?;
        let encoding: Encoding = inspection
            .encoding
            .parse()
            .map_err(|_| broken("encoding that is known"))?;
        let delimiter =
            u8::try_from(inspection.delimiter).map_err(|_| broken("delimiter that is known"))?;
        let attributes = Attributes::load(conn, viewer).await?;
        let channels = channel::list(conn, viewer).await?;
        let is_list = import.kind == ImportKind::BroadcastList;
        let uses = import
            .mapping
            .0
            .iter()
            .map(|mapping| cell_use(&mapping.target, &attributes))
            .collect();
        let of_id = |id: ChannelId| channels.iter().find(|channel| channel.id == id).cloned();
        Ok(Self {
            import_id: import.id,
            source_key: import.source_key.clone().ok_or_else(|| broken("source"))?,
            layout: Layout {
                encoding,
                delimiter,
                has_sep_line: inspection.sep_line,
            },
            headers: import
                .mapping
                .0
                .iter()
                .map(|mapping| mapping.header.clone())
                .collect(),
            row_limit: import.row_limit,
            row_count: import.row_count.ok_or_else(|| broken("row count"))?,
            segment_id: import.segment_id,
            uses,
            keys: import.match_by.0.clone(),
            reading: Reading {
                country: import
                    .country
                    .as_deref()
                    .and_then(|country| country.parse().ok()),
                zone: import.time_zone.parse().unwrap_or(chrono_tz::UTC),
                digits_only: is_list,
            },
            drop_cells: import.on_invalid == OnInvalid::DropCell,
            empty_clears: import.empty_clears,
            list_channel: import.channel_id.filter(|_| is_list).and_then(of_id),
            channels,
        })
    }

    /// Rows that are read at all: those up to the limit.
    pub fn rows_taken(&self) -> i64 {
        self.row_limit
            .map_or(self.row_count, |limit| limit.min(self.row_count))
    }

    /// Whether the source's last column is that of an earlier result file.
    pub(super) fn ends_with_comments(&self) -> bool {
        let ignored = matches!(self.uses.last(), Some(CellUse::Ignored));
        ignored && mapping::ends_with_comments(&self.headers)
    }
}

/// A column that is gone since is ignored.
fn cell_use(target: &Target, attributes: &Attributes) -> CellUse {
    let Target::Column(key) = target else {
        return CellUse::Ignored;
    };
    match column::find(key, attributes) {
        None => CellUse::Ignored,
        Some(Column::Attribute(attribute)) => CellUse::Attribute(attribute.id, attribute.r#type),
        Some(Column::BuiltIn(BuiltIn { key, import, .. })) => match import {
            ImportUse::Ignored => CellUse::Ignored,
            ImportUse::Id => CellUse::Id,
            ImportUse::Channel => CellUse::Channel,
            ImportUse::Address => CellUse::Address,
            ImportUse::Set(set) if *key == "phone" => CellUse::Phone(*set),
            ImportUse::Set(set) if *key == "email" => CellUse::Email(*set),
            ImportUse::Set(set) => CellUse::Field(*set),
        },
    }
}
