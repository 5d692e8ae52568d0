//! The files that say what became of each row: the source with one more column, and one of the failed rows alone.
//!
//! They are made from the source and the noted errors, and hold nothing that differs between two runs.

use super::{mapping, plan::Plan};
use crate::{
    csv_file::{Encoding, Reader},
    db::Db,
    error::{Error, Result},
};
use entity::{
    id::ImportId,
    import_error::{self, ImportErrorCode},
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use std::{
    fs::File,
    io::{BufWriter, Read, Write},
};
use tokio::sync::mpsc;

/// Errors read from the database at once.
const PAGE: u64 = 5_000;

/// Sends the errors of an import, in the order of the rows, a page at a time, until they end or nobody listens.
///
/// # Errors
/// When the database is away.
#[allow(clippy::disallowed_methods, reason = "the import is that of the job")]
pub async fn send_errors(
    db: &Db,
    id: ImportId,
    to: mpsc::Sender<Vec<import_error::Model>>,
) -> Result<()> {
    let mut last = (0_i64, -1_i32);
    loop {
        let behind = Expr::tuple([
            Expr::col(import_error::Column::Row),
            Expr::col(import_error::Column::Seq),
        ])
        .gt(Expr::tuple([Expr::val(last.0), Expr::val(last.1)]));
        let page = import_error::Entity::find()
            .filter(import_error::Column::ImportId.eq(id))
            .filter(behind)
            .order_by_asc(import_error::Column::Row)
            .order_by_asc(import_error::Column::Seq)
            .limit(PAGE)
            .all(db.read())
            .await?;
        let Some(end) = page.last() else {
            return Ok(());
        };
        last = (end.row, end.seq);
        if to.send(page).await.is_err() {
            return Ok(());
        }
    }
}

/// The two files, not yet in the store.
pub struct Written {
    /// Every row of the source.
    pub result: File,
    /// The failed rows; none where there is none.
    pub failed: Option<File>,
}

/// Writes both files, on a thread that may block. `done` is how many rows have an outcome: fewer than there are where the import was
/// cancelled.
///
/// # Errors
/// When the source cannot be read, or a temporary file not be written.
pub fn write(
    plan: &Plan,
    source: Box<dyn Read + Send>,
    done: i64,
    mut errors: mpsc::Receiver<Vec<import_error::Model>>,
    temporary: &dyn Fn() -> Result<File>,
    stopped: &dyn Fn() -> bool,
) -> Result<Option<Written>> {
    let mut reader = Reader::open(source, plan.layout)?;
    let mut result = Output::new(plan, temporary()?)?;
    let mut failed = Output::new(plan, temporary()?)?;
    let header: Vec<String> = reader.header().to_vec();
    result.record(header.iter().map(String::as_str), &result.heading())?;
    failed.record(header.iter().map(String::as_str), &failed.heading())?;
    let mut pending: std::vec::IntoIter<import_error::Model> = Vec::new().into_iter();
    let mut next = take(&mut pending, &mut errors);
    let mut any_failed = false;
    while let Some(record) = reader.read_record()? {
        let row = i64::try_from(record.row()).unwrap_or(i64::MAX);
        if row % 4096 == 0 && stopped() {
            return Ok(None);
        }
        let mut comments = Comments::default();
        while let Some(error) = next.take_if(|error| error.row <= row) {
            comments.add(&error);
            next = take(&mut pending, &mut errors);
        }
        if row > done {
            comments.text =
                "Not imported: the import was cancelled before this row [CANCELLED]".to_owned();
        } else if row > plan.rows_taken() {
            comments.text = format!(
                "Discarded: the list takes {} rows [{}]",
                plan.rows_taken(),
                ImportErrorCode::RowLimitExceeded.as_str()
            );
        }
        result.record(record.iter(), &comments.text)?;
        if comments.failed {
            any_failed = true;
            failed.record(record.iter(), &comments.text)?;
        }
    }
    Ok(Some(Written {
        result: result.finish()?,
        failed: if any_failed {
            Some(failed.finish()?)
        } else {
            None
        },
    }))
}

fn take(
    pending: &mut std::vec::IntoIter<import_error::Model>,
    errors: &mut mpsc::Receiver<Vec<import_error::Model>>,
) -> Option<import_error::Model> {
    pending.next().or_else(|| {
        *pending = errors.blocking_recv()?.into_iter();
        pending.next()
    })
}

/// What is said about a row.
#[derive(Default)]
struct Comments {
    text: String,
    failed: bool,
}

impl Comments {
    fn add(&mut self, error: &import_error::Model) {
        if !self.text.is_empty() {
            self.text.push_str("; ");
        }
        if let Some(header) = &error.header {
            self.text.push_str(header);
            self.text.push_str(": ");
        }
        // A full stop would stand amid what goes on behind it.
        self.text.push_str(error.message.trim_end_matches('.'));
        self.text.push_str(if error.dropped {
            ", so the cell was left out ["
        } else {
            " ["
        });
        self.text.push_str(error.code.as_str());
        self.text.push(']');
        self.failed |= !error.dropped
            && !matches!(
                error.code,
                ImportErrorCode::DuplicateInFile | ImportErrorCode::RowLimitExceeded
            );
    }
}

/// One of the two files.
struct Output {
    csv: csv::Writer<BufWriter<File>>,
    /// Cells of the source that are written; behind them come the comments.
    width: usize,
    /// Whether the source's last column is the comments of an earlier file, which give way to the new ones.
    replaces: bool,
    heading: String,
}

impl Output {
    fn new(plan: &Plan, file: File) -> Result<Self> {
        let mut file = BufWriter::with_capacity(256 * 1024, file);
        // Without it Excel takes UTF-8 for the encoding of its country.
        file.write_all(Encoding::Utf8.byte_order_mark())?;
        let csv = csv::WriterBuilder::new()
            .delimiter(plan.layout.delimiter)
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(file);
        let replaces = plan.ends_with_comments();
        let width = plan.headers.len() - usize::from(replaces);
        let taken = plan.headers[..width]
            .iter()
            .any(|header| header.eq_ignore_ascii_case(mapping::COMMENTS));
        let heading = if taken {
            mapping::OTHER_COMMENTS
        } else {
            mapping::COMMENTS
        };
        Ok(Self {
            csv,
            width,
            replaces,
            heading: heading.to_owned(),
        })
    }

    fn heading(&self) -> String {
        self.heading.clone()
    }

    /// A record of the source, filled up to its width, then the comments, then what it had too many.
    fn record<'a>(&mut self, cells: impl Iterator<Item = &'a str>, comments: &str) -> Result<()> {
        let mut cells = cells.fuse();
        let csv = &mut self.csv;
        let mut write = |cell: &str| csv.write_field(cell).map_err(csv_error);
        for _ in 0..self.width {
            write(cells.next().unwrap_or_default())?;
        }
        write(comments)?;
        for cell in cells.skip(usize::from(self.replaces)) {
            write(cell)?;
        }
        csv.write_record(None::<&[u8]>).map_err(csv_error)
    }

    fn finish(self) -> Result<File> {
        let file = self
            .csv
            .into_inner()
            .map_err(|error| Error::Io(error.into_error()))?;
        file.into_inner()
            .map_err(|error| Error::Io(error.into_error()))
    }
}

fn csv_error(error: csv::Error) -> Error {
    Error::Io(std::io::Error::other(error))
}
