//! `--map`: read, and written for headers that nobody has decided about.

use domain::import::MappingInput;
use entity::{
    attribute::AttributeType,
    import::{Model as Import, Target},
};

const ATTRIBUTE: &str = "attr.";

/// Reads `Header=column`, `Header=attr.key:TYPE` or `Header=`. A header may hold `=`, a column never does.
pub(super) fn parse(text: &str) -> Result<MappingInput, String> {
    let (header, column) = text
        .rsplit_once('=')
        .ok_or("write \"Header=column\", or \"Header=\" to ignore it")?;
    if column.is_empty() {
        return Ok(ignore(header));
    }
    let header = header.to_owned();
    let Some((key, kind)) = column.rsplit_once(':') else {
        let column = Some(column.to_owned());
        return Ok(MappingInput {
            header,
            column,
            ..MappingInput::default()
        });
    };
    let key = key
        .strip_prefix(ATTRIBUTE)
        .ok_or("a new attribute is written \"Header=attr.key:TYPE\"")?;
    let kind: AttributeType = kind.parse().map_err(|()| {
        let types = AttributeType::ALL.map(AttributeType::as_str).join(", ");
        format!("\"{kind}\" is no type; there are {types}")
    })?;
    Ok(MappingInput {
        header,
        new_attribute: Some((key.to_owned(), kind)),
        ..MappingInput::default()
    })
}

/// Nothing becomes of this header.
pub(super) fn ignore(header: &str) -> MappingInput {
    MappingInput {
        header: header.to_owned(),
        ignore: true,
        ..MappingInput::default()
    }
}

/// The headers that nobody has decided about.
pub(super) fn undecided(import: &Import) -> Vec<&str> {
    let mappings = import.mapping.0.iter();
    mappings
        .filter(|mapping| mapping.target == Target::Undecided)
        .map(|mapping| mapping.header.as_str())
        .collect()
}

/// What `--map` takes to make an attribute of a header; its values are text until somebody knows better.
pub(super) fn suggestion(header: &str) -> String {
    let mut key = String::new();
    for c in header.to_lowercase().chars() {
        if c.is_alphanumeric() {
            key.push(c);
        } else if !key.is_empty() && !key.ends_with('_') {
            key.push('_');
        }
    }
    let key: String = key.trim_end_matches('_').chars().take(64).collect();
    let key = if key.is_empty() { "key" } else { &key };
    format!("{header}={ATTRIBUTE}{key}:TEXT")
}

/// A text as one word of a shell.
pub(super) fn quoted(text: &str) -> String {
    if text.contains(['"', '$', '`', '\\', '!']) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_forms_are_read() {
        let read = |text| {
            let MappingInput {
                header,
                column,
                new_attribute,
                ignore,
            } = parse(text).unwrap();
            (header, column, new_attribute, ignore)
        };
        let text = |text: &str| text.to_owned();
        assert_eq!(
            read("E-Mail=email"),
            (text("E-Mail"), Some(text("email")), None, false)
        );
        assert_eq!(
            read("Plan=attr.plan"),
            (text("Plan"), Some(text("attr.plan")), None, false)
        );
        let date = Some((text("since"), AttributeType::Date));
        assert_eq!(
            read("Since=attr.since:date"),
            (text("Since"), None, date, false)
        );
        assert_eq!(
            read("a=b=phone"),
            (text("a=b"), Some(text("phone")), None, false)
        );
        assert_eq!(read("Notes="), (text("Notes"), None, None, true));
        for bad in [
            "Notes",
            "Plan=plan:TEXT",
            "Plan=attr.plan:COLOUR",
            "Plan=attr.plan:",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn suggestions_are_read_back() {
        for (header, key) in [
            ("Company Name", "company_name"),
            ("Größe (cm)", "größe_cm"),
            ("!", "key"),
            ("a=b", "a_b"),
        ] {
            let read = parse(&suggestion(header)).unwrap();
            assert_eq!(read.header, header);
            assert_eq!(
                read.new_attribute,
                Some((key.to_owned(), AttributeType::Text))
            );
        }
    }
}
