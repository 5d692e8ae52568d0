//! What is to be sent, as it is given: checked against the channel, the template and the attributes.

use super::{Pattern, Ready};
use crate::{
    attribute::Attributes,
    block,
    db::Tx,
    error::{Error, Result, UserError},
    template, text,
    viewer::Viewer,
};
use entity::{
    channel::Model as Channel,
    content::{Content, Variable},
    id::{BlockId, TemplateId},
};

/// Characters of a text at most, as WhatsApp has it.
const LONGEST: usize = 4_096;
/// Characters of a variable's value at most, as WhatsApp has it.
const LONGEST_VALUE: usize = 1_024;

/// What is to be sent.
#[derive(Debug, Clone)]
pub enum ContentInput {
    /// A template, and what fills it.
    Template {
        /// Which.
        id: TemplateId,
        /// Its variables.
        variables: Vec<VariableInput>,
    },
    /// A text.
    Text(String),
    /// A block.
    Block(BlockId),
}

/// What fills a variable.
#[derive(Debug, Clone)]
pub struct VariableInput {
    /// Its name.
    pub name: String,
    /// A text with placeholders.
    pub value: String,
    /// What stands there where a placeholder has no value.
    pub fallback: Option<String>,
}

/// A content as it is kept; paths begin at `content`.
///
/// # Errors
/// NOT_FOUND for a template or a block that is not there or is another channel's; REQUIRED for a variable that nothing fills; INVALID for what does
/// not fit.
pub(crate) async fn checked(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    input: ContentInput,
) -> Result<Content> {
    checked_with(tx, viewer, channel, input, &[]).await
}

/// As [`checked`], with further placeholders that something else fills.
pub(crate) async fn checked_with(
    tx: &Tx,
    viewer: &Viewer,
    channel: &Channel,
    input: ContentInput,
    more: &[&str],
) -> Result<Content> {
    let attributes = Attributes::hold(tx, viewer).await?;
    let mut errors = Vec::new();
    let content = match input {
        ContentInput::Text(text) => {
            length("content.text", &text, LONGEST, &mut errors);
            Pattern::read(&text).check("content.text", &attributes, more, &mut errors);
            Content::Text(text)
        }
        ContentInput::Block(id) => {
            let found = block::get(&**tx, viewer, id).await?;
            let block = found.ok_or_else(|| UserError::not_found("content.blockId", "block"))?;
            for message in &block.messages.0 {
                Pattern::read(message).check("content.blockId", &attributes, more, &mut errors);
            }
            Content::Block(id)
        }
        ContentInput::Template { id, variables } => {
            let found = template::get(&**tx, viewer, id).await?;
            let found = found.filter(|template| template.channel_id == channel.id);
            let path = "content.template.templateId";
            let template = found.ok_or_else(|| {
                let message = "There is no such template on this channel.";
                UserError::new(path, "NOT_FOUND", message)
            })?;
            let needed = template::variables(&template);
            let variables = checked_variables(variables, &needed, &attributes, more, &mut errors);
            if let (true, Some(fault)) = (
                errors.is_empty() && template.header_media.is_some(),
                Ready::Template(Box::new(template), Vec::new()).fault(),
            ) {
                errors.push(UserError::new(path, "INVALID", fault.0));
            }
            Content::Template { id, variables }
        }
    };
    if errors.is_empty() {
        Ok(content)
    } else {
        Err(Error::User(errors))
    }
}

fn checked_variables(
    given: Vec<VariableInput>,
    needed: &[String],
    attributes: &Attributes,
    more: &[&str],
    errors: &mut Vec<UserError>,
) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::with_capacity(given.len());
    for (
        n,
        VariableInput {
            name,
            value,
            fallback,
        },
    ) in given.into_iter().enumerate()
    {
        let path = format!("content.template.variables.{n}");
        if !needed.contains(&name) {
            let message = format!(
                "The template has no variable \"{name}\"; it has {}.",
                if needed.is_empty() {
                    "none".to_owned()
                } else {
                    needed.join(", ")
                }
            );
            errors.push(UserError::new(&format!("{path}.name"), "INVALID", message));
            continue;
        }
        if variables.iter().any(|known| known.name == name) {
            let message = format!("The variable {name} is filled twice.");
            errors.push(UserError::new(&format!("{path}.name"), "INVALID", message));
            continue;
        }
        length(&format!("{path}.value"), &value, LONGEST_VALUE, errors);
        Pattern::read(&value).check(&format!("{path}.value"), attributes, more, errors);
        let fallback = fallback.filter(|text| !text::is_blank(text));
        if let Some(text) = &fallback {
            length(&format!("{path}.fallback"), text, LONGEST_VALUE, errors);
        }
        variables.push(Variable {
            name,
            value,
            fallback,
        });
    }
    for name in needed {
        if errors.is_empty() && !variables.iter().any(|variable| variable.name == *name) {
            let message = format!("Nothing fills the template's variable {name}.");
            errors.push(UserError::new(
                "content.template.variables",
                "REQUIRED",
                message,
            ));
        }
    }
    variables
}

fn length(path: &str, text: &str, most: usize, errors: &mut Vec<UserError>) {
    if text::is_blank(text) || text.chars().count() > most || text.contains('\0') {
        let message =
            format!("A text here has 1 to {most} characters, one of them visible, and no NUL.");
        errors.push(UserError::new(path, "INVALID", message));
    }
}
