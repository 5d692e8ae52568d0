//! What stands in an export: read in one snapshot, row after row, and written as CSV.

use super::heading::headings;
use crate::{
    attribute::Attributes,
    channel, clock,
    column::{self, Beside, Column, Row},
    contact::{self, Chosen, Nulls, Part, Selected, Sort},
    csv_file::Encoding,
    db::{Db, Snapshot, dialect},
    error::{Error, Result},
    formula, member,
    page::{self, Order},
    team,
    viewer::Viewer,
};
use chrono::{DateTime, Utc};
use entity::{
    channel::Model as Channel,
    column::{ColumnOrder, ColumnRef},
    contact::Model as Contact,
    contact_channel,
    export::ExportFormat,
    id::{ChannelId, ContactChannelId, TagId, WorkspaceId},
    member::Model as Member,
    tag::{self, Model as Tag},
    team::Model as Team,
};
use futures_util::TryStreamExt;
use sea_orm::{
    ConnectionTrait, QueryResult, QuerySelect, QueryTrait, StreamTrait, sea_query::Expr,
};
use std::collections::HashMap;

/// Bytes that are handed on at once.
const CHUNK: usize = 256 * 1024;

/// What an export is to have, checked.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Which contacts.
    pub selected: Selected,
    /// The columns, from left to right.
    pub columns: Vec<ColumnRef>,
    /// What they are sorted by; none: the newest first.
    pub sort: Option<ColumnOrder>,
    /// How the file is written.
    pub format: ExportFormat,
}

/// Where the file goes.
pub trait Sink {
    /// Takes what comes next, with the number of contacts that are written now; false ends the export.
    ///
    /// # Errors
    /// When it cannot.
    fn take(&mut self, bytes: Vec<u8>, rows: i64) -> impl Future<Output = Result<bool>> + Send;
}

/// A file's contents, as one moment sees them.
pub struct Contents {
    snapshot: Snapshot,
    viewer: Viewer,
    chosen: Chosen,
    order: Order,
    attributes: Attributes,
    columns: Vec<ColumnRef>,
    format: ExportFormat,
    beside: Besides,
    total: i64,
    at: DateTime<Utc>,
}

/// What the rows have in common.
#[derive(Default)]
struct Besides {
    channels: Vec<Channel>,
    members: Vec<Member>,
    teams: Vec<Team>,
    tags: HashMap<TagId, Tag>,
}

impl Contents {
    /// Chooses the contacts on behalf of who asked.
    ///
    /// # Errors
    /// What somebody can mend, where an inbox, a segment or a column is gone, or another number matches than was seen; or when the database is
    /// away.
    pub async fn open(db: &Db, workspace: WorkspaceId, wanted: Wanted) -> Result<Self> {
        let snapshot = db.snapshot().await?;
        let conn = &*snapshot;
        let viewer = wanted.selected.viewer(conn, workspace).await?;
        let attributes = Attributes::load(conn, &viewer).await?;
        let at = clock::now();
        let beside = {
            let columns = found(&wanted.columns, &attributes)?;
            Besides::load(conn, &viewer, &columns).await?
        };
        let sort = wanted
            .sort
            .map(|kept| sort(&kept, &attributes))
            .transpose()?;
        let order = contact::order(&viewer, sort.as_ref(), &attributes)?;
        let chosen = wanted.selected.choose(conn, &viewer).await?;
        let total = contact::count(conn, &viewer, &chosen, 0).await?.value;
        let expected = wanted.selected.expected_count();
        if let Some(expected) = expected.filter(|expected| *expected != total) {
            let message = format!(
                "{total} contacts matched when it began, you saw {expected}. Look at them again."
            );
            return Err(Error::user("contacts", "CONFLICT", message));
        }
        Ok(Self {
            viewer,
            chosen,
            order,
            columns: wanted.columns,
            format: wanted.format,
            beside,
            total: i64::try_from(total).unwrap_or(i64::MAX),
            at,
            attributes,
            snapshot,
        })
    }

    /// How many contacts there are.
    pub fn total(&self) -> i64 {
        self.total
    }

    /// The moment.
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Writes all of it; false where the sink ended it.
    ///
    /// # Errors
    /// When the database is away, or the sink cannot take it.
    pub async fn write(self, to: &mut impl Sink) -> Result<bool> {
        let columns = found(&self.columns, &self.attributes)?;
        let mut csv = Csv::new(self.format);
        csv.head(&headings(&columns, &self.attributes))?;
        let (addresses, tags) = (
            needs(&columns, Beside::Addresses),
            needs(&columns, Beside::Tags),
        );
        let backend = ConnectionTrait::get_database_backend(&*self.snapshot);
        let reader = Part::of(&self.viewer, &columns).reader(&self.viewer);
        for select in page::whole(self.chosen.pick.clone(), &self.order) {
            let mut select = reader.select(select);
            if addresses {
                select = select
                    .expr_as(Expr::cust(first_address("channel_id")), "first_channel_id")
                    .expr_as(Expr::cust(first_address("address")), "first_address");
            }
            if tags {
                select = select.expr_as(Expr::cust(dialect::tags_of_contact(backend)), "tag_ids");
            }
            let mut rows = self.snapshot.stream(&select.into_query()).await?;
            while let Some(row) = rows.try_next().await? {
                let contact = (reader.read)(&row)?;
                self.row(&row, contact, &columns, (addresses, tags), &mut csv)?;
                if let Some((chunk, rows)) = csv.full()?
                    && !to.take(chunk, rows).await?
                {
                    return Ok(false);
                }
            }
        }
        if csv.rows != self.total {
            return Err(Error::Broken(format!(
                "{} of {} contacts were exported",
                csv.rows, self.total
            )));
        }
        let rows = csv.rows;
        to.take(csv.finish()?, rows).await
    }

    /// Writes the line of a contact.
    fn row(
        &self,
        row: &QueryResult,
        contact: Contact,
        columns: &[Column<'_>],
        (addresses, tags): (bool, bool),
        csv: &mut Csv,
    ) -> Result<()> {
        let contact = contact::masked(&self.viewer, contact);
        let address = match addresses {
            true => self.address(row, &contact)?,
            false => None,
        };
        let tags = match tags {
            true => self.beside.tags_of(row)?,
            false => Vec::new(),
        };
        let row = Row {
            contact: &contact,
            addresses: address.as_slice(),
            channels: &self.beside.channels,
            members: &self.beside.members,
            teams: &self.beside.teams,
            tags: &tags,
        };
        for column in columns {
            let cell = column.cell(&row).unwrap_or_default();
            csv.cell(&formula::guard(&cell))?;
        }
        csv.end_row()
    }

    fn address(
        &self,
        row: &QueryResult,
        contact: &Contact,
    ) -> Result<Option<contact_channel::Model>> {
        let channel: Option<i64> = row.try_get("", "first_channel_id")?;
        let address: Option<String> = row.try_get("", "first_address")?;
        let found = channel.zip(address).map(|(channel, address)| {
            let row = contact_channel::Model {
                id: ContactChannelId(0),
                workspace_id: contact.workspace_id,
                contact_id: contact.id,
                channel_id: ChannelId(channel),
                address,
                profile_name: None,
                first_contact_at: None,
                last_contact_at: None,
                last_incoming_at: None,
                created_at: contact.created_at,
            };
            contact::masked_address(&self.viewer, row)
        });
        Ok(found)
    }
}

impl Besides {
    async fn load(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        columns: &[Column<'_>],
    ) -> Result<Self> {
        let mut beside = Self::default();
        if needs(columns, Beside::Addresses) {
            beside.channels = channel::list(conn, viewer).await?;
        }
        if needs(columns, Beside::Members) {
            beside.members = member::list(conn, viewer).await?;
        }
        if needs(columns, Beside::Teams) {
            beside.teams = team::list(conn, viewer).await?;
        }
        if needs(columns, Beside::Tags) {
            let tags = viewer.find::<tag::Entity>().all(conn).await?;
            beside.tags = tags.into_iter().map(|tag| (tag.id, tag)).collect();
        }
        Ok(beside)
    }

    /// A contact's tags, by name.
    fn tags_of(&self, row: &QueryResult) -> Result<Vec<Tag>> {
        let ids: Option<String> = row.try_get("", "tag_ids")?;
        let ids: Vec<i64> = serde_json::from_str(ids.as_deref().unwrap_or("[]"))
            .map_err(|error| Error::Broken(error.to_string()))?;
        let tags = ids.into_iter();
        let mut tags: Vec<Tag> = tags
            .filter_map(|id| self.tags.get(&TagId(id)).cloned())
            .collect();
        tags.sort_by(|a, b| a.name_key.cmp(&b.name_key));
        Ok(tags)
    }
}

/// Whether one of these columns is read from this beside the contact.
fn needs(columns: &[Column<'_>], beside: Beside) -> bool {
    columns.iter().any(|column| column.beside() == beside)
}

/// A column of a contact's oldest address.
fn first_address(column: &str) -> String {
    format!(
        "(SELECT {column} FROM contact_channel WHERE contact_channel.contact_id = contact.id ORDER BY contact_channel.id LIMIT 1)"
    )
}

/// The columns that are kept. One that is gone is named by what is known of it.
fn found<'a>(kept: &[ColumnRef], attributes: &'a Attributes) -> Result<Vec<Column<'a>>> {
    kept.iter()
        .map(|kept| {
            column::kept(kept, attributes).ok_or_else(|| {
                let message = "A column of this export was deleted after it was asked for: ask for one without it.";
                Error::user("columns", "NOT_FOUND", message)
            })
        })
        .collect()
}

fn sort(kept: &ColumnOrder, attributes: &Attributes) -> Result<Sort> {
    let column = found(std::slice::from_ref(&kept.column), attributes)?;
    Ok(Sort {
        column: column.iter().map(Column::key).collect(),
        descending: kept.descending,
        nulls: if kept.nulls_first {
            Nulls::First
        } else {
            Nulls::Last
        },
    })
}

/// A CSV file that is being written, a chunk at a time.
struct Csv {
    writer: csv::Writer<Vec<u8>>,
    rows: i64,
}

impl Csv {
    fn new(format: ExportFormat) -> Self {
        let mut chunk = Vec::with_capacity(CHUNK + CHUNK / 4);
        if format == ExportFormat::CsvExcel {
            // Without it Excel takes UTF-8 for the encoding of its country.
            chunk.extend_from_slice(Encoding::Utf8.byte_order_mark());
        }
        Self {
            writer: writer(chunk),
            rows: 0,
        }
    }

    fn head(&mut self, cells: &[String]) -> Result<()> {
        self.writer.write_record(cells).map_err(broken)
    }

    fn cell(&mut self, cell: &str) -> Result<()> {
        self.writer.write_field(cell).map_err(broken)
    }

    fn end_row(&mut self) -> Result<()> {
        self.rows += 1;
        self.writer.write_record(None::<&[u8]>).map_err(broken)
    }

    /// What is written, once it is much.
    fn full(&mut self) -> Result<Option<(Vec<u8>, i64)>> {
        if self.writer.get_ref().len() < CHUNK {
            return Ok(None);
        }
        let empty = writer(Vec::with_capacity(CHUNK + CHUNK / 4));
        let full = std::mem::replace(&mut self.writer, empty);
        Ok(Some((bytes(full)?, self.rows)))
    }

    fn finish(self) -> Result<Vec<u8>> {
        bytes(self.writer)
    }
}

fn broken(error: csv::Error) -> Error {
    Error::Broken(error.to_string())
}

/// As RFC 4180 has it: a line ends with CR LF, also the last one.
fn writer(chunk: Vec<u8>) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(chunk)
}

fn bytes(writer: csv::Writer<Vec<u8>>) -> Result<Vec<u8>> {
    let written = writer.into_inner();
    written.map_err(|error| Error::Io(error.into_error()))
}
