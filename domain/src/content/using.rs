//! The texts of a workspace that are filled from an attribute: it is not deleted while they are. Whatever keeps texts with placeholders is to be asked here.

use super::Pattern;
use crate::{
    block, channel,
    column::ATTRIBUTE_PREFIX,
    db::Tx,
    error::{Error, Result},
    template, text,
    viewer::Viewer,
    workspace,
};
use entity::{broadcast, broadcast_send, content::Content, id::BroadcastId};
use sea_orm::{ColumnTrait, QueryFilter};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// What is done about most of them.
const CHANGE: &str = "change that first";
/// What is done about what cannot be changed any more.
const END: &str = "cancel it, or wait for its end";

/// What a sentence calls a text, and what somebody can do about it.
pub(crate) type Using = (String, &'static str);

/// The texts that name the attribute of this folded key: what broadcasts and sends that have not ended send, blocks, templates that were made here, and what
/// operators read.
///
/// # Errors
/// When the database is away.
pub(crate) async fn naming_attribute(tx: &Tx, viewer: &Viewer, key: &str) -> Result<Vec<Using>> {
    let mut found = sent(tx, viewer, key).await?;
    for block in block::list(&**tx, viewer).await? {
        let mut messages = block.messages.0.iter();
        if messages.any(|text| names(text, key)) {
            found.push((format!("The block \"{}\"", block.name), CHANGE));
        }
    }
    found.extend(templates(tx, viewer, key).await?);
    let workspace = workspace::get(&**tx, viewer.workspace_id).await?;
    let text = workspace.support_text.as_deref();
    if text.is_some_and(|text| names(text, key)) {
        found.push(("The text for operators (supportText)".to_owned(), CHANGE));
    }
    if let Some(content) = &workspace.support_template
        && content_names(content, key)?
    {
        let what = "What fills the template for operators (supportTemplate)";
        found.push((what.to_owned(), CHANGE));
    }
    Ok(found)
}

/// What broadcasts send, and what their sends do that have not ended: that stays what it was when they were asked for.
async fn sent(tx: &Tx, viewer: &Viewer, key: &str) -> Result<Vec<Using>> {
    let sends = viewer
        .find::<broadcast_send::Entity>()
        .filter(broadcast_send::Column::FinishedAt.is_null())
        .all(&**tx)
        .await?;
    let mut sending: BTreeSet<BroadcastId> = BTreeSet::new();
    for send in sends {
        if content_names(&send.content, key)? {
            sending.insert(send.broadcast_id);
        }
    }
    let broadcasts = viewer.find::<broadcast::Entity>().all(&**tx).await?;
    let mut titles = HashMap::new();
    let mut found = Vec::new();
    for row in broadcasts {
        if row.deleted_at.is_none() && content_names(&row.content, key)? {
            found.push((format!("The broadcast \"{}\"", row.title), CHANGE));
        }
        titles.insert(row.id, row.title);
    }
    found.extend(sending.into_iter().map(|id| {
        let title = titles.remove(&id).unwrap_or_default();
        (
            format!("A send of the broadcast \"{title}\" that has not ended"),
            END,
        )
    }));
    Ok(found)
}

/// Templates that were made here; the provider's are nothing that can be changed here.
async fn templates(tx: &Tx, viewer: &Viewer, key: &str) -> Result<Vec<Using>> {
    let mut channels = channel::list(&**tx, viewer).await?;
    channels.retain(|channel| !channel::provider_of(channel).has_templates());
    let rows = template::list(&**tx, viewer, template::Wanted::default()).await?;
    let own = rows
        .into_iter()
        .filter(|row| channels.iter().any(|channel| channel.id == row.channel_id));
    let naming = own.filter(|row| {
        let mut texts = row.header.iter().chain([&row.body]);
        texts.any(|text| names(text, key))
    });
    Ok(naming
        .map(|row| (format!("The template \"{}\"", row.name), CHANGE))
        .collect())
}

/// Whether a text has a placeholder of the attribute.
fn names(text: &str, key: &str) -> bool {
    let pattern = Pattern::read(text);
    let mut keys = pattern
        .placeholders()
        .filter_map(|name| name.strip_prefix(ATTRIBUTE_PREFIX));
    keys.any(|named| text::fold(named) == key)
}

/// Whether one of a content's texts has, wherever it keeps them.
fn content_names(content: &Content, key: &str) -> Result<bool> {
    let json = serde_json::to_value(content).map_err(|error| Error::Broken(error.to_string()))?;
    Ok(json_names(&json, key))
}

/// Text by text, for braces that do not close in one must not swallow what follows.
fn json_names(json: &Json, key: &str) -> bool {
    match json {
        Json::String(text) => names(text, key),
        Json::Array(items) => items.iter().any(|item| json_names(item, key)),
        Json::Object(entries) => entries.values().any(|value| json_names(value, key)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use entity::{content::Variable, id::TemplateId};

    #[test]
    fn a_text_names_what_stands_in_braces() {
        for text in ["{{attr.plan}}", "a {{ attr.PLAN }} b", "{{\nattr.Plan\n}}"] {
            assert!(names(text, "plan"), "{text}");
        }
        for text in ["attr.plan", "{{attr.plan", "{{attr.planet}}", "{{plan}}"] {
            assert!(!names(text, "plan"), "{text}");
        }
    }

    #[test]
    fn every_text_of_a_content_is_looked_at() {
        let variable = |value: &str| Variable {
            name: "1".to_owned(),
            value: value.to_owned(),
            fallback: None,
        };
        let content = |variables| Content::Template {
            id: TemplateId(1),
            variables,
        };
        let holds = |content: &Content| content_names(content, "plan").expect("it is JSON");
        // The first text's braces do not close.
        let both = content(vec![
            variable("{{open"),
            variable("{{\"attr\"}} {{attr.plan}}"),
        ]);
        assert!(holds(&both));
        assert!(!holds(&content(vec![variable("{{attr.other}}")])));
        assert!(holds(&Content::Text("Hi\n{{\tattr.plan }}".to_owned())));
        let kept = serde_json::json!({ "block": { "texts": ["Hi", "{{attr.plan}}"] } });
        assert!(json_names(&kept, "plan"));
    }
}
