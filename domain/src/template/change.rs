//! Templates that are made here, for channels whose provider does not list any.

use super::{get, variable::placeholders};
use crate::{
    broadcast, channel, clock,
    db::Tx,
    error::{Error, Result, UserError},
    support,
    viewer::Viewer,
    workspace,
};
use entity::{
    id::{ChannelId, TemplateId},
    template::{self, ButtonUrls, Model, TemplateStatus},
};
use sea_orm::{ActiveModelTrait, DbErr, Set, SqlErr};

/// Characters of a template's text at most, as Meta has it.
const LONGEST_BODY: usize = 1_024;
/// Characters of what stands above and below at most.
const LONGEST_LINE: usize = 60;
/// Characters of a name at most, as Meta has it.
const LONGEST_NAME: usize = 512;

/// A template to make.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// The channel it is sent over.
    pub channel_id: ChannelId,
    /// Its name, as the provider knows it.
    pub name: String,
    /// Its language, as the provider writes it.
    pub language: String,
    /// What else is said of it.
    pub change: TemplateChange,
}

/// What changes in a template; left out: stays.
#[derive(Debug, Clone, Default)]
pub struct TemplateChange {
    /// What it is for.
    pub category: Option<String>,
    /// The text.
    pub body: Option<String>,
    /// The text above; null: none.
    pub header: Option<Option<String>>,
    /// The text below; null: none.
    pub footer: Option<Option<String>>,
    /// Whether it may be sent.
    pub status: Option<TemplateStatus>,
}

/// Makes a template.
///
/// # Errors
/// NOT_FOUND at `channelId`; INVALID there for a channel whose provider lists its templates; INVALID and TAKEN at what does not hold, all at once.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewTemplate) -> Result<Model> {
    let found = channel::get(&**tx, viewer, new.channel_id).await?;
    let found = found.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    if channel::provider_of(&found).has_templates() {
        let message =
            "This channel's templates are made at the provider: syncTemplates fetches them.";
        return Err(Error::user("channelId", "INVALID", message));
    }
    let mut errors = Vec::new();
    let name = line(&new.name, "name", LONGEST_NAME, &mut errors);
    let language = line(&new.language, "language", 20, &mut errors);
    if new.change.body.is_none() {
        errors.push(UserError::new("body", "REQUIRED", "A template has a text."));
    }
    let now = clock::now();
    let blank = template::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        channel_id: Set(found.id),
        name: Set(name),
        language: Set(language),
        category: Set("UTILITY".to_owned()),
        status: Set(TemplateStatus::Draft),
        header: Set(None),
        body: Set(String::new()),
        footer: Set(None),
        button_urls: Set(ButtonUrls::default()),
        header_media: Set(None),
        created_at: Set(now),
        ..Default::default()
    };
    let row = changed(blank, new.change, errors)?;
    row.insert(&**tx).await.map_err(taken)
}

/// Changes a template that was made here.
///
/// # Errors
/// NOT_FOUND; INVALID at `id` for one of the provider's; INVALID at what does not hold, all at once; IN_USE while a send that has not ended is made from it.
pub async fn update(
    tx: &Tx,
    viewer: &Viewer,
    id: TemplateId,
    change: TemplateChange,
) -> Result<Model> {
    let found = own(tx, viewer, id).await?;
    broadcast::refuse_change(tx, viewer, broadcast::Thing::Template(id)).await?;
    let row = changed(found.into(), change, Vec::new())?;
    row.update(&**tx).await.map_err(taken)
}

/// Deletes a template that was made here; what history names stays readable.
///
/// # Errors
/// NOT_FOUND; INVALID at `id` for one of the provider's; IN_USE while a broadcast, or a send that has not ended, is made from it, or operators get it.
pub async fn delete(tx: &Tx, viewer: &Viewer, id: TemplateId) -> Result<()> {
    // Nobody names it for operators meanwhile.
    workspace::lock(tx, viewer).await?;
    let found = own(tx, viewer, id).await?;
    broadcast::refuse_use(tx, viewer, broadcast::Thing::Template(id)).await?;
    if support::template_of(tx, viewer).await? == Some(id) {
        let message = "It is the workspace's supportTemplate, which operators get where no text reaches them: change that first, by updateWorkspace.";
        return Err(Error::user("id", "IN_USE", message));
    }
    let mut row: template::ActiveModel = found.into();
    row.deleted_at = Set(Some(clock::now()));
    row.update(&**tx).await?;
    Ok(())
}

/// A template that was made here.
async fn own(tx: &Tx, viewer: &Viewer, id: TemplateId) -> Result<Model> {
    let found = get(&**tx, viewer, id).await?;
    let found = found.ok_or_else(|| UserError::not_found("id", "template"))?;
    let of = channel::get(&**tx, viewer, found.channel_id).await?;
    if of.is_some_and(|channel| channel::provider_of(&channel).has_templates()) {
        let message =
            "This template is the provider's: change it there, and syncTemplates fetches it.";
        return Err(Error::user("id", "INVALID", message));
    }
    Ok(found)
}

fn changed(
    mut row: template::ActiveModel,
    change: TemplateChange,
    mut errors: Vec<UserError>,
) -> Result<template::ActiveModel> {
    if let Some(category) = change.category {
        row.category = Set(line(&category, "category", 60, &mut errors).to_uppercase());
    }
    if let Some(body) = change.body {
        row.body = Set(text(&body, "body", LONGEST_BODY, &mut errors));
    }
    for (field, given, path) in [
        (&mut row.header, change.header, "header"),
        (&mut row.footer, change.footer, "footer"),
    ] {
        match given {
            Some(Some(given)) => *field = Set(Some(line(&given, path, LONGEST_LINE, &mut errors))),
            Some(None) => *field = Set(None),
            None => {}
        }
    }
    if let Set(Some(footer)) = &row.footer
        && !placeholders(footer).is_empty()
    {
        errors.push(UserError::new(
            "footer",
            "INVALID",
            "The line below has no variables.",
        ));
    }
    if let Some(status) = change.status {
        row.status = Set(status);
    }
    row.updated_at = Set(clock::now());
    if errors.is_empty() {
        Ok(row)
    } else {
        Err(Error::User(errors))
    }
}

/// A text of one line.
fn line(given: &str, path: &str, longest: usize, errors: &mut Vec<UserError>) -> String {
    if given.contains(['\n', '\r']) {
        errors.push(UserError::new(path, "INVALID", "This is one line."));
    }
    text(given, path, longest, errors)
}

fn text(given: &str, path: &str, longest: usize, errors: &mut Vec<UserError>) -> String {
    let given = given.trim();
    if given.is_empty() || given.chars().count() > longest || given.contains('\0') {
        let message = format!("1 to {longest} characters, and no NUL.");
        errors.push(UserError::new(path, "INVALID", message));
    }
    given.to_owned()
}

fn taken(error: DbErr) -> Error {
    match error.sql_err() {
        Some(SqlErr::UniqueConstraintViolation(_)) => {
            let message = "The channel has a template of this name and language already.";
            Error::user("name", "TAKEN", message)
        }
        _ => error.into(),
    }
}
