//! `roster export`: contacts as CSV, to a file or to standard output.

use crate::{config::Config, failure::explain_with, open, terminal};
use anyhow::{Context, Result};
use clap::ValueEnum;
use domain::{
    contact::{Matching, MatchingContacts, Nulls, Selection, Sort},
    error::{Error, Result as DomainResult},
    export::{Contents, NewExport, Sink, wanted},
    filter::{ContactFilter, Stored},
    inbox::InboxKey,
    segment,
    viewer::Viewer,
    workspace,
};
use entity::{contact::ContactStatus, export::ExportFormat};
use sea_orm::ConnectionTrait;
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Whom to export, and how. Everything given narrows together.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The file to write, which must not be there yet; - is standard output.
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    output: PathBuf,

    /// The columns, from left to right, such as id,name,attr.plan. Without it, all.
    #[arg(long, value_name = "KEY,…", value_delimiter = ',')]
    columns: Option<Vec<String>>,

    /// A ContactFilter as JSON, such as '{"country":{"eq":"DE"}}'.
    #[arg(long, value_name = "JSON", value_parser = filter)]
    filter: Option<ContactFilter>,

    /// What stands in a search box.
    #[arg(long, value_name = "WORDS")]
    search: Option<String>,

    /// The contacts of this segment.
    #[arg(long, value_name = "NAME")]
    segment: Option<String>,

    /// The contacts of this inbox, by its id, such as `inbox_unassigned`.
    #[arg(long, value_name = "ID", value_parser = inbox)]
    inbox: Option<InboxKey>,

    /// Of these statuses. Without it, active ones, unless a segment is named or the filter speaks of the status.
    #[arg(long, value_name = "STATUS,…", value_delimiter = ',')]
    status: Option<Vec<Status>>,

    /// A column to sort by; with :desc behind it, downwards. Without it, the newest first.
    #[arg(long, value_name = "KEY[:desc]")]
    order_by: Option<String>,

    /// How the file is written.
    #[arg(long, default_value = "csv")]
    format: Format,

    /// The workspace. Without it, the oldest.
    #[arg(long, value_name = "NAME")]
    workspace: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Status {
    Active,
    Inactive,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// RFC 4180, UTF-8.
    Csv,
    /// The same with a byte order mark, by which Excel knows UTF-8.
    CsvExcel,
}

fn filter(text: &str) -> Result<ContactFilter, String> {
    let json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Stored::parse(&json).map_err(|error| error.to_string())
}

fn inbox(text: &str) -> Result<InboxKey, String> {
    text.parse()
        .map_err(|()| "an inbox is written inbox_all, inbox_team_7 or inbox_12".to_owned())
}

/// Writes the file.
pub(crate) async fn run(config: &Config, args: Args) -> Result<ExitCode> {
    let output = args.output.clone();
    let opened = open::open(config).await?;
    let db = &opened.db;
    open::first_workspace(db).await?;
    let explain = |error| explain_with(error, flag);
    let workspace = workspace::by_name(db.read(), args.workspace.as_deref()).await;
    let viewer = Viewer::command_line(workspace.map_err(explain)?.id);
    let new = args.wanted(db.read(), &viewer).await?;
    let wanted = wanted(db.read(), &viewer, new).await.map_err(explain)?;
    let contents = Contents::open(db, viewer.workspace_id, wanted).await;
    let contents = contents.map_err(explain)?;
    let total = contents.total();
    let mut to = Output::open(&output)?;
    let written = contents.write(&mut to).await;
    if !to.finish(written)? {
        return Ok(ExitCode::FAILURE);
    }
    terminal::say(format_args!("{total} contacts were exported."));
    Ok(ExitCode::SUCCESS)
}

impl Args {
    async fn wanted(self, conn: &impl ConnectionTrait, viewer: &Viewer) -> Result<NewExport> {
        let segment_id = match &self.segment {
            Some(name) => {
                let found = segment::by_name(conn, viewer, name).await?;
                Some(
                    found
                        .with_context(|| format!("--segment: there is no segment {name}"))?
                        .id,
                )
            }
            None => None,
        };
        let status = |status| match status {
            Status::Active => ContactStatus::Active,
            Status::Inactive => ContactStatus::Inactive,
        };
        Ok(NewExport {
            contacts: Selection::Matching(Box::new(MatchingContacts {
                matching: Matching {
                    inbox: self.inbox,
                    segment_id,
                    status: self.status.map(|of| of.into_iter().map(status).collect()),
                    filter: self.filter,
                    search: self.search,
                },
                except: Vec::new(),
                expected_count: None,
            })),
            columns: self.columns,
            sort: self.order_by.as_deref().map(sort),
            format: match self.format {
                Format::Csv => ExportFormat::Csv,
                Format::CsvExcel => ExportFormat::CsvExcel,
            },
        })
    }
}

fn sort(text: &str) -> Sort {
    let (column, descending) = match text.strip_suffix(":desc") {
        Some(column) => (column, true),
        None => (text.strip_suffix(":asc").unwrap_or(text), false),
    };
    Sort {
        column: column.to_owned(),
        descending,
        nulls: Nulls::Last,
    }
}

/// The flag that holds an input at fault.
fn flag(field: &str) -> Option<&'static str> {
    match field {
        "columns" => Some("--columns"),
        "contacts" => Some("--filter, --search or --inbox"),
        "orderBy" => Some("--order-by"),
        "filter" => Some("--filter"),
        _ => None,
    }
}

/// Where the rows go. A file has its name once it is whole.
enum Output {
    Stdout,
    File {
        file: tempfile::NamedTempFile,
        path: PathBuf,
    },
}

impl Output {
    fn open(path: &Path) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::Stdout);
        }
        let cannot = || format!("{} cannot be written", path.display());
        anyhow::ensure!(!path.exists(), "{} is there already", path.display());
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        Ok(Self::File {
            file,
            path: path.to_owned(),
        })
    }

    fn put(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        match self {
            Self::Stdout => std::io::stdout().lock().write_all(bytes),
            Self::File { file, .. } => file.write_all(bytes),
        }
    }

    /// Keeps the file where all of it was written; false where a reader such as `| head` has had enough.
    fn finish(self, written: DomainResult<bool>) -> Result<bool> {
        match (self, written) {
            (Self::Stdout, Ok(whole)) => {
                std::io::stdout().lock().flush()?;
                Ok(whole)
            }
            (Self::Stdout, Err(Error::Io(error))) if error.kind() == ErrorKind::BrokenPipe => {
                Ok(false)
            }
            (Self::File { file, path }, Ok(true)) => {
                File::sync_all(file.as_file())?;
                file.persist_noclobber(&path)
                    .with_context(|| format!("{} cannot be written", path.display()))?;
                Ok(true)
            }
            (_, Ok(false)) => Ok(false),
            (_, Err(error)) => Err(explain_with(error, flag)),
        }
    }
}

impl Sink for Output {
    async fn take(&mut self, bytes: Vec<u8>, _rows: i64) -> DomainResult<bool> {
        self.put(&bytes)?;
        Ok(true)
    }
}
