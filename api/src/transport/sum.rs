//! What a part of a document comes to, and how much of it is too much.

use super::refusal::Refusal;
use super::settings::Limits;

/// Lists of the schema of schemas within each other, as graphql-js has it (`MaxIntrospectionDepthRule`): what asks for fields of fields of fields of
/// all types asks for everything, a thousand times.
const INTROSPECTED: usize = 2;

/// What a part of a document comes to.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) depth: usize,
    pub(super) aliases: usize,
    pub(super) directives: usize,
    pub(super) cost: u64,
    /// Lists of the schema of schemas within each other.
    pub(super) introspected: usize,
}

impl Sum {
    /// The same of something that stands beside it.
    pub(super) fn add(&mut self, other: Self) {
        self.depth = self.depth.max(other.depth);
        self.introspected = self.introspected.max(other.introspected);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.cost = self.cost.saturating_add(other.cost);
    }

    /// Refuses what is more than the limits allow.
    pub(super) fn check(&self, limits: &Limits) -> Result<(), Refusal> {
        let counts = [
            (
                "nests fields",
                self.depth as u64,
                limits.depth as u64,
                "levels deep",
            ),
            ("has", self.aliases as u64, limits.aliases as u64, "aliases"),
            (
                "has",
                self.directives as u64,
                limits.directives as u64,
                "directives",
            ),
            (
                "costs",
                self.cost,
                limits.complexity,
                "fields, those of a list as often as it has entries",
            ),
            (
                "asks for",
                self.introspected as u64,
                INTROSPECTED as u64,
                "lists of the schema within each other",
            ),
        ];
        for (has, count, most, what) in counts {
            if count > most {
                return Err(Refusal::excessive(format!(
                    "the document {has} {count} {what}: {most} are the most"
                )));
            }
        }
        Ok(())
    }
}
