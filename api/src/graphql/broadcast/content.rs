//! What is sent.

use crate::graphql::{
    block::Block,
    error::{Failure, Result},
    loader::{Loader, Once, once, read_id},
    template::Template,
};
use async_graphql::{ID, InputObject, OneofObject, SimpleObject, Union};
use domain::content::{ContentInput, VariableInput};
use entity::{
    block,
    content::Content,
    id::{BlockId, TemplateId},
    template,
};
use std::sync::Arc;

/// What is sent: a template that is filled, a text, or a block where the bot's conversation begins.
#[derive(Union)]
pub(crate) enum BroadcastContent {
    /// A template.
    Template(TemplateContent),
    /// A text.
    Text(TextContent),
    /// A block.
    Block(BlockContent),
}

/// A template, and what fills it.
#[derive(SimpleObject)]
pub(crate) struct TemplateContent {
    /// The template.
    template: Template,
    /// Its variables.
    variables: Vec<TemplateVariable>,
}

impl TemplateContent {
    /// The one that is kept somewhere by itself.
    pub(in crate::graphql) async fn read(loader: &Loader, content: &Content) -> Result<Self> {
        let contents = Contents::new([content].into_iter());
        match read(loader, &contents, content).await? {
            BroadcastContent::Template(template) => Ok(template),
            _ => Err(Failure::broken("what is kept is no template")),
        }
    }
}

/// What fills a variable of a template.
#[derive(SimpleObject)]
pub(crate) struct TemplateVariable {
    /// Its name, as `Template.variables` has it.
    name: String,
    /// A text in which placeholders stand for what a contact has: `{{user.first_name}}`, `{{attr.plan}}`.
    value: String,
    /// What stands there where a placeholder has no value; null: such contacts are left out, as VARIABLE_MISSING.
    fallback: Option<String>,
}

/// A text. On messengers with a service window it reaches those alone who wrote within the last 24 hours.
#[derive(SimpleObject)]
pub(crate) struct TextContent {
    /// The text, with placeholders such as `{{user.first_name}}`.
    text: String,
}

/// The messages of a block, one after the other. As with a text, the service window counts.
#[derive(SimpleObject)]
pub(crate) struct BlockContent {
    /// The block.
    block: Block,
}

/// What the contents of a list name: read once for it.
pub(in crate::graphql) struct Contents {
    templates: Vec<TemplateId>,
    blocks: Vec<BlockId>,
    found: Once<Arc<(Vec<template::Model>, Vec<block::Model>)>>,
}

impl Contents {
    pub(in crate::graphql) fn new<'a>(contents: impl Iterator<Item = &'a Content>) -> Arc<Self> {
        let (mut templates, mut blocks) = (Vec::new(), Vec::new());
        for content in contents {
            match content {
                Content::Template { id, .. } => templates.push(*id),
                Content::Block(id) => blocks.push(*id),
                Content::Text(_) => {}
            }
        }
        Arc::new(Self {
            templates,
            blocks,
            found: Once::new(),
        })
    }
}

/// A content as the API shows it.
pub(in crate::graphql) async fn read(
    loader: &Loader,
    contents: &Contents,
    content: &Content,
) -> Result<BroadcastContent> {
    let found = once(&contents.found, async {
        let (conn, viewer) = (loader.db().read(), loader.viewer());
        let templates = contents.templates.iter().copied();
        let templates = viewer.by_ids::<template::Entity>(conn, templates).await?;
        let blocks = contents.blocks.iter().copied();
        let blocks = viewer.by_ids::<block::Entity>(conn, blocks).await?;
        Ok(Arc::new((templates, blocks)))
    });
    let found = found.await?;
    let gone = || Failure::broken("a content names what is not there");
    Ok(match content {
        Content::Text(text) => BroadcastContent::Text(TextContent { text: text.clone() }),
        Content::Block(id) => {
            let block = found.1.iter().find(|row| row.id == *id).cloned();
            let block = Block(block.ok_or_else(gone)?);
            BroadcastContent::Block(BlockContent { block })
        }
        Content::Template { id, variables } => {
            let template = found.0.iter().find(|row| row.id == *id).cloned();
            let variables = variables.iter().map(|variable| TemplateVariable {
                name: variable.name.clone(),
                value: variable.value.clone(),
                fallback: variable.fallback.clone(),
            });
            BroadcastContent::Template(TemplateContent {
                template: Template(template.ok_or_else(gone)?),
                variables: variables.collect(),
            })
        }
    })
}

/// What is sent: exactly one of the three.
#[derive(OneofObject)]
pub(crate) enum BroadcastContentInput {
    /// A template, and what fills it.
    Template(TemplateContentInput),
    /// A text of 1 to 4,096 characters, with placeholders such as `{{user.first_name}}` and `{{attr.plan}}`.
    Text(String),
    /// The id of a block. NOT_FOUND where there is none.
    BlockId(ID),
}

/// A template, and what fills it.
#[derive(InputObject)]
pub(crate) struct TemplateContentInput {
    /// The template. NOT_FOUND where there is none on the channel.
    template_id: ID,
    /// What fills each of its variables: REQUIRED where one is left out, INVALID for one that it has not.
    variables: Vec<TemplateVariableInput>,
}

/// What fills a variable of a template.
#[derive(InputObject)]
pub(crate) struct TemplateVariableInput {
    /// Its name, as `Template.variables` has it.
    name: String,
    /// A text of 1 to 1,024 characters, in which placeholders stand for what a contact has: `user.name`, `user.first_name`, `user.last_name`,
    /// `user.title`, `user.username`, `user.account`, `user.email`, `user.phone_no`, `user.language`, `user.country`, and `attr.` with the key of an
    /// attribute, each between `{{` and `}}`. INVALID for any other.
    value: String,
    /// What stands there where a placeholder has no value for a contact. Left out: such contacts are left out, as VARIABLE_MISSING.
    fallback: Option<String>,
}

impl TemplateContentInput {
    /// Which template, and what fills it.
    pub(in crate::graphql) fn read(self) -> (TemplateId, Vec<VariableInput>) {
        let variables = self.variables.into_iter().map(|variable| VariableInput {
            name: variable.name,
            value: variable.value,
            fallback: variable.fallback,
        });
        (read_id(&self.template_id), variables.collect())
    }
}

impl From<BroadcastContentInput> for ContentInput {
    fn from(input: BroadcastContentInput) -> Self {
        match input {
            BroadcastContentInput::Text(text) => Self::Text(text),
            BroadcastContentInput::BlockId(id) => Self::Block(read_id(&id)),
            BroadcastContentInput::Template(template) => {
                let (id, variables) = template.read();
                Self::Template { id, variables }
            }
        }
    }
}
