//! Texts with placeholders: what `{{user.first_name}}` and `{{attr.plan}}` stand for, and how they are filled for a contact.

use crate::{
    attribute::Attributes,
    column::{self, ATTRIBUTE_PREFIX, Row},
    error::UserError,
    filter::{AttributeFilter, ContactFilter, TextFilter},
    template, text,
};
use chrono_tz::Tz;
use entity::contact::Model as Contact;

/// What the placeholders of people stand for: the headers of broadcast lists, and a few more.
const PEOPLE: [(&str, &str); 10] = [
    ("user.name", "name"),
    ("user.first_name", "firstName"),
    ("user.last_name", "lastName"),
    ("user.title", "title"),
    ("user.username", "username"),
    ("user.account", "account"),
    ("user.email", "email"),
    ("user.phone_no", "phone"),
    ("user.language", "language"),
    ("user.country", "country"),
];

/// A text with placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pattern(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// What stands in `{{…}}`.
    Placeholder(String),
}

impl Pattern {
    /// Reads a text; braces that do not close stand for themselves.
    pub(crate) fn read(text: &str) -> Self {
        let pieces = template::pieces(text).map(|piece| match piece {
            template::Piece::Text(text) => Piece::Text(text.to_owned()),
            template::Piece::Braced(name) => Piece::Placeholder(name.to_owned()),
        });
        Self(pieces.collect())
    }

    /// What stands in its `{{…}}`.
    pub(crate) fn placeholders(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Text(_) => None,
            Piece::Placeholder(name) => Some(name.as_str()),
        })
    }

    /// What about it no contact could fill; `more` are placeholders that something else fills.
    pub(crate) fn check(
        &self,
        path: &str,
        attributes: &Attributes,
        more: &[&str],
        errors: &mut Vec<UserError>,
    ) {
        for name in self.placeholders() {
            if key(name, attributes).is_none() && !more.contains(&name) {
                let people = PEOPLE.iter().map(|(name, _)| *name);
                let people: Vec<&str> = people.chain(more.iter().copied()).collect();
                let message = format!(
                    "There is no {{{{{name}}}}}: there are {}, and attr. with the key of an attribute.",
                    people.join(", ")
                );
                errors.push(UserError::new(path, "INVALID", message));
            }
        }
    }

    /// The text for a contact, or the placeholders that have no value for them.
    pub(crate) fn fill(&self, person: &Person<'_>) -> Result<String, Vec<String>> {
        let mut filled = String::new();
        let mut missing = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Placeholder(name) => match person.value(name) {
                    Some(value) => filled.push_str(&value),
                    None => missing.push(name.clone()),
                },
            }
        }
        if missing.is_empty() {
            Ok(filled)
        } else {
            Err(missing)
        }
    }

    /// The text for a contact, with placeholders without a value as they are written, and these.
    pub(crate) fn shown(&self, person: &Person<'_>) -> (String, Vec<String>) {
        let mut missing = Vec::new();
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Placeholder(name) => person.value(name).unwrap_or_else(|| {
                missing.push(name.clone());
                format!("{{{{{name}}}}}")
            }),
        });
        (pieces.collect(), missing)
    }

    /// Holds for contacts for whom a placeholder has no value; none where every contact has all of them.
    pub(crate) fn missing(&self, attributes: &Attributes) -> Option<ContactFilter> {
        let without = self
            .placeholders()
            .filter_map(|name| match key(name, attributes) {
                Some(_) => without(name),
                // An attribute that was deleted: nobody has a value of it, and an empty filter holds for all.
                None => Some(ContactFilter::default()),
            });
        let without: Vec<ContactFilter> = without.collect();
        (!without.is_empty()).then(|| ContactFilter {
            or: Some(without),
            ..ContactFilter::default()
        })
    }
}

/// A contact with what placeholders are filled from.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) contact: &'a Contact,
    pub(crate) attributes: &'a Attributes,
    /// In which times are written.
    pub(crate) zone: Tz,
    /// What further placeholders stand for.
    pub(crate) more: &'a [(&'static str, String)],
}

impl Person<'_> {
    fn value(&self, placeholder: &str) -> Option<String> {
        let more = self.more.iter().find(|(name, _)| *name == placeholder);
        if let Some((_, value)) = more {
            return Some(value.clone());
        }
        let key = key(placeholder, self.attributes)?;
        let column = column::find(&key, self.attributes)?;
        let row = Row {
            contact: self.contact,
            addresses: &[],
            channels: &[],
            members: &[],
            teams: &[],
            tags: &[],
        };
        let text = column.text(&row, self.zone);
        text.filter(|text| !text::is_blank(text))
    }
}

/// A text that was filled, so that nothing in it is filled again: what somebody calls themselves may have braces.
pub(crate) fn unbraced(text: &str) -> String {
    text.replace("{{", "{ {")
}

/// The key of the column that a placeholder stands for.
fn key(placeholder: &str, attributes: &Attributes) -> Option<String> {
    let person = PEOPLE.iter().find(|(name, _)| *name == placeholder);
    if let Some((_, key)) = person {
        return Some((*key).to_owned());
    }
    let attribute = placeholder.strip_prefix(ATTRIBUTE_PREFIX)?;
    attributes.by_key(attribute).map(|_| placeholder.to_owned())
}

/// Holds for contacts who have no value of it.
fn without(placeholder: &str) -> Option<ContactFilter> {
    let unset = || {
        Some(TextFilter {
            is_set: Some(false),
            ..TextFilter::default()
        })
    };
    let mut filter = ContactFilter::default();
    match placeholder {
        "user.first_name" => filter.first_name = unset(),
        "user.last_name" => filter.last_name = unset(),
        "user.title" => filter.title = unset(),
        "user.username" => filter.username = unset(),
        "user.account" => filter.account = unset(),
        "user.email" => filter.email = unset(),
        "user.phone_no" => filter.phone = unset(),
        "user.language" => filter.language = unset(),
        "user.country" => filter.country = unset(),
        _ => {
            filter.attribute = Some(AttributeFilter {
                key: placeholder.strip_prefix(ATTRIBUTE_PREFIX)?.to_owned(),
                is_set: Some(false),
                ..AttributeFilter::default()
            });
        }
    }
    Some(filter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_that_do_not_close_stand_for_themselves() {
        let pattern = Pattern::read("Hi {{ user.first_name }}, {{attr.plan}} and {{open");
        assert_eq!(
            pattern.placeholders().collect::<Vec<_>>(),
            ["user.first_name", "attr.plan"]
        );
        let none = Attributes::default();
        assert_eq!(Pattern::read("none").missing(&none), None);
        assert_eq!(Pattern::read("{{user.name}}").missing(&none), None);
        assert!(pattern.missing(&none).is_some());
    }

    #[test]
    fn every_placeholder_of_people_can_be_asked_for() {
        for (name, _) in PEOPLE {
            let asked = without(name).is_some();
            assert_eq!(asked, name != "user.name", "{name}");
        }
    }
}
