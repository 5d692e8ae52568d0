//! A filter to SQL: the match on every field.

use super::{
    ContactFilter, DateTimeFilter, SetFilter, TextFilter, attribute,
    group::{self, Table},
    phone,
    place::Place,
    reference,
    search::{self, Named, Search},
    sql::{Shape, Sql},
    text::{self, Source},
    time,
};
use crate::{
    attribute::Attributes,
    db::{bulk::Cell, dialect::Kind},
    error::{Error, Result},
    viewer::Viewer,
};
use async_graphql::ID;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use entity::{
    contact::ContactStatus,
    id::{ChannelId, ImportId, MemberId, SegmentId, TagId, TeamId},
};
use sea_orm::{DbBackend, sea_query::SimpleExpr};
use std::collections::HashMap;

/// What the meaning of a filter hangs on.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// Who asks.
    pub viewer: &'a Viewer,
    /// The workspace's attributes.
    pub attributes: &'a Attributes,
    /// The workspace's time zone.
    pub zone: Tz,
    /// Relative times are relative to this.
    pub now: DateTime<Utc>,
    /// The RULES segments of the workspace.
    pub rules: &'a Rules,
}

/// RULES segments: the name, and the filters of which one must hold.
pub type Rules = HashMap<SegmentId, (String, Vec<ContactFilter>)>;

/// What is asked of contacts; all of it must hold.
pub struct Asked<'a> {
    /// They are in this segment.
    pub segment: Option<SegmentId>,
    /// This holds.
    pub filter: Option<&'a ContactFilter>,
    /// The search box finds them; with what each of its words means beside.
    pub search: Option<(&'a Search, &'a [Named])>,
}

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
    sql.push("(TRUE");
    let mut is_asked = false;
    if let Some(id) = asked.segment {
        sql.push(" AND ");
        segments(&mut sql, scope, &[id], &mut Place::new("segmentId"))?;
        is_asked = true;
    }
    if let Some(filter) = asked
        .filter
        .filter(|filter| **filter != ContactFilter::default())
    {
        sql.push(" AND ");
        write(&mut sql, scope, filter, &mut Place::new("filter"))?;
        is_asked = true;
    }
    if let Some((search, named)) = asked.search {
        sql.push(" AND ");
        search::write(&mut sql, search, named, scope.viewer.is_masked());
        is_asked = true;
    }
    sql.push(")");
    let scans = sql.scans();
    Ok(is_asked.then(|| Compiled {
        condition: sql.into_expr(),
        scans,
    }))
}

/// A condition, and what it costs.
pub struct Compiled {
    /// On `contact`.
    pub condition: SimpleExpr,
    /// Whether a part of it has no index.
    pub scans: bool,
}

/// Writes that all conditions hold.
pub(super) fn write(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    place.deeper(|place| {
        sql.push("(TRUE");
        combined(sql, scope, filter, place)?;
        texts(sql, scope, filter, place)?;
        flags(sql, filter, place)?;
        groups(sql, scope, filter, place)?;
        times(sql, scope, filter, place)?;
        sql.push(")");
        Ok(())
    })
}

fn combined(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    for (name, list, between, none) in [
        ("and", &filter.and, " AND ", "TRUE"),
        ("or", &filter.or, " OR ", "FALSE"),
    ] {
        let Some(list) = list else { continue };
        sql.push(" AND ");
        place.at(name, |place| {
            place.list(list)?;
            sql.join(
                list.iter().enumerate(),
                between,
                none,
                |sql, (n, filter)| place.at(n, |place| write(sql, scope, filter, place)),
            )
        })?;
    }
    if let Some(filter) = &filter.not {
        sql.push(" AND ");
        place.at("not", |place| write(sql, scope, filter, place))?;
        sql.push(" IS NOT TRUE");
    }
    if let Some(filter) = &filter.attribute {
        sql.push(" AND ");
        place.at("attribute", |place| {
            attribute::write(sql, filter, scope, place)
        })?;
    }
    Ok(())
}

fn texts(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    let ContactFilter {
        name,
        first_name,
        last_name,
        username,
        title,
        account,
        email,
        phone,
        country,
        language,
        ..
    } = filter;
    let masked = scope.viewer.is_masked();
    let fields: [(&str, &Option<TextFilter>, bool); 9] = [
        ("name", name, true),
        ("firstName", first_name, true),
        ("lastName", last_name, true),
        ("username", username, true),
        ("title", title, false),
        ("account", account, true),
        ("email", email, true),
        ("country", country, false),
        ("language", language, false),
    ];
    for (key, filter, searched) in fields {
        let Some(filter) = filter else { continue };
        if key == "email" && masked {
            return Err(forbidden());
        }
        let mut source = Source {
            searched,
            ..Source::document(sql, key)
        };
        if key == "name" && masked {
            // What stands in for a missing name is what they may not see.
            source.value = format!("(CASE WHEN contact.named THEN {} END)", source.value);
        } else if key == "name" {
            source.slot = Some("contact.name_key");
        }
        sql.push(" AND ");
        place.at(key, |place| text::write(sql, &source, filter, place))?;
    }
    if let Some(filter) = phone {
        if masked {
            return Err(forbidden());
        }
        sql.push(" AND ");
        place.at("phone", |place| phone::write(sql, filter, place))?;
    }
    Ok(())
}

fn forbidden() -> Error {
    Error::Forbidden("A restriction masks phone numbers and e-mail addresses for you: a filter cannot speak of them.".to_owned())
}

fn flags(sql: &mut Sql, filter: &ContactFilter, place: &mut Place) -> Result<()> {
    let ContactFilter {
        status,
        blocked,
        opted_out,
        bot_active,
        receives_support_requests,
        ..
    } = filter;
    if let Some(statuses) = status {
        place.at("status", |place| {
            place.leaf()?;
            place.list(statuses)
        })?;
        let cells: Vec<Cell> = statuses
            .iter()
            .map(|status| match status.of() {
                ContactStatus::Active => Cell::Text("ACTIVE".to_owned()),
                ContactStatus::Inactive => Cell::Text("INACTIVE".to_owned()),
            })
            .collect();
        sql.push(" AND contact.status").one_of(Kind::Text, &cells);
    }
    for (name, flag, column) in [
        ("blocked", blocked, "contact.blocked_at"),
        ("optedOut", opted_out, "contact.opted_out_at"),
    ] {
        if let Some(is) = flag {
            place.at(name, |place| place.leaf())?;
            sql.push(" AND ").push(column).push(text::is_set(*is));
        }
    }
    for (name, flag, column) in [
        ("botActive", bot_active, "contact.bot_active"),
        (
            "receivesSupportRequests",
            receives_support_requests,
            "contact.receives_support_requests",
        ),
    ] {
        if let Some(is) = flag {
            place.at(name, |place| place.leaf())?;
            sql.push(" AND ").push(column).push(" = ").bind(*is);
        }
    }
    Ok(())
}

fn groups(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    let ContactFilter {
        assignee,
        team,
        tags,
        channels,
        last_channel,
        segments,
        imports,
        ..
    } = filter;
    if let Some(filter) = assignee {
        sql.push(" AND ");
        place.at("assignee", |place| {
            reference::write::<MemberId>(sql, "contact.assignee_id", filter, place)
        })?;
    }
    if let Some(filter) = team {
        sql.push(" AND ");
        place.at("team", |place| {
            reference::write::<TeamId>(sql, "contact.team_id", filter, place)
        })?;
    }
    if let Some(filter) = last_channel {
        sql.push(" AND ");
        place.at("lastChannel", |place| {
            reference::write::<ChannelId>(sql, "contact.last_channel_id", filter, place)
        })?;
    }
    let tag = Table {
        name: "contact_tag",
        column: "tag_id",
    };
    if let Some(filter) = tags {
        sql.push(" AND ");
        place.at("tags", |place| {
            group::write::<TagId>(sql, &tag, filter, place)
        })?;
    }
    let channel = Table {
        name: "contact_channel",
        column: "channel_id",
    };
    if let Some(filter) = channels {
        sql.push(" AND ");
        place.at("channels", |place| {
            group::write::<ChannelId>(sql, &channel, filter, place)
        })?;
    }
    // Only rows that went in have a contact.
    let import = Table {
        name: "import_row",
        column: "import_id",
    };
    if let Some(filter) = imports {
        sql.push(" AND ");
        place.at("imports", |place| {
            group::write::<ImportId>(sql, &import, filter, place)
        })?;
    }
    if let Some(filter) = segments {
        sql.push(" AND ");
        place.at("segments", |place| in_segments(sql, scope, filter, place))?;
    }
    Ok(())
}

/// A contact is in a segment as one of its members, or since one of its rules holds.
fn in_segments(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &SetFilter,
    place: &mut Place,
) -> Result<()> {
    let mut has = |sql: &mut Sql, ids: &[ID], place: &mut Place| {
        let ids: Vec<SegmentId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
        segments(sql, scope, &ids, place)
    };
    let none = |sql: &mut Sql, place: &mut Place| {
        sql.push(
            "NOT EXISTS (SELECT 1 FROM segment_member AS mine WHERE mine.contact_id = contact.id)",
        );
        for (name, rules) in scope.rules.values() {
            sql.push(" AND ");
            rules_hold(sql, scope, name, rules, place)?;
            sql.push(" IS NOT TRUE");
        }
        Ok(())
    };
    group::write_with(sql, filter, place, &mut has, none)
}

/// Writes that a contact is in one of these segments.
pub(super) fn segments(
    sql: &mut Sql,
    scope: &Scope<'_>,
    ids: &[SegmentId],
    place: &mut Place,
) -> Result<()> {
    let (rules, members): (Vec<_>, Vec<_>) = ids
        .iter()
        .copied()
        .partition::<Vec<SegmentId>, _>(|id| scope.rules.contains_key(id));
    let members: Vec<Cell> = members.into_iter().map(|id| Cell::Int(id.0)).collect();
    sql.push("(");
    group::any_of(sql, "segment_member", "segment_id", &members);
    for id in rules {
        if let Some((name, rules)) = scope.rules.get(&id) {
            sql.push(" OR ");
            rules_hold(sql, scope, name, rules, place)?;
        }
    }
    sql.push(")");
    Ok(())
}

/// Writes that one of a segment's rules holds. What no longer fits in them is said where the segment is named.
fn rules_hold(
    sql: &mut Sql,
    scope: &Scope<'_>,
    name: &str,
    rules: &[ContactFilter],
    place: &mut Place,
) -> Result<()> {
    let written = sql.join(rules, " OR ", "FALSE", |sql, rule| {
        write(sql, scope, rule, place)
    });
    written.map_err(|error| match error {
        Error::BadInput { message, .. } => place.refuse(format!(
            "A rule of the segment \"{name}\" does not hold any more. {message}"
        )),
        error => error,
    })
}

fn times(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    let ContactFilter {
        created_at,
        first_contact_at,
        last_interaction_at,
        last_incoming_at,
        since_last_incoming,
        ..
    } = filter;
    let fields: [(&str, &str, &Option<DateTimeFilter>); 4] = [
        ("createdAt", "contact.created_at", created_at),
        (
            "firstContactAt",
            "contact.first_contact_at",
            first_contact_at,
        ),
        (
            "lastInteractionAt",
            "contact.last_interaction_at",
            last_interaction_at,
        ),
        (
            "lastIncomingAt",
            "contact.last_incoming_at",
            last_incoming_at,
        ),
    ];
    for (name, column, filter) in fields {
        if let Some(filter) = filter {
            sql.push(" AND ");
            place.at(name, |place| {
                time::date_time(sql, column, filter, scope, place, |instant| instant)
            })?;
        }
    }
    if let Some(filter) = since_last_incoming {
        sql.push(" AND ");
        place.at("sinceLastIncoming", |place| {
            time::passed(sql, "contact.last_incoming_at", filter, scope, place)
        })?;
    }
    Ok(())
}
