//! What is sent: checked when it is given, filled for each person at the moment of sending.

mod check;
mod pattern;
mod using;

pub use check::{ContentInput, VariableInput};
pub(crate) use check::{checked, checked_with};
pub(crate) use pattern::{Pattern, Person, unbraced};
pub(crate) use using::naming_attribute;

use crate::{
    attribute::Attributes,
    error::Result,
    filter::ContactFilter,
    template::{Piece, pieces, placeholders, variables},
    viewer::Viewer,
};
use entity::{
    block,
    content::Content,
    template::{self, Model as Template, TemplateStatus},
};
use provider::{Component, Content as Outgoing, Place, TemplateContent};
use sea_orm::ConnectionTrait;

/// What is sent, read and ready to be filled.
#[derive(Debug, Clone)]
pub(crate) enum Ready {
    /// A template, and what fills each of its variables.
    Template(Box<Template>, Vec<Filling>),
    /// Texts, one after the other.
    Texts(Vec<Pattern>),
}

/// What fills a variable.
#[derive(Debug, Clone)]
pub(crate) struct Filling {
    name: String,
    value: Pattern,
    fallback: Option<String>,
}

/// Why nothing of it can be sent to anybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Impossible(pub(crate) String);

impl Ready {
    /// Reads what a content names, deleted or not.
    pub(crate) async fn load(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        content: &Content,
    ) -> Result<Result<Self, Impossible>> {
        let gone = |what: &str| {
            Ok(Err(Impossible(format!(
                "The {what} is not there any more."
            ))))
        };
        Ok(Ok(match content {
            Content::Text(text) => Self::Texts(vec![Pattern::read(text)]),
            Content::Block(id) => {
                let found = viewer.by_ids::<block::Entity>(conn, [*id]).await?;
                let Some(block) = found.into_iter().next() else {
                    return gone("block");
                };
                Self::Texts(
                    block
                        .messages
                        .0
                        .iter()
                        .map(|text| Pattern::read(text))
                        .collect(),
                )
            }
            Content::Template { id, variables } => {
                let found = viewer.by_ids::<template::Entity>(conn, [*id]).await?;
                let Some(template) = found.into_iter().next() else {
                    return gone("template");
                };
                let fillings = variables.iter().map(|variable| Filling {
                    name: variable.name.clone(),
                    value: Pattern::read(&variable.value),
                    fallback: variable.fallback.clone(),
                });
                Self::Template(Box::new(template), fillings.collect())
            }
        }))
    }

    /// How many messages everybody gets of a content; none where it is not there any more, which only a block tells.
    pub(crate) async fn parts_of(
        conn: &impl ConnectionTrait,
        viewer: &Viewer,
        content: &Content,
    ) -> Result<Option<usize>> {
        Ok(match content {
            Content::Template { .. } | Content::Text(_) => Some(1),
            Content::Block(_) => {
                let ready = Self::load(conn, viewer, content).await?;
                ready.ok().map(|ready| ready.parts())
            }
        })
    }

    /// Why it may not be sent now; none: it may.
    pub(crate) fn fault(&self) -> Option<Impossible> {
        let Self::Template(template, fillings) = self else {
            return None;
        };
        let name = &template.name;
        let wrong = if template.deleted_at.is_some() {
            format!("The template {name} was deleted.")
        } else if template.status != TemplateStatus::Approved {
            format!("The template {name} is not APPROVED, and no other is sent.")
        } else if let Some(media) = &template.header_media {
            format!("The template {name} has a header of kind {media}, which Roster cannot fill.")
        } else {
            let unfilled = variables(template)
                .into_iter()
                .find(|variable| !fillings.iter().any(|filling| filling.name == *variable));
            format!(
                "The template {name} has the variable {} by now, and nothing fills it.",
                unfilled?
            )
        };
        Some(Impossible(wrong))
    }

    /// How many messages everybody gets.
    pub(crate) fn parts(&self) -> usize {
        match self {
            Self::Template(..) => 1,
            Self::Texts(texts) => texts.len(),
        }
    }

    /// Whether it goes out only within a day of a person's last message, where the provider has such a window.
    pub(crate) fn needs_window(&self) -> bool {
        matches!(self, Self::Texts(_))
    }

    /// Holds for contacts for whom a placeholder has no value and no fallback; none where there are no such contacts.
    pub(crate) fn missing(&self, attributes: &Attributes) -> Option<ContactFilter> {
        let patterns: Vec<&Pattern> = match self {
            Self::Texts(texts) => texts.iter().collect(),
            Self::Template(_, fillings) => fillings
                .iter()
                .filter(|filling| filling.fallback.is_none())
                .map(|filling| &filling.value)
                .collect(),
        };
        let missing: Vec<ContactFilter> = patterns
            .into_iter()
            .filter_map(|pattern| pattern.missing(attributes))
            .collect();
        (!missing.is_empty()).then(|| ContactFilter {
            or: Some(missing),
            ..ContactFilter::default()
        })
    }

    /// All of it as a contact would read it, with the variables that have no value for them; these stand as they are written.
    pub(crate) fn shown(&self, person: &Person<'_>) -> (String, Vec<String>) {
        match self {
            Self::Texts(texts) => {
                let mut missing: Vec<String> = Vec::new();
                let shown: Vec<String> = texts
                    .iter()
                    .map(|text| {
                        let (shown, lacking) = text.shown(person);
                        missing.extend(lacking);
                        shown
                    })
                    .collect();
                (shown.join("\n\n"), missing)
            }
            Self::Template(template, fillings) => {
                let (mut missing, mut certain) = (Vec::new(), Vec::with_capacity(fillings.len()));
                for filling in fillings {
                    let (shown, lacking) = filling.value.shown(person);
                    let is_missing = !lacking.is_empty() && filling.fallback.is_none();
                    if is_missing {
                        missing.push(filling.name.clone());
                    }
                    certain.push(Filling {
                        fallback: filling.fallback.clone().or(is_missing.then_some(shown)),
                        ..filling.clone()
                    });
                }
                let filled = fill_template(template, &certain, person);
                (
                    filled.map(|filled| filled.text).unwrap_or_default(),
                    missing,
                )
            }
        }
    }

    /// The message number `part` for a contact, with its text as they read it; or the variables that have no value for them.
    pub(crate) fn fill(
        &self,
        part: usize,
        person: &Person<'_>,
    ) -> Result<(Outgoing, String), Vec<String>> {
        match self {
            Self::Texts(texts) => {
                // All of a block is looked at before the first message of it goes out.
                let filled: Result<Vec<String>, _> =
                    texts.iter().map(|text| text.fill(person)).collect();
                let text = filled?.into_iter().nth(part).unwrap_or_default();
                Ok((Outgoing::Text(text.clone()), text))
            }
            Self::Template(template, fillings) => {
                let content = fill_template(template, fillings, person)?;
                let text = content.text.clone();
                Ok((Outgoing::Template(content), text))
            }
        }
    }
}

fn fill_template(
    template: &Template,
    fillings: &[Filling],
    person: &Person<'_>,
) -> Result<TemplateContent, Vec<String>> {
    let mut missing = Vec::new();
    let mut values: Vec<(&str, String)> = Vec::with_capacity(fillings.len());
    for filling in fillings {
        match (filling.value.fill(person), &filling.fallback) {
            (Ok(value), _) => values.push((&filling.name, one_line(&value))),
            (Err(_), Some(fallback)) => values.push((&filling.name, one_line(fallback))),
            (Err(_), None) => missing.push(filling.name.clone()),
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let value = |name: &str| {
        let found = values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    };
    let header = template.header.as_deref().unwrap_or_default();
    let mut components = Vec::new();
    let mut add = |place, text: &str, prefix: &str| {
        let mut names = placeholders(text);
        // Positional variables go by their number, wherever they stand in the text.
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or(0));
        if !names.is_empty() {
            let parameters = names.into_iter().map(|name| {
                let is_position = name.bytes().all(|b| b.is_ascii_digit());
                let named = (!is_position).then(|| name.to_owned());
                (named, value(&format!("{prefix}{name}")))
            });
            components.push(Component {
                place,
                parameters: parameters.collect(),
            });
        }
    };
    add(Place::Header, header, "header.");
    add(Place::Body, &template.body, "");
    for (n, url) in template.button_urls.0.iter().enumerate() {
        if let (Some(url), Ok(place)) = (url, u8::try_from(n)) {
            add(Place::Button(place), url, &format!("button.{n}."));
        }
    }
    let whole = [
        template
            .header
            .as_ref()
            .map(|text| put(text, "header.", &value)),
        Some(put(&template.body, "", &value)),
        template.footer.clone(),
    ];
    let whole: Vec<String> = whole.into_iter().flatten().collect();
    Ok(TemplateContent {
        name: template.name.clone(),
        language: template.language.clone(),
        components,
        text: whole.join("\n"),
    })
}

/// A text of a template with its variables put in.
fn put(text: &str, prefix: &str, value: &impl Fn(&str) -> String) -> String {
    let pieces = pieces(text).map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Braced(name) => value(&format!("{prefix}{name}")),
    });
    pieces.collect()
}

/// WhatsApp refuses variables with line breaks, tabs, or more than four blanks in a row.
fn one_line(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
}
