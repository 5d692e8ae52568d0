//! The rules of segments, and what they say of a contact.

use async_graphql::{InputObject, Object, SimpleObject};
use domain::{filter::ContactFilter, segment};
use entity::segment::SegmentRule as Row;
use serde_json::Value as Json;

/// A rule of a segment.
#[derive(Clone)]
pub(crate) struct SegmentRule(pub(super) Row);

/// A rule of a segment: the contacts for whom its filter holds belong to it.
#[Object]
impl SegmentRule {
    /// What people call it.
    async fn name(&self) -> Option<&str> {
        self.0.name.as_deref()
    }

    /// A ContactFilter, as it was given; the time zone of its days stands in it.
    async fn filter(&self) -> &Json {
        &self.0.filter
    }
}

/// A rule that a segment is to have.
#[derive(InputObject)]
pub(crate) struct SegmentRuleInput {
    /// What people call it: 1 to 100 characters.
    name: Option<String>,
    /// For whom it holds. It may name other segments, but not in a circle: CYCLE. Days in it begin in the workspace's time zone of now, unless it names
    /// one.
    filter: ContactFilter,
}

impl From<SegmentRuleInput> for segment::RuleInput {
    fn from(input: SegmentRuleInput) -> Self {
        let SegmentRuleInput { name, filter } = input;
        Self { name, filter }
    }
}

/// Why a contact is in a segment, or is not.
#[derive(SimpleObject)]
pub(crate) struct SegmentExplanation {
    /// Whether it is.
    member: bool,
    /// What each rule says, in their order. Empty for a STATIC segment, whose contacts are named one by one.
    rules: Vec<RuleExplanation>,
}

/// What a rule says of a contact.
#[derive(SimpleObject)]
pub(crate) struct RuleExplanation {
    /// The rule.
    rule: SegmentRule,
    /// Whether it holds.
    holds: bool,
    /// Its conditions that do not hold, each in the words of the filter language, such as `name contains "ada"`. Empty where it holds.
    failing: Vec<String>,
}

impl From<segment::Explanation> for SegmentExplanation {
    fn from(explanation: segment::Explanation) -> Self {
        let rule = |rule: segment::RuleExplanation| RuleExplanation {
            rule: SegmentRule(rule.rule),
            holds: rule.holds,
            failing: rule.failing,
        };
        Self {
            member: explanation.member,
            rules: explanation.rules.into_iter().map(rule).collect(),
        }
    }
}
