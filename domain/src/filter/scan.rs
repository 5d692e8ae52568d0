//! Which conditions on attributes no index serves, so that a client can be told what its choice costs.

use super::{
    AttributeFilter, ContactFilter, DateFilter, DateTimeFilter, NumberFilter, TextFilter,
    TimeFilter,
    asked::{Asked, Scope},
};
use entity::id::SegmentId;
use std::collections::{BTreeSet, HashSet};

/// The keys of the attributes on which something is asked that must be looked up contact by contact; in the order of the alphabet, each once.
pub fn scans(scope: &Scope<'_>, asked: &Asked<'_>) -> Vec<String> {
    let mut scans = Scans {
        scope,
        found: BTreeSet::new(),
        segments: HashSet::new(),
    };
    scans.segment(asked.segment, false);
    let kept = asked.inbox.as_ref().map(|(filter, _)| *filter);
    for filter in kept.into_iter().chain(asked.filter) {
        scans.filter(filter, false);
    }
    scans.found.into_iter().collect()
}

struct Scans<'a> {
    scope: &'a Scope<'a>,
    found: BTreeSet<String>,
    /// Those that were looked at, and whether under a negation: each once.
    segments: HashSet<(SegmentId, bool)>,
}

impl Scans<'_> {
    /// No index says whom a condition does not hold for.
    fn filter(&mut self, filter: &ContactFilter, negated: bool) {
        if let Some(own) = &filter.attribute
            && (negated || !self.is_served(own))
        {
            let known = self.scope.attributes.by_key(&own.key);
            self.found.extend(known.map(|of| of.key.clone()));
        }
        for inner in [&filter.and, &filter.or].into_iter().flatten().flatten() {
            self.filter(inner, negated);
        }
        if let Some(inner) = &filter.not {
            self.filter(inner, true);
        }
        if let Some(set) = &filter.segments {
            for (ids, negated) in [
                (&set.any_of, negated),
                (&set.all_of, negated),
                (&set.none_of, true),
            ] {
                for id in ids.iter().flatten() {
                    self.segment(id.parse().ok(), negated);
                }
            }
        }
    }

    fn segment(&mut self, id: Option<SegmentId>, negated: bool) {
        let Some(id) = id.filter(|id| self.segments.insert((*id, negated))) else {
            return;
        };
        let rules = self.scope.rules.get(&id);
        for filter in rules.iter().flat_map(|(_, filters)| filters) {
            self.filter(filter, negated);
        }
    }

    /// Whether the attribute's slot finds the contacts: by one of several conditions is enough.
    fn is_served(&self, filter: &AttributeFilter) -> bool {
        let known = self.scope.attributes.by_key(&filter.key);
        let AttributeFilter {
            key: _,
            text,
            number,
            date,
            time,
            date_time,
            boolean: _,
            array: _,
            location: _,
            is_set,
        } = filter;
        known.is_some_and(|of| of.readable_slot().is_some())
            && (*is_set == Some(true)
                || text.as_ref().is_some_and(finds_text)
                || number.as_ref().is_some_and(finds_number)
                || date.as_ref().is_some_and(finds_date)
                || time.as_ref().is_some_and(finds_time)
                || date_time.as_ref().is_some_and(finds_instant))
    }
}

fn finds_text(filter: &TextFilter) -> bool {
    filter.eq.is_some()
        || filter.any.is_some()
        || filter.starts_with.is_some()
        || filter.is_set == Some(true)
}

/// Whatever bounds the value finds it; what is left asks for those without one.
fn finds_number(filter: &NumberFilter) -> bool {
    filter.is_set == Some(true)
        || *filter
            != NumberFilter {
                is_set: filter.is_set,
                ..NumberFilter::default()
            }
}

fn finds_date(filter: &DateFilter) -> bool {
    filter.is_set == Some(true)
        || *filter
            != DateFilter {
                is_set: filter.is_set,
                time_zone: filter.time_zone.clone(),
                ..DateFilter::default()
            }
}

fn finds_time(filter: &TimeFilter) -> bool {
    filter.is_set == Some(true)
        || *filter
            != TimeFilter {
                is_set: filter.is_set,
                ..TimeFilter::default()
            }
}

pub(super) fn finds_instant(filter: &DateTimeFilter) -> bool {
    filter.is_set == Some(true)
        || *filter
            != DateTimeFilter {
                is_set: filter.is_set,
                time_zone: filter.time_zone.clone(),
                not_in_last: filter.not_in_last,
                ..DateTimeFilter::default()
            }
}
