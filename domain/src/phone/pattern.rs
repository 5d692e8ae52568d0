//! Patterns of the phone data, compiled when first used and then kept: the data has thousands, a workspace needs few.

use std::sync::OnceLock;

use regex::{Regex, RegexBuilder};

/// What a pattern must cover.
#[derive(Debug, Clone, Copy)]
pub(super) enum Anchor {
    Whole,
    Start,
}

/// A pattern over ASCII digits.
pub(super) struct Pattern {
    source: &'static str,
    anchor: Anchor,
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    pub(super) const fn new(source: &'static str, anchor: Anchor) -> Self {
        Self {
            source,
            anchor,
            compiled: OnceLock::new(),
        }
    }

    /// None where the data holds what is no pattern; a test sees that it holds none such.
    pub(super) fn regex(&self) -> Option<&Regex> {
        let compile = || {
            let end = match self.anchor {
                Anchor::Whole => "$",
                Anchor::Start => "",
            };
            RegexBuilder::new(&format!("^(?:{}){end}", self.source))
                .ignore_whitespace(true)
                .unicode(false)
                .build()
                .ok()
        };
        self.compiled.get_or_init(compile).as_ref()
    }

    pub(super) fn is_match(&self, digits: &str) -> bool {
        self.regex().is_some_and(|regex| regex.is_match(digits))
    }

    /// What is left behind the match.
    pub(super) fn strip<'a>(&self, digits: &'a str) -> Option<&'a str> {
        let end = self.regex()?.find(digits)?.end();
        Some(&digits[end..])
    }
}
