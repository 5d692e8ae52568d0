//! Which brackets are open while a document is read token by token, and which names an object among its arguments has had.

use std::collections::HashSet;
use std::ops::Range;

/// The brackets that are open at a place of a document.
#[derive(Default)]
pub(super) struct Open<'a> {
    /// Of an object that is a value the names of its fields so far.
    brackets: Vec<Option<HashSet<&'a str>>>,
    /// How many of them are parentheses: what stands in braces there is a value.
    parentheses: usize,
    /// The token before.
    last: Range<usize>,
}

impl<'a> Open<'a> {
    /// How many there are.
    pub(super) fn levels(&self) -> usize {
        self.brackets.len()
    }

    /// Goes on by a token at this place of the text; the place of a name that another field of the same object has.
    pub(super) fn token(&mut self, text: &'a str, place: Range<usize>) -> Option<Range<usize>> {
        let last = std::mem::replace(&mut self.last, place.clone());
        match &text[place] {
            "(" => {
                self.parentheses += 1;
                self.brackets.push(None);
            }
            "{" if self.parentheses > 0 => self.brackets.push(Some(HashSet::new())),
            "{" | "[" => self.brackets.push(None),
            ")" => {
                self.brackets.pop();
                self.parentheses = self.parentheses.saturating_sub(1);
            }
            "}" | "]" => {
                self.brackets.pop();
            }
            ":" => {
                let fields = self.brackets.last_mut()?.as_mut()?;
                return (!fields.insert(&text[last.clone()])).then_some(last);
            }
            _ => {}
        }
        None
    }
}
