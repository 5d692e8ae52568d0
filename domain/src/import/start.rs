//! An import begins: everything it hangs on is settled, and its job is enqueued, in one transaction.

use super::{
    create::{Failure, refuse},
    list, mapping,
    run::save,
    settings::{self, Settings},
};
use crate::{
    attribute::{self, Attributes, NewAttribute},
    column,
    db::Tx,
    error::{Error, Result, UserError},
    job::{self, RunImport},
    segment,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::ImportId,
    import::{self, ImportKind, MatchKeys, Target},
    job::JobStatus,
    role::{Restriction, Role},
};

/// Runs an import that is INSPECTED; what is said here counts over what was said when it was created.
///
/// # Errors
/// NOT_FOUND, CONFLICT for one that has begun, or one for everything that is still to be decided. A file that turns out to be refused
/// as a whole is no error: it comes back FAILED.
pub async fn start(
    tx: &Tx,
    viewer: &Viewer,
    id: ImportId,
    settings: Settings,
) -> Result<import::Model> {
    viewer.require(Role::Manager)?;
    viewer.unrestricted(Restriction::NoImport)?;
    viewer.sees_imports()?;
    let found = viewer.lock::<import::Entity>(tx, id).await?;
    let mut import = found.ok_or_else(|| UserError::not_found("id", "import"))?;
    if import.status != JobStatus::Inspected {
        let message =
            "Only an import that is INSPECTED can be started; this one has begun or ended.";
        return Err(Error::user("id", "CONFLICT", message));
    }
    settings::merge(&**tx, viewer, &mut import, &settings).await?;
    let attributes = Attributes::load(&**tx, viewer).await?;
    mapping::merge(&mut import, &settings.mapping, &attributes)?;
    if let Some(failure) = refusal(tx, viewer, &mut import, &attributes).await? {
        refuse(&mut import, failure);
        return save(tx, import).await;
    }
    mapping::check(&import)?;
    import.match_by = MatchKeys(mapping::keys(&import)?);
    settle(tx, viewer, &mut import).await?;
    import.status = JobStatus::Queued;
    job::enqueue(
        tx,
        &RunImport {
            import_id: import.id,
        },
    )
    .await?;
    save(tx, import).await
}

/// Why the whole file is refused now, although it was not when it came in.
async fn refusal(
    tx: &Tx,
    viewer: &Viewer,
    import: &mut import::Model,
    attributes: &Attributes,
) -> Result<Option<Failure>> {
    if import.kind == ImportKind::BroadcastList {
        if import.channel_id.is_none() {
            let message = "Choose the WhatsApp channel on which these people will be written to.";
            return Err(Error::user("channelId", "REQUIRED", message));
        }
        // Attributes may have come since.
        let headers: Vec<String> = import
            .mapping
            .0
            .iter()
            .map(|mapping| mapping.header.clone())
            .collect();
        // What is to be noted was noted when the file came in.
        match list::mapping(&headers, attributes, &mut Vec::new()) {
            Ok(mapping) => import.mapping = mapping,
            Err(failure) => return Ok(Some(failure)),
        }
    }
    Ok(settings::channel_is_ready(&**tx, viewer, import)
        .await?
        .err())
}

/// Fixes all that the rows' meaning hangs on, so that a job that begins anew reads them the same way.
async fn settle(tx: &Tx, viewer: &Viewer, import: &mut import::Model) -> Result<()> {
    // Another import may be making the same attributes and the same segment at this moment; this one takes them as they are then.
    workspace::lock(tx, viewer).await?;
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let mut attributes = Attributes::load(&**tx, viewer).await?;
    if import.country.is_none() {
        import.country = workspace.default_country;
    }
    if import.kind == ImportKind::BroadcastList {
        import.row_limit = Some(workspace.broadcast_list_row_limit.into());
    }
    mapping::check_there(import, &attributes)?;
    for n in 0..import.mapping.0.len() {
        let Target::NewAttribute { key, r#type } = import.mapping.0[n].target.clone() else {
            continue;
        };
        if let Some(there) = attributes
            .by_key(&key)
            .filter(|there| there.r#type == r#type)
        {
            import.mapping.0[n].target =
                Target::Column(format!("{}{}", column::ATTRIBUTE_PREFIX, there.key));
            continue;
        }
        let new = NewAttribute {
            key,
            label: None,
            r#type,
            description: None,
            filterable: None,
            import_id: Some(import.id),
        };
        let made = attribute::create(tx, viewer, new)
            .await
            .map_err(|error| match error {
                Error::User(errors) => Error::User(
                    errors
                        .into_iter()
                        .map(|error| error.under(&["mapping"]))
                        .collect(),
                ),
                other => other,
            })?;
        import.mapping.0[n].target =
            Target::Column(format!("{}{}", column::ATTRIBUTE_PREFIX, made.key));
        attributes.push(made);
    }
    if let Some(name) = &import.segment_name {
        import.segment_id = Some(segment::for_import(tx, viewer, name, import.id).await?.id);
    }
    Ok(())
}
