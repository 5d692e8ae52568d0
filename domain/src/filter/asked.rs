//! All that can be asked of contacts at once, and the SQL of it.

use super::{
    ContactFilter, field,
    place::Place,
    search::{self, Named, Search},
    segment,
    sql::{Compiled, Shape, Sql},
};
use crate::{
    attribute::Attributes,
    clock,
    error::{Error, Result},
    viewer::Viewer,
    workspace,
};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    id::{SegmentId, WorkspaceId},
    workspace::Model as Workspace,
};
use sea_orm::DbBackend;
use std::collections::HashMap;

/// What the meaning of a filter hangs on.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Whose contacts.
    pub workspace: WorkspaceId,
    /// Whether phone numbers and addresses are hidden from who asks.
    pub masked: bool,
    /// The workspace's attributes.
    pub attributes: &'a Attributes,
    /// The workspace's time zone.
    pub zone: Tz,
    /// Relative times are relative to this.
    pub now: DateTime<Utc>,
    /// The RULES segments of the workspace.
    pub rules: &'a Rules,
}

impl<'a> Scope<'a> {
    /// That of filters that the viewer gives, to be stored: they are about the workspace as it is now.
    pub(crate) fn given(
        viewer: &Viewer,
        workspace: &Workspace,
        attributes: &'a Attributes,
        rules: &'a Rules,
    ) -> Self {
        Self {
            masked: viewer.is_masked(),
            zone: workspace::zone(workspace),
            ..Self::stored(viewer, attributes, rules)
        }
    }

    /// That of filters that are stored: they know their zone, and mean the same for everyone, since who made them may see what they speak of.
    pub fn stored(viewer: &Viewer, attributes: &'a Attributes, rules: &'a Rules) -> Self {
        Self {
            workspace: viewer.workspace_id,
            masked: false,
            attributes,
            zone: Tz::UTC,
            now: clock::now(),
            rules,
        }
    }
}

/// RULES segments: the name, and the filters of which one must hold.
pub type Rules = HashMap<SegmentId, (String, Vec<ContactFilter>)>;

/// What is asked of contacts; all of it must hold.
pub struct Asked<'a> {
    /// They are in this segment.
    pub segment: Option<SegmentId>,
    /// They are in an inbox: the filter and the search that it keeps. These mean the same for everyone: who made it may see what they speak of.
    pub inbox: Option<(&'a ContactFilter, Option<Searched<'a>>)>,
    /// This holds.
    pub filter: Option<&'a ContactFilter>,
    /// The search box finds them.
    pub search: Option<Searched<'a>>,
}

/// A search, with what each of its words means beside.
pub type Searched<'a> = (&'a Search, &'a [Named]);

/// The condition on `contact` that is meant; none where nothing is asked.
///
/// # Errors
/// BAD_USER_INPUT with the path to what does not fit; FORBIDDEN where it speaks of what is masked for the viewer.
pub fn compile(
    backend: DbBackend,
    shape: Shape,
    scope: &Scope<'_>,
    asked: &Asked<'_>,
) -> Result<Option<Compiled>> {
    let mut sql = Sql::new(backend, shape);
    if !write(&mut sql, scope, asked)? {
        return Ok(None);
    }
    if let Some(mut apart) = sql.apart() {
        write(&mut apart, scope, asked)?;
        return Ok(Some(apart.compiled()));
    }
    Ok(Some(sql.compiled()))
}

/// Writes the condition; whether anything is asked.
fn write(sql: &mut Sql, scope: &Scope<'_>, asked: &Asked<'_>) -> Result<bool> {
    sql.push("(TRUE");
    let mut is_asked = false;
    if let Some(id) = asked.segment {
        sql.push(" AND ");
        segment::any_of(sql, scope, &[id], &mut Place::new("segmentId"))?;
        is_asked = true;
    }
    if let Some((filter, search)) = asked.inbox {
        let open = Scope {
            masked: false,
            ..*scope
        };
        sql.push(" AND ");
        let place = &mut Place::new("inboxId");
        field::write(sql, &open, filter, place).map_err(|error| match error {
            Error::BadInput { message, .. } => {
                let message = format!("The filter of this inbox fits no longer. {message}");
                Error::bad_input("inboxId", message)
            }
            error => error,
        })?;
        if let Some((search, named)) = search {
            sql.push(" AND ");
            search::write(sql, search, named, false);
        }
        is_asked |= *filter != ContactFilter::default() || search.is_some();
    }
    if let Some(filter) = asked
        .filter
        .filter(|filter| **filter != ContactFilter::default())
    {
        sql.push(" AND ");
        field::write(sql, scope, filter, &mut Place::new("filter"))?;
        is_asked = true;
    }
    if let Some((search, named)) = asked.search {
        sql.push(" AND ");
        search::write(sql, search, named, scope.masked);
        is_asked = true;
    }
    sql.push(")");
    Ok(is_asked)
}

/// Checks a filter that is to be stored; `path` leads to it in the input.
///
/// # Errors
/// As [`compile`]; FORBIDDEN, too, where it asks for names and the viewer is masked: once stored, it means the same for everyone, and a phone
/// number or an address stands in for a missing name.
pub fn check(
    backend: DbBackend,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    path: &str,
) -> Result<()> {
    if scope.masked && speaks_of_names(filter) {
        return Err(Viewer::cannot_keep_masked("filter on names"));
    }
    let mut sql = Sql::new(backend, Shape::Walk);
    field::write(&mut sql, scope, filter, &mut Place::new(path))
}

fn speaks_of_names(filter: &ContactFilter) -> bool {
    filter.name.is_some() || filter.inner().any(speaks_of_names)
}
