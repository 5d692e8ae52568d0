//! A file comes in: stored and inspected in one pass, then noted, refused or not.

use super::{
    list, mapping, run,
    settings::{self, Settings},
    start,
};
use crate::{
    attribute::Attributes,
    clock,
    csv_file::{Inspection as Seen, Inspector, Refusal, RefusalCode},
    db::{Db, Tx},
    error::{Error, Result},
    idempotency::{self, Keyed, Ran},
    pending_object,
    store::{Store, random_name},
    text,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::ImportId,
    import::{
        self, ImportFailureCode, ImportKind, Inspection, Mappings, MatchKeys, OnInvalid, Problem,
    },
    job::JobStatus,
    role::{Restriction, Role},
};
use sea_orm::{ActiveModelTrait, IntoActiveModel, NotSet};
use sha2::{Digest, Sha256};
use std::io::{Read, Seek};
use tokio::io::AsyncWriteExt;

/// A file that has come in.
pub struct Uploaded {
    /// What it holds; read from its beginning.
    pub file: std::fs::File,
    /// As its owner named it.
    pub file_name: String,
    /// Whether it was cut off since it is larger than the installation takes.
    pub truncated: bool,
}

/// An import to make.
#[derive(Debug, Clone)]
pub struct NewImport {
    /// Which rules hold.
    pub kind: ImportKind,
    /// Whether someone has said that these people consent to be contacted.
    pub consent_confirmed: bool,
    /// What is said about it already.
    pub settings: Settings,
    /// Whether it starts at once, where nothing is left to decide.
    pub start: bool,
}

/// Why the whole file is refused.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    pub(super) code: ImportFailureCode,
    pub(super) message: String,
    pub(super) header: Option<String>,
}

impl Failure {
    pub(super) fn new(
        code: ImportFailureCode,
        header: Option<&str>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            header: header.map(str::to_owned),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let code = match refusal.code {
            RefusalCode::EmptyFile => ImportFailureCode::EmptyFile,
            RefusalCode::NoHeader => ImportFailureCode::NoHeader,
            RefusalCode::DuplicateHeader => ImportFailureCode::DuplicateHeader,
            RefusalCode::NotCsv => ImportFailureCode::NotCsv,
            RefusalCode::TooManyColumns => ImportFailureCode::TooManyColumns,
        };
        Self {
            code,
            message: refusal.message,
            header: refusal.header,
        }
    }
}

/// Takes a file in. One that is refused as a whole is an import too, FAILED with the reason, and stands in the history.
///
/// # Errors
/// [`Error::Forbidden`], or one for every setting that does not hold.
pub async fn create(
    db: &Db,
    store: &Store,
    viewer: &Viewer,
    uploaded: Uploaded,
    new: NewImport,
    keyed: Option<&Keyed>,
) -> Result<Ran<import::Model>> {
    let mut stored = None;
    let prepare = async {
        let (draft, taken) = receive(db, store, viewer, uploaded, &new).await?;
        stored = taken.key.clone();
        Ok((draft, taken))
    };
    let note = async |tx: &Tx, (draft, taken)| note(tx, viewer, draft, taken, &new).await;
    let receipt = |import: &import::Model| import.id.to_string().into();
    let ran = idempotency::run(db, viewer, keyed, prepare, note, receipt).await;
    // Where the database failed nobody knows whether the row is there; what is in nobody's row goes by night.
    if let (Err(Error::User(_)) | Ok(Ran::Before(_)), Some(key)) = (&ran, stored) {
        pending_object::discard(db, store, &key).await?;
    }
    ran
}

/// Reads the file once, on its way to the store.
async fn receive(
    db: &Db,
    store: &Store,
    viewer: &Viewer,
    uploaded: Uploaded,
    new: &NewImport,
) -> Result<(import::Model, Taken)> {
    viewer.require(Role::Manager)?;
    viewer.unrestricted(Restriction::NoImport)?;
    viewer.sees_imports()?;
    if !new.consent_confirmed {
        let message =
            "Confirm that these people consent to be contacted; without that nobody is imported.";
        return Err(Error::user("consentConfirmed", "CONSENT_REQUIRED", message));
    }
    let draft = draft(db, viewer, &uploaded.file_name, new).await?;
    let taken = if uploaded.truncated {
        let message = "The file is larger than this installation takes. Split it, or ask the operator to raise max-upload.";
        Taken::refused(Failure::new(ImportFailureCode::FileTooLarge, None, message))
    } else {
        take_in(db, store, uploaded.file).await?
    };
    Ok((draft, taken))
}

/// The row as far as it is known before the file is read.
async fn draft(
    db: &Db,
    viewer: &Viewer,
    file_name: &str,
    new: &NewImport,
) -> Result<import::Model> {
    let workspace = workspace::get(db.read(), viewer.workspace_id).await?;
    let mut draft = import::Model {
        id: ImportId(0),
        workspace_id: viewer.workspace_id,
        kind: new.kind,
        status: JobStatus::Inspected,
        file_name: base_name(file_name),
        source_key: None,
        source_size: 0,
        source_sha256: String::new(),
        inspection: None,
        mapping: Mappings::default(),
        channel_id: None,
        country: None,
        segment_name: None,
        segment_id: None,
        match_by: MatchKeys::default(),
        on_invalid: OnInvalid::FailRow,
        empty_clears: false,
        time_zone: workspace.time_zone,
        row_limit: None,
        row_count: None,
        cursor: 0,
        created_count: 0,
        updated_count: 0,
        unchanged_count: 0,
        failed_count: 0,
        duplicate_count: 0,
        discarded_count: 0,
        failure_code: None,
        failure_message: None,
        failure_header: None,
        result_key: None,
        result_size: 0,
        failed_key: None,
        failed_size: 0,
        created_by_member_id: viewer.member.as_ref().map(|member| member.id),
        created_by_name: viewer.name.clone(),
        created_at: clock::now(),
        started_at: None,
        finished_at: None,
        updated_at: Some(clock::now()),
    };
    settings::merge(db.read(), viewer, &mut draft, &new.settings).await?;
    Ok(draft)
}

/// A file name without folders and without characters that no file name has.
fn base_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let name: String = name.chars().filter(|c| !c.is_control()).take(255).collect();
    if name.trim().is_empty() {
        "upload.csv".to_owned()
    } else {
        name
    }
}

/// A file that has been read once.
struct Taken {
    /// Where it lies in the store; none where it is not kept.
    key: Option<String>,
    size: u64,
    sha256: String,
    seen: Result<Seen, Failure>,
}

impl Taken {
    fn refused(failure: Failure) -> Self {
        Self {
            key: None,
            size: 0,
            sha256: String::new(),
            seen: Err(failure),
        }
    }
}

/// Bytes read at once.
const CHUNK: usize = 256 * 1024;

/// Copies the file to the store, and inspects and hashes it on the way.
async fn take_in(db: &Db, store: &Store, mut file: std::fs::File) -> Result<Taken> {
    file.rewind()?;
    let key = format!("imports/{}/source.csv", random_name()?);
    pending_object::note(db, &key).await?;
    let mut writer = store.writer(&key);
    let (mut inspector, mut sha256, mut size) = (Inspector::new(), Sha256::new(), 0_u64);
    loop {
        // Reading and inspecting take a thread that may block; writing is the store's.
        let read = tokio::task::spawn_blocking(move || -> std::io::Result<_> {
            let mut chunk = Vec::with_capacity(CHUNK);
            Read::by_ref(&mut file)
                .take(CHUNK as u64)
                .read_to_end(&mut chunk)?;
            inspector.push(&chunk);
            sha256.update(&chunk);
            Ok((file, inspector, sha256, chunk))
        });
        let chunk;
        (file, inspector, sha256, chunk) = read
            .await
            .map_err(|error| Error::Broken(error.to_string()))??;
        if chunk.is_empty() {
            break;
        }
        size += chunk.len() as u64;
        if let Err(error) = writer.put(chunk.into()).await {
            writer.abort().await?;
            return Err(error.into());
        }
    }
    writer.shutdown().await?;
    let sha256 = text::hex(&sha256.finalize());
    Ok(Taken {
        key: Some(key),
        size,
        sha256,
        seen: inspector.finish().map_err(Failure::from),
    })
}

/// Writes the row, and starts the import where that was asked and nothing is left to decide.
async fn note(
    tx: &Tx,
    viewer: &Viewer,
    mut draft: import::Model,
    taken: Taken,
    new: &NewImport,
) -> Result<import::Model> {
    if let Some(key) = &taken.key {
        pending_object::settle(tx, key).await?;
    }
    draft.source_key = taken.key;
    draft.source_size = i64::try_from(taken.size).unwrap_or(i64::MAX);
    draft.source_sha256 = taken.sha256;
    let looked = match taken.seen {
        Ok(seen) => look(tx, viewer, &mut draft, &new.settings, seen).await?,
        Err(failure) => Err(failure),
    };
    if let Err(failure) = looked {
        refuse(&mut draft, failure);
    }
    let mut row = draft.into_active_model().reset_all();
    row.id = NotSet;
    let mut import = row.insert(&**tx).await?;
    if new.start && import.status == JobStatus::Inspected && mapping::is_decided(&import) {
        import = start::start(tx, viewer, import.id, Settings::default()).await?;
    }
    run::announce(tx, &import).await?;
    Ok(import)
}

/// Turns an import into one that was refused.
pub(super) fn refuse(import: &mut import::Model, failure: Failure) {
    import.status = JobStatus::Failed;
    import.failure_code = Some(failure.code);
    import.failure_message = Some(failure.message);
    import.failure_header = failure.header;
    let now = Some(clock::now());
    (import.finished_at, import.updated_at) = (now, now);
}

/// Proposes a mapping, takes what was said over the proposal, and notes what a person should know.
async fn look(
    tx: &Tx,
    viewer: &Viewer,
    draft: &mut import::Model,
    settings: &Settings,
    seen: Seen,
) -> Result<Result<(), Failure>> {
    draft.row_count = Some(i64::try_from(seen.row_count).unwrap_or(i64::MAX));
    let mut problems: Vec<Problem> = seen.problems.iter().map(row_problem).collect();
    let attributes = Attributes::load(&**tx, viewer).await?;
    let (headers, samples) = (seen.headers.clone(), seen.sample_rows.clone());
    draft.inspection = Some(inspection(seen));
    if let Err(failure) = settings::channel_is_ready(&**tx, viewer, draft).await? {
        return Ok(Err(failure));
    }
    draft.mapping = match draft.kind {
        ImportKind::Contacts => mapping::propose(&headers, &samples, &attributes, &mut problems),
        ImportKind::BroadcastList => match list::mapping(&headers, &attributes, &mut problems) {
            Ok(mapping) => mapping,
            Err(failure) => return Ok(Err(failure)),
        },
    };
    mapping::merge(draft, &settings.mapping, &attributes)?;
    settings::note_segment(&**tx, viewer, draft, &mut problems).await?;
    if let Some(inspection) = &mut draft.inspection {
        inspection.problems = problems;
    }
    Ok(Ok(()))
}

fn row_problem(problem: &crate::csv_file::Problem) -> Problem {
    Problem {
        code: problem.fault.code().to_owned(),
        message: format!(
            "Row {}, line {}: {}",
            problem.row, problem.line, problem.message
        ),
        field: problem.header.clone().map(|header| vec![header]),
    }
}

fn inspection(seen: Seen) -> Inspection {
    Inspection {
        encoding: seen.layout.encoding.name().to_owned(),
        delimiter: seen.layout.delimiter.into(),
        sep_line: seen.layout.has_sep_line,
        headers: seen.headers,
        sample_rows: seen.sample_rows,
        row_count: i64::try_from(seen.row_count).unwrap_or(i64::MAX),
        problems: Vec::new(),
    }
}
