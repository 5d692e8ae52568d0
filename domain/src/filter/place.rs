//! Where in the input a condition stands, for messages; and how much of the input has been read.

use super::{MAX_LIST, MAX_TEXT, limits::limits};
use crate::error::{Error, Result};

/// A path such as `filter.and.0.name`, with the limits that hold on the way.
#[derive(Debug)]
pub(super) struct Place {
    path: Vec<String>,
    depth: usize,
    leaves: usize,
}

impl Place {
    /// At the input's own path, written with dots.
    pub(super) fn new(path: &str) -> Self {
        Self {
            path: path.split('.').map(str::to_owned).collect(),
            depth: 0,
            leaves: 0,
        }
    }

    /// Does `work` one step further down.
    pub(super) fn at<T>(
        &mut self,
        step: impl ToString,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.path.push(step.to_string());
        let done = work(self);
        self.path.pop();
        done
    }

    /// Does `work` one level of filters further down. A filter in which it finds no condition counts as one: of however many a filter is
    /// made, the databases would have to read them all.
    pub(super) fn deeper<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let most = limits().depth;
        if self.depth == most {
            return Err(self.refuse(format!("A filter is at most {most} levels deep.")));
        }
        self.depth += 1;
        let before = self.leaves;
        let done = work(self)?;
        self.depth -= 1;
        if self.leaves == before {
            self.leaf()?;
        }
        Ok(done)
    }

    /// Counts a condition.
    pub(super) fn leaf(&mut self) -> Result<()> {
        self.leaves += 1;
        let most = limits().conditions;
        if self.leaves > most {
            return Err(self.refuse(format!("A filter has at most {most} conditions.")));
        }
        Ok(())
    }

    /// Counts the condition of this name.
    pub(super) fn leaf_at(&mut self, name: &str) -> Result<()> {
        self.at(name, Self::leaf)
    }

    /// Checks a list's length.
    pub(super) fn list<T>(&self, list: &[T]) -> Result<()> {
        if list.len() > MAX_LIST {
            return Err(self.refuse(format!(
                "A list in a filter has at most {MAX_LIST} entries."
            )));
        }
        Ok(())
    }

    /// Checks a text.
    pub(super) fn text(&self, text: &str) -> Result<()> {
        if text.len() > MAX_TEXT && text.chars().count() > MAX_TEXT {
            return Err(self.refuse(format!(
                "A text in a filter has at most {MAX_TEXT} characters."
            )));
        }
        if text.contains('\0') {
            return Err(self.refuse("A text has no NUL characters."));
        }
        Ok(())
    }

    /// What is wrong here.
    pub(super) fn refuse(&self, message: impl Into<String>) -> Error {
        Error::BadInput {
            path: self.path.clone(),
            message: message.into(),
        }
    }
}
