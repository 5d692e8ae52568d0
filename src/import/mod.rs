//! `roster import FILE`: one file from a terminal into the database that the settings name, with workers of its own, so that no server
//! need run; one that runs may take the job, and its dashboards see the import either way.

mod mapping;
mod options;
mod report;
mod watch;

use crate::{
    config::Config,
    failure::{explain, explain_with},
    open::{self, Opened},
    parts::Parts,
    secret,
    shutdown::Signals,
    terminal,
};
use anyhow::{Context, Result};
use domain::{
    idempotency::Ran,
    import::{self, NewImport, Uploaded},
    viewer::Viewer,
    workspace,
};
use entity::{import::Model as Import, job::JobStatus};
use report::{Report, Style};
use std::{
    fs::File,
    io::{Read, Seek},
    process::ExitCode,
};

pub(crate) use options::Args;

/// Some rows went in and others were refused.
const SOME_REFUSED: u8 = 3;

/// Imports the file, as far as it goes.
pub(crate) async fn run(config: &Config, args: Args, signals: Signals) -> Result<ExitCode> {
    let report = Report::new(Style::of(args.json));
    let outcome = import(config, args, &signals, &report).await;
    if let Err(error) = &outcome {
        report.error(error);
    }
    outcome
}

async fn import(
    config: &Config,
    args: Args,
    signals: &Signals,
    report: &Report,
) -> Result<ExitCode> {
    let opening = async {
        let opened = open::open(config).await?;
        open::first_workspace(&opened.db).await?;
        Ok(opened)
    };
    let Some(opened) = signals.unless(opening).await? else {
        return Ok(unbegun());
    };
    let workspace = workspace::by_name(opened.db.read(), args.workspace.as_deref()).await;
    let viewer = Viewer::command_line(workspace.map_err(explain)?.id);
    let Some(created) = signals
        .unless(take_in(config, &opened, &viewer, &args))
        .await?
    else {
        return Ok(unbegun());
    };
    let Some(begun) = begin(&opened, &viewer, &args, created, report).await? else {
        return Ok(ExitCode::FAILURE);
    };
    if begun.status == JobStatus::Failed {
        report.end(&opened.store, &begun);
        return Ok(ExitCode::FAILURE);
    }
    let ended = work(config, &opened, &viewer, &begun, signals, report).await?;
    let Some(ended) = ended else {
        report.interrupted(&begun);
        return Ok(ExitCode::FAILURE);
    };
    report.end(&opened.store, &ended);
    Ok(match ended.status {
        JobStatus::Completed if ended.failed_count + ended.discarded_count == 0 => {
            ExitCode::SUCCESS
        }
        JobStatus::Completed => SOME_REFUSED.into(),
        _ => ExitCode::FAILURE,
    })
}

/// A signal came before there was an import.
fn unbegun() -> ExitCode {
    terminal::say("Interrupted: nothing was imported.");
    ExitCode::FAILURE
}

/// Stores and inspects the file.
async fn take_in(config: &Config, opened: &Opened, viewer: &Viewer, args: &Args) -> Result<Import> {
    let settings = args.settings(opened.db.read(), viewer).await?;
    let path = &args.file;
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let limit = config.max_upload.0;
    let (file, size) = regular(opened, file, limit)
        .with_context(|| format!("{} cannot be read", path.display()))?;
    let name = path.file_name().unwrap_or(path.as_os_str());
    let uploaded = Uploaded {
        file,
        file_name: name.to_string_lossy().into_owned(),
        truncated: size > limit,
    };
    let new = NewImport {
        kind: args.kind.into(),
        consent_confirmed: args.consent,
        settings,
        start: false,
    };
    let created = import::create(&opened.db, &opened.store, viewer, uploaded, new, None).await;
    let created = created.and_then(Ran::now);
    created.map_err(|error| explain_with(error, options::flag))
}

/// A file that can be read twice: what comes through a pipe is copied first, up to a byte past the limit.
fn regular(opened: &Opened, file: File, limit: u64) -> Result<(File, u64)> {
    let about = file.metadata()?;
    anyhow::ensure!(!about.is_dir(), "it is a folder");
    if about.is_file() {
        return Ok((file, about.len()));
    }
    let mut copy = opened.store.temporary()?;
    let size = std::io::copy(&mut file.take(limit.saturating_add(1)), &mut copy)?;
    copy.rewind()?;
    Ok((copy, size))
}

/// Starts the import; none where columns are left to decide, which are then named. One that was refused as a whole comes back FAILED.
async fn begin(
    opened: &Opened,
    viewer: &Viewer,
    args: &Args,
    created: Import,
    report: &Report,
) -> Result<Option<Import>> {
    if created.status == JobStatus::Failed {
        return Ok(Some(created));
    }
    report.inspected(&created);
    let undecided = mapping::undecided(&created);
    let mut settings = import::Settings::default();
    if args.ignore_unmapped {
        settings.mapping = undecided
            .iter()
            .map(|header| mapping::ignore(header))
            .collect();
    }
    let tx = opened.db.write().await?;
    if !undecided.is_empty() && !args.ignore_unmapped {
        import::cancel(&tx, viewer, created.id)
            .await
            .map_err(explain)?;
        tx.commit().await?;
        report.undecided(&created, &undecided);
        return Ok(None);
    }
    match import::start(&tx, viewer, created.id, settings).await {
        Ok(begun) => {
            tx.commit().await?;
            Ok(Some(begun))
        }
        Err(error) => {
            drop(tx);
            let tx = opened.db.write().await?;
            import::cancel(&tx, viewer, created.id)
                .await
                .map_err(explain)?;
            tx.commit().await?;
            Err(explain_with(error, options::flag))
        }
    }
}

/// Runs workers and watches until the import is over; none where a signal came first.
async fn work(
    config: &Config,
    opened: &Opened,
    viewer: &Viewer,
    import: &Import,
    signals: &Signals,
    report: &Report,
) -> Result<Option<Import>> {
    let secret = secret::load(config)?;
    let providers = open::providers(config, &secret, "")?;
    let services = open::services(config, opened, providers).await?;
    // A child, so that the workers stop when the import is over as they do at a signal.
    let stop = signals.stop().child_token();
    let mut parts = Parts::watching(&opened.db, &stop);
    parts.work(services, open::job_settings(config));
    let watching = async {
        let ended = stop
            .run_until_cancelled(watch::until_over(&opened.db, viewer, import.id, report))
            .await
            .transpose();
        stop.cancel();
        ended
    };
    let both = async {
        let (ended, finished) = tokio::join!(watching, parts.finish());
        finished?;
        ended
    };
    Ok(signals.within_deadline(both).await?.flatten())
}
