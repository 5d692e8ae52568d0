//! Templates as the provider lists them.

use super::Wanted;
use crate::{
    channel::{self, Providers},
    clock,
    db::{Db, Tx},
    error::{Error, Result, UserError},
    idempotency::{self, Keyed, Ran},
    support,
    viewer::Viewer,
};
use entity::{
    channel as channels,
    id::ChannelId,
    template::{self, ButtonUrls, Model, TemplateStatus},
};
use provider::{Failure, RemoteStatus, RemoteTemplate};
use sea_orm::{ActiveModelTrait, Set};
use std::collections::HashMap;

/// Fetches a channel's templates: new ones are added, others brought up to date, those that are gone there are deleted here. What history
/// names stays readable.
///
/// # Errors
/// NOT_FOUND; INVALID for a channel whose provider lists none; UNAVAILABLE at `id` with what the provider said, or what is wrong with its answer: then
/// nothing is changed.
pub async fn sync(
    db: &Db,
    providers: &Providers,
    viewer: &Viewer,
    id: ChannelId,
    keyed: Option<&Keyed>,
) -> Result<Ran<Vec<Model>>> {
    // No transaction waits for somebody else's server.
    let fetched = fetch(db, providers, viewer, id);
    let write = async |tx: &Tx, listed| {
        // Two who fetch at once take turns.
        let locked = viewer.lock::<channels::Entity>(tx, id).await?;
        if locked.is_none_or(|channel| channel.deleted_at.is_some()) {
            return Err(Error::not_found("id", "channel"));
        }
        write(tx, viewer, id, listed).await
    };
    let receipt = |written: &Vec<Model>| written.iter().map(|row| row.id.to_string()).collect();
    idempotency::run(db, viewer, keyed, fetched, write, receipt).await
}

async fn fetch(
    db: &Db,
    providers: &Providers,
    viewer: &Viewer,
    id: ChannelId,
) -> Result<Vec<RemoteTemplate>> {
    let found = channel::get(db.read(), viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "channel"))?;
    let provider = channel::provider_of(&found);
    if !provider.has_templates() {
        let message = "This channel's provider lists no templates: createTemplate makes them.";
        return Err(Error::user("id", "INVALID", message));
    }
    let account = channel::account_of(providers, &found)?;
    let listed = provider.templates(&providers.caller, &account).await;
    listed.map_err(|failure| {
        let Failure { code, message } = failure;
        let message =
            format!("No template was changed, since they could not be fetched: {message} ({code})");
        Error::user("id", "UNAVAILABLE", message)
    })
}

async fn write(
    tx: &Tx,
    viewer: &Viewer,
    id: ChannelId,
    listed: Vec<RemoteTemplate>,
) -> Result<Vec<Model>> {
    let wanted = Wanted {
        channel_id: Some(id),
        ..Wanted::default()
    };
    let known = super::list(&**tx, viewer, wanted.clone()).await?;
    let mut known: HashMap<(String, String), Model> = known
        .into_iter()
        .map(|template| ((template.name.clone(), template.language.clone()), template))
        .collect();
    let now = clock::now();
    let mut written = std::collections::HashSet::new();
    for listed in listed {
        let key = (listed.name.clone(), listed.language.clone());
        // A provider that lists one twice means the first.
        if !written.insert(key.clone()) {
            continue;
        }
        match known.remove(&key) {
            Some(old) => {
                let new = said(old.clone(), listed);
                if new != old {
                    let mut row = template::ActiveModel::from(new).reset_all();
                    row.updated_at = Set(now);
                    row.update(&**tx).await?;
                }
            }
            None => {
                let blank = blank(viewer, id, now);
                let mut row = template::ActiveModel::from(said(blank, listed));
                row.id = sea_orm::NotSet;
                row.reset_all().insert(&**tx).await?;
            }
        }
    }
    let support = support::template_of(tx, viewer).await?;
    for gone in known.into_values() {
        if support == Some(gone.id) {
            // Nothing here can keep it from going; who asks for support is told how many operators were not.
            tracing::warn!(workspace = %viewer.workspace_id, template = %gone.id, name = gone.name, "the provider lists the template for operators no more: outside their service window they are not told of requests for support until supportTemplate is another");
        }
        let mut row: template::ActiveModel = gone.into();
        row.deleted_at = Set(Some(now));
        row.update(&**tx).await?;
    }
    super::list(&**tx, viewer, wanted).await
}

fn blank(viewer: &Viewer, channel_id: ChannelId, now: chrono::DateTime<chrono::Utc>) -> Model {
    Model {
        id: entity::id::TemplateId(0),
        workspace_id: viewer.workspace_id,
        channel_id,
        name: String::new(),
        language: String::new(),
        category: String::new(),
        status: TemplateStatus::Pending,
        header: None,
        body: String::new(),
        footer: None,
        button_urls: ButtonUrls::default(),
        header_media: None,
        created_at: now,
        updated_at: now,
        deleted_at: None,
    }
}

/// The template as the provider has it.
fn said(old: Model, listed: RemoteTemplate) -> Model {
    // Neither database keeps NUL.
    let clean = |text: String| text.replace('\0', "");
    Model {
        name: clean(listed.name),
        language: clean(listed.language),
        category: clean(listed.category),
        status: match listed.status {
            RemoteStatus::Pending => TemplateStatus::Pending,
            RemoteStatus::Approved => TemplateStatus::Approved,
            RemoteStatus::Rejected => TemplateStatus::Rejected,
            RemoteStatus::Paused => TemplateStatus::Paused,
        },
        header: listed.header.map(clean),
        body: clean(listed.body),
        footer: listed.footer.map(clean),
        button_urls: ButtonUrls(
            listed
                .button_urls
                .into_iter()
                .map(|url| url.map(clean))
                .collect(),
        ),
        header_media: listed.header_media.map(clean),
        ..old
    }
}
