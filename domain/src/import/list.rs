//! The headers of a broadcast list: the fixed ones, in their order, then `key||TYPE`.

use super::{
    create::Failure,
    mapping::{comments_ignored, ends_with_comments},
};
use crate::{
    attribute::{self, Attributes},
    column::ATTRIBUTE_PREFIX,
    text,
};
use entity::{
    attribute::AttributeType,
    import::{ImportFailureCode, Mapping, Mappings, Problem, Target},
};

/// The fixed headers with the columns they fill.
const FIXED: [(&str, &str); 7] = [
    ("user.username", "username"),
    ("user.phone_no", "phone"),
    ("user.email", "email"),
    ("user.first_name", "firstName"),
    ("user.last_name", "lastName"),
    ("user.title", "title"),
    ("user.account", "account"),
];

/// Between a key and its type.
const SEPARATOR: &str = "||";

/// Where each column of the list goes, or why the whole file is refused.
pub(super) fn mapping(
    headers: &[String],
    attributes: &Attributes,
    problems: &mut Vec<Problem>,
) -> Result<Mappings, Failure> {
    check_fixed(headers)?;
    let mut mappings: Vec<Mapping> = FIXED
        .iter()
        .map(|(header, column)| Mapping {
            header: (*header).to_owned(),
            target: Target::Column((*column).to_owned()),
        })
        .collect();
    let mut seen: Vec<String> = Vec::new();
    let custom = &headers[FIXED.len()..];
    for (n, header) in custom.iter().enumerate() {
        // The last column of a result file that was mended and comes back.
        if n + 1 == custom.len() && ends_with_comments(headers) {
            problems.push(comments_ignored(header));
            mappings.push(Mapping {
                header: header.clone(),
                target: Target::Ignore,
            });
            continue;
        }
        let (key, target) = custom_column(header, attributes)?;
        if seen.contains(&key) {
            let message = format!(
                "The header \"{header}\" names an attribute that another header names too."
            );
            return Err(Failure::new(
                ImportFailureCode::DuplicateHeader,
                Some(header),
                message,
            ));
        }
        seen.push(key);
        mappings.push(Mapping {
            header: header.clone(),
            target,
        });
    }
    Ok(Mappings(mappings))
}

fn check_fixed(headers: &[String]) -> Result<(), Failure> {
    if let Some((missing, _)) = FIXED
        .iter()
        .find(|(fixed, _)| !headers.iter().any(|header| header == fixed))
    {
        let message = format!(
            "The header \"{missing}\" is missing. A broadcast list begins with {}, none removed or renamed.",
            fixed_headers()
        );
        return Err(Failure::new(
            ImportFailureCode::HeaderMissing,
            Some(missing),
            message,
        ));
    }
    for ((fixed, _), header) in FIXED.iter().zip(headers) {
        if header != fixed {
            let message = format!(
                "\"{header}\" stands where \"{fixed}\" belongs. A broadcast list begins with {}.",
                fixed_headers()
            );
            return Err(Failure::new(
                ImportFailureCode::HeaderOutOfOrder,
                Some(header),
                message,
            ));
        }
    }
    Ok(())
}

fn fixed_headers() -> String {
    FIXED.map(|(header, _)| header).join(", ")
}

/// The folded key of a custom column, and where it goes.
fn custom_column(header: &str, attributes: &Attributes) -> Result<(String, Target), Failure> {
    let (key, name) = match header.split_once(SEPARATOR) {
        Some((key, name)) => (key.trim(), name.trim()),
        None => (header.trim(), "TEXT"),
    };
    attribute::check_key(key).map_err(|message| {
        Failure::new(
            ImportFailureCode::HeaderUnknown,
            Some(header),
            format!("The header \"{header}\" is not key||TYPE. {message}"),
        )
    })?;
    let Ok(r#type) = name.parse::<AttributeType>() else {
        let types = AttributeType::ALL.map(AttributeType::as_str).join(", ");
        let message =
            format!("The header \"{header}\" has a type that there is not. The types are {types}.");
        return Err(Failure::new(
            ImportFailureCode::AttributeTypeUnknown,
            Some(header),
            message,
        ));
    };
    let target = match attributes.by_key(key) {
        None => Target::NewAttribute {
            key: key.to_owned(),
            r#type,
        },
        Some(there) if there.r#type == r#type => {
            Target::Column(format!("{ATTRIBUTE_PREFIX}{}", there.key))
        }
        Some(there) => {
            let message = format!(
                "The header \"{header}\" wants {type}, but the attribute \"{}\" is of type {}, and a key has one type for ever.",
                there.key, there.r#type
            );
            return Err(Failure::new(
                ImportFailureCode::AttributeTypeConflict,
                Some(header),
                message,
            ));
        }
    };
    Ok((text::fold(key), target))
}
