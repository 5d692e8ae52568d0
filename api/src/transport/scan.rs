//! How large a request is, before anything reads it by recursion: tokens of the document, how deep document and variables nest, lengths of lists.
//!
//! Documents, variables and the values in them are read by recursion: what nests without end would overflow the stack, and a stack that
//! overflows ends the process.

use std::ops::Range;

use async_graphql::Pos;
use serde_json::Value;

use super::brackets::Open;
use super::refusal::Refusal;
use super::settings::Limits;

/// What is open at once in the document and in its variables, together: a fragment of the one may hold the other. A filter of as many levels
/// as are allowed needs some thirty, a value of an attribute forty. No setting: the stack is what it is.
const DEEPEST: usize = 64;

/// Refuses a document that is too long, has too many tokens, or nests, with its variables, deeper than anything that makes sense; and a list that is
/// too long.
pub(super) fn check(query: &str, variables: &Value, limits: &Limits) -> Result<(), Refusal> {
    if query.len() > limits.document {
        return Err(Refusal::excessive(format!(
            "the document has {} bytes: {} are the most",
            query.len(),
            limits.document
        )));
    }
    let document = Document::scan(query);
    if document.open_block {
        return Err(Refusal::invalid(
            "Syntax error: a block string (\"\"\") has no end",
        ));
    }
    if let Some(at) = document.twice {
        let name = &query[at.clone()];
        let refusal = Refusal::invalid(format!(
            "There can be only one input field named \"{name}\"."
        ));
        return Err(refusal.at([position(query, at.start)]));
    }
    if document.tokens > limits.tokens {
        return Err(Refusal::excessive(format!(
            "the document has {} tokens: {} are the most",
            document.tokens, limits.tokens
        )));
    }
    let levels = document.levels + of_value(variables, limits)?;
    if levels > DEEPEST {
        return Err(Refusal::excessive(format!(
            "the document and its variables nest {levels} levels deep: {DEEPEST} are the most"
        )));
    }
    Ok(())
}

/// What can be seen of a document without parsing it.
#[derive(Debug, Default, PartialEq)]
struct Document {
    /// Names, numbers, strings and punctuators.
    tokens: usize,
    /// The most braces, brackets and parentheses that are open at once, outside strings and comments.
    levels: usize,
    /// A name that an object among the arguments gives twice: the parser would keep the last of both.
    twice: Option<Range<usize>>,
    /// Whether a block string has no end. What follows its beginning was not looked at. The parser would take the beginning for an empty string,
    /// and look for the end again at each that follows.
    open_block: bool,
}

impl Document {
    fn scan(text: &str) -> Self {
        let (mut found, mut open) = (Self::default(), Open::default());
        let (mut rest, mut at) = (text.as_bytes(), 0);
        while let Some(&first) = rest.first() {
            let length = match first {
                b'"' => match length_of_string(rest) {
                    Some(length) => length,
                    None => {
                        found.open_block = true;
                        return found;
                    }
                },
                b'#' => length_while(rest, |byte| !matches!(byte, b'\n' | b'\r')),
                b'.' => length_while(rest, |byte| byte == b'.'),
                b'0'..=b'9' | b'-' => length_of_number(rest),
                _ if is_word(first) => length_while(rest, is_word),
                _ => 1,
            };
            // Beyond ASCII there is one character that may stand between tokens, U+FEFF, and none in them.
            let is_token =
                first.is_ascii() && !matches!(first, b'#' | b',') && !first.is_ascii_whitespace();
            if is_token {
                found.tokens += 1;
                let twice = open.token(text, at..at + length);
                found.twice = found.twice.or(twice);
                found.levels = found.levels.max(open.levels());
            }
            rest = &rest[length..];
            at += length;
        }
        found
    }
}

/// The line and the column of a place, both from 1 on.
fn position(text: &str, at: usize) -> Pos {
    let before = &text[..at];
    let line = before.rfind('\n').map_or(before, |end| &before[end + 1..]);
    Pos {
        line: 1 + before.matches('\n').count(),
        column: 1 + line.chars().count(),
    }
}

/// Whether a name goes on.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The length of the number at the beginning: a sign stands first, or behind the letter of the exponent.
fn length_of_number(text: &[u8]) -> usize {
    let goes_on = |(at, byte): (usize, &u8)| match byte {
        b'+' | b'-' => at > 0 && matches!(text[at - 1], b'e' | b'E'),
        byte => *byte == b'.' || byte.is_ascii_alphanumeric(),
    };
    let rest = text.iter().enumerate().skip(1);
    1 + rest.take_while(|item| goes_on(*item)).count()
}

fn length_while(text: &[u8], holds: impl Fn(u8) -> bool) -> usize {
    let end = text.iter().position(|byte| !holds(*byte));
    end.unwrap_or(text.len())
}

/// The length of the string at the beginning; none of a block that does not end. One of a single line ends with the line: no document with such a
/// string is read further.
fn length_of_string(text: &[u8]) -> Option<usize> {
    if let Some(inner) = text.strip_prefix(b"\"\"\"") {
        let mut at = 0;
        while at < inner.len() {
            if inner[at..].starts_with(b"\\\"\"\"") {
                at += 4;
            } else if inner[at..].starts_with(b"\"\"\"") {
                return Some(at + 6);
            } else {
                at += 1;
            }
        }
        return None;
    }
    let mut at = 1;
    while at < text.len() {
        match text[at] {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return Some(at),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    Some(text.len())
}

/// How deep a value nests.
fn of_value(value: &Value, limits: &Limits) -> Result<usize, Refusal> {
    let mut most = 0;
    match value {
        Value::Array(items) => {
            limits.check_list(items.len())?;
            for item in items {
                most = most.max(of_value(item, limits)?);
            }
        }
        Value::Object(entries) => {
            for entry in entries.values() {
                most = most.max(of_value(entry, limits)?);
            }
        }
        _ => return Ok(0),
    }
    Ok(1 + most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_open_is_counted_outside_strings_and_comments() {
        for (text, levels, tokens) in [
            ("", 0, 0),
            ("{ a }", 1, 3),
            ("{ a(b: [[1]]) { c } }", 4, 15),
            ("{ a(b: \"[[[[\") }", 2, 8),
            ("{ a(b: \"\\\"[[[\\\\\") { c } }", 2, 11),
            ("{ a(b: \"\", c: [1]) }", 3, 13),
            ("{ a(b: \"\"\" \"[[ \\\"\"\" [[ \"\"\") }", 2, 8),
            ("{ # [[[[\n a }", 1, 3),
            ("\"[[\n[[[", 3, 4),
            ("]]]{", 1, 4),
            ("{ ä(b: \"ä\\ä[\") }", 2, 7),
            ("{ ...F @skip(if: $no) }", 2, 12),
            ("{ a(b: -1.5e+3) }", 2, 8),
            ("\"\\", 0, 1),
            ("1-1-1e-1", 0, 3),
            ("a\u{feff}b", 0, 2),
        ] {
            let expected = Document {
                tokens,
                levels,
                ..Document::default()
            };
            assert_eq!(Document::scan(text), expected, "{text}");
        }
        for text in [
            "\"\"\"a",
            "{a(b:[\"\"\"x\" [[[[[",
            "\"\"\"\\\"\"\"",
            "\"\"\"\"\"\"\"\"\"",
        ] {
            assert!(Document::scan(text).open_block, "{text}");
        }
        for (text, twice) in [
            ("{ a(b: { c: 1, c: 2 }) }", Some("c")),
            ("{ a(b: { c: { d: 1 } d : 2, c # :\n: 3 }) }", Some("c")),
            (
                "{ a(b: { c: { c: 1 }, d: [{ c: 1 }, { c: 2 }] }) { a(c: 1) } }",
                None,
            ),
            ("{ c: a c: a a(c: 1, c: 2) }", None),
            ("query ($a: B = { c: 1 c: 2 }) { a }", Some("c")),
            ("{ a(b: { c: \"c:\", d: \"c: 1 c: 2\" }) } }", None),
        ] {
            let found = Document::scan(text).twice;
            assert_eq!(found.map(|at| &text[at]), twice, "{text}");
        }
        let value = json!({ "a": [[], { "b": 1 }], "c": 1 });
        assert_eq!(of_value(&value, &Limits::default()).unwrap(), 3);
    }

    #[test]
    fn document_and_variables_count_together() {
        let limits = Limits::default();
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        let document = format!("{{{}{}}}", "[".repeat(30), "]".repeat(30));
        assert!(check(&document, &nested(33), &limits).is_ok());
        let refused = check(&document, &nested(34), &limits).unwrap_err();
        assert!(refused.to_string().contains("65 levels"), "{refused}");
    }

    #[test]
    fn lengths_are_limited() {
        let limits = Limits {
            document: 100,
            tokens: 10,
            list: 2,
            ..Limits::default()
        };
        let refused = |query: &str, variables| {
            let refusal = check(query, &variables, &limits).err();
            refusal.map(|refusal| refusal.to_string())
        };
        assert_eq!(
            refused(&format!("{{ a }} #{}", "x".repeat(93)), json!({})),
            None
        );
        let long = refused(&format!("{{ a }} #{}", "x".repeat(94)), json!({}));
        assert_eq!(
            long.unwrap(),
            "the document has 101 bytes: 100 are the most"
        );
        assert_eq!(refused("{ a b c d e f g h }", json!({})), None);
        let many = refused("{ a b c d e f g h i }", json!({}));
        assert_eq!(many.unwrap(), "the document has 11 tokens: 10 are the most");
        assert_eq!(refused("{ a }", json!({ "v": [1, 2] })), None);
        let list = refused("{ a }", json!({ "v": { "w": [1, 2, 3] } }));
        assert_eq!(list.unwrap(), "a list has 3 entries: 2 are the most");
    }
}
