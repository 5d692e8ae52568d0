//! What is sent: a template that is filled, a text, or the messages of a block.

use crate::id::{BlockId, TemplateId};
use sea_orm::FromJsonQueryResult;
use serde::{Deserialize, Serialize};

/// What is sent, as it is kept: placeholders such as `{{user.first_name}}` are filled for each person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(rename_all = "camelCase")]
pub enum Content {
    /// A template.
    Template {
        /// Which.
        id: TemplateId,
        /// What fills it.
        variables: Vec<Variable>,
    },
    /// A text.
    Text(String),
    /// A block.
    Block(BlockId),
}

/// What fills a variable of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// A text with placeholders.
    pub value: String,
    /// What stands there where a placeholder has no value.
    pub fallback: Option<String>,
}
