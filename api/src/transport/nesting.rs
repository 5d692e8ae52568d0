//! How deep a request may nest. Documents, variables and the values in them are read by recursion: what nests without end would overflow the
//! stack, and a stack that overflows ends the process.

use serde_json::Value;

use super::refusal::Refusal;

/// What is open at once in the document and in its variables, together: a fragment of the one may hold the other. A filter of as many levels
/// as are allowed needs some thirty, a value of an attribute forty.
const MOST: usize = 64;

/// Refuses what nests deeper than anything that makes sense.
pub(super) fn check(query: &str, variables: &Value) -> Result<(), Refusal> {
    let levels = of_document(query) + of_value(variables);
    if levels <= MOST {
        return Ok(());
    }
    Err(Refusal::excessive(format!(
        "the document and its variables nest {levels} levels deep: {MOST} are the most"
    )))
}

/// The most braces, brackets and parentheses that are open at once, outside strings and comments.
fn of_document(text: &str) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                rest = behind_string(rest);
                continue;
            }
            '#' => {
                rest = &rest[rest.find(['\n', '\r']).unwrap_or(rest.len())..];
                continue;
            }
            '{' | '[' | '(' => open += 1,
            '}' | ']' | ')' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
        rest = &rest[first.len_utf8()..];
    }
    most
}

/// What stands behind the string at the beginning. A string of one line ends with the line: no document with such a string is read further.
fn behind_string(text: &str) -> &str {
    let (quote, block) = match text.strip_prefix("\"\"\"") {
        Some(_) => ("\"\"\"", true),
        None => ("\"", false),
    };
    let mut rest = &text[quote.len()..];
    while let Some(first) = rest.chars().next() {
        if let Some(behind) = rest.strip_prefix(quote) {
            return behind;
        }
        let escaped = if block { "\\\"\"\"" } else { "\\" };
        if !block && matches!(first, '\n' | '\r') {
            return rest;
        }
        rest = match rest.strip_prefix(escaped) {
            Some(behind) if block => behind,
            Some(behind) => {
                let mut characters = behind.chars();
                characters.next();
                characters.as_str()
            }
            None => &rest[first.len_utf8()..],
        };
    }
    rest
}

fn of_value(value: &Value) -> usize {
    let inner = match value {
        Value::Array(items) => items.iter().map(of_value).max(),
        Value::Object(entries) => entries.values().map(of_value).max(),
        _ => return 0,
    };
    1 + inner.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_open_is_counted_outside_strings_and_comments() {
        for (text, levels) in [
            ("", 0),
            ("{ a }", 1),
            ("{ a(b: [[1]]) { c } }", 4),
            ("{ a(b: \"[[[[\") }", 2),
            ("{ a(b: \"\\\"[[[\\\\\") { c } }", 2),
            ("{ a(b: \"\", c: [1]) }", 3),
            ("{ a(b: \"\"\" \"[[ \\\"\"\" [[ \"\"\") }", 2),
            ("{ # [[[[\n a }", 1),
            ("\"[[\n[[[", 3),
            ("]]]{", 1),
            ("{ ä(b: \"ä\\ä[\") }", 2),
        ] {
            assert_eq!(of_document(text), levels, "{text}");
        }
        assert_eq!(of_value(&json!({ "a": [[], { "b": 1 }], "c": 1 })), 3);
    }

    #[test]
    fn document_and_variables_count_together() {
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let document = format!("{{{}{}}}", "[".repeat(30), "]".repeat(30));
        assert!(check(&document, &nested(33)).is_ok());
        let refused = check(&document, &nested(34)).unwrap_err().to_string();
        assert!(refused.contains("65 levels"), "{refused}");
    }
}
