//! SQL written front to back, with its parameters.

use crate::db::{
    bulk::Cell,
    dialect::{self, Kind},
};
use entity::id::WorkspaceId;
use sea_orm::{
    DbBackend, Value,
    sea_query::{Expr, SimpleExpr},
};

/// How a condition will be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Contact by contact, in the order of a sort index: each condition looks at one contact.
    Walk,
    /// To find the contacts first: each condition names those who may hold it, from an index where there is one.
    Seek,
}

/// A condition on `contact`.
#[derive(Debug, Clone)]
pub struct Compiled {
    /// It.
    pub holds: SimpleExpr,
    /// Whether an index names those for whom it may hold.
    pub indexed: bool,
}

/// A condition on `contact`, as it is being written.
pub(super) struct Sql {
    pub(super) backend: DbBackend,
    pub(super) shape: Shape,
    text: String,
    values: Vec<Value>,
    indexed: bool,
    is_aside: bool,
    /// Of each condition on a slot that must hold, whether an index serves it.
    slots: Vec<bool>,
    /// Which of these to write as a statement of its own.
    apart: Vec<bool>,
}

/// Conditions on slots that are written apart at most, the first one included: the planner tries every order of joining them.
const APART: usize = 4;

impl Sql {
    pub(super) fn new(backend: DbBackend, shape: Shape) -> Self {
        Self {
            backend,
            shape,
            text: String::new(),
            values: Vec::new(),
            indexed: false,
            is_aside: false,
            slots: Vec::new(),
            apart: Vec::new(),
        }
    }

    /// For what has been written, if it is better written once more with the conditions on slots apart: several indexes then name candidates, and
    /// contacts are read that all of them name.
    pub(super) fn apart(&self) -> Option<Self> {
        let mut served = 0;
        let apart = self.slots.iter().map(|is_served| {
            served += usize::from(*is_served);
            // The first one stays with the contact: whatever index it has may be all that is read of it.
            *is_served && (2..=APART).contains(&served)
        });
        let apart: Vec<bool> = apart.collect();
        let better = apart.contains(&true) && dialect::joins_indexes(self.backend);
        better.then(|| Self {
            apart,
            ..Self::new(self.backend, self.shape)
        })
    }

    /// Notes that an index names all for whom the whole condition can hold, as far as it is written: a part that must hold has one.
    pub(super) fn note_index(&mut self) {
        self.indexed = true;
    }

    /// Writes the workspace once more before one of several alternatives, ` AND ` behind it, where indexes of theirs are not found without.
    pub(super) fn repeat_scope(&mut self, workspace: WorkspaceId) -> &mut Self {
        if self.shape == Shape::Seek && dialect::is_scope_repeated(self.backend) {
            self.push("contact.workspace_id = ").bind(workspace.0);
            self.push(" AND ");
        }
        self
    }

    /// Writes a part; whether an index serves it, beside what is written.
    fn served<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> (T, bool) {
        let before = std::mem::take(&mut self.indexed);
        let written = write(self);
        let is_served = self.indexed;
        self.indexed |= before;
        (written, is_served)
    }

    /// Writes alternatives, one of which must hold: indexes serve them if one serves each.
    pub(super) fn either<T, E>(
        &mut self,
        workspace: WorkspaceId,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut Self, T) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut unserved = 0;
        let mut count = 0;
        self.aside(|sql| {
            sql.join(items, " OR ", "FALSE", |sql, item| {
                sql.repeat_scope(workspace);
                let (written, is_served) = sql.served(|sql| write(sql, item));
                unserved += usize::from(!is_served);
                count += 1;
                written
            })
        })?;
        if count > 0 && unserved == 0 && !self.is_aside {
            self.note_index();
        }
        Ok(())
    }

    /// Writes what need not hold for the whole to hold: an index that serves it serves nothing.
    pub(super) fn aside<T>(&mut self, write: impl FnOnce(&mut Self) -> T) -> T {
        let before = (self.indexed, std::mem::replace(&mut self.is_aside, true));
        let written = write(self);
        (self.indexed, self.is_aside) = before;
        written
    }

    /// Writes a condition on a slot; `write` is given the table to name it by.
    pub(super) fn on_slot<T>(&mut self, write: impl FnOnce(&mut Self, &str) -> T) -> T {
        if self.is_aside || self.shape == Shape::Walk {
            return write(self, "contact");
        }
        let is_apart = self.apart.get(self.slots.len()) == Some(&true);
        if is_apart {
            self.push(
                "EXISTS (SELECT 1 FROM contact AS slotted WHERE slotted.id = contact.id AND slotted.workspace_id = contact.workspace_id AND ",
            );
        }
        let (written, is_served) =
            self.served(|sql| write(sql, if is_apart { "slotted" } else { "contact" }));
        self.slots.push(is_served);
        if is_apart {
            self.push(")");
        }
        written
    }

    /// How a condition on rows of another table is to be written. PostgreSQL joins a list of contacts that must be in it, but one that stands under
    /// OR or NOT it compares with each contact in turn, where it is too long for its memory.
    pub(super) fn shape_of_lists(&self) -> Shape {
        if self.is_aside {
            Shape::Walk
        } else {
            self.shape
        }
    }

    /// Adds text, which holds nothing that a client gave.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a parameter.
    pub(super) fn bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        match self.backend {
            DbBackend::Postgres => self.text.push_str(&format!("${}", self.values.len())),
            _ => self.text.push('?'),
        }
        self
    }

    /// Adds ` = ANY (values)`, as one parameter.
    pub(super) fn one_of(&mut self, kind: Kind, values: &[Cell]) -> &mut Self {
        let list = dialect::list(self.backend, values);
        match self.backend {
            DbBackend::Postgres => {
                self.push(" = ANY (").bind(list);
                self.push("::").push(kind.postgres()).push("[])")
            }
            _ => self
                .push(" IN (SELECT value FROM json_each(")
                .bind(list)
                .push("))"),
        }
    }

    /// Joins what `write` adds for each of `items` with `between`; `none` where there are none.
    pub(super) fn join<T, E>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        between: &str,
        none: &str,
        mut write: impl FnMut(&mut Self, T) -> Result<(), E>,
    ) -> Result<(), E> {
        self.push("(");
        let mut first = true;
        for item in items {
            if !std::mem::take(&mut first) {
                self.push(between);
            }
            write(self, item)?;
        }
        if first {
            self.push(none);
        }
        self.push(")");
        Ok(())
    }

    pub(super) fn is_postgres(&self) -> bool {
        self.backend == DbBackend::Postgres
    }

    /// What was written, as an expression of other queries.
    pub(super) fn compiled(self) -> Compiled {
        Compiled {
            holds: Expr::cust_with_values(self.text, self.values),
            indexed: self.indexed,
        }
    }
}
