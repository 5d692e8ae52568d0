//! A filter to SQL: the match on every field.

use super::{
    ContactFilter, DateTimeFilter, TextFilter,
    asked::Scope,
    attribute, conversation, group, phone,
    place::Place,
    reference, segment,
    sql::Sql,
    text::{self, Plain, Source},
    time,
};
use crate::{
    db::{
        bulk::Cell,
        dialect::{self, Kind},
    },
    error::Result,
    viewer::Viewer,
};
use entity::{
    contact::ContactStatus,
    id::{ChannelId, ImportId, MemberId, TagId, TeamId},
};

/// Writes that all conditions hold.
pub(super) fn write(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    check_handled(filter);
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

/// A new field does not compile until it stands here, and in one of the parts below.
fn check_handled(filter: &ContactFilter) {
    let ContactFilter {
        and: _,
        or: _,
        not: _,
        name: _,
        first_name: _,
        last_name: _,
        username: _,
        title: _,
        account: _,
        email: _,
        phone: _,
        country: _,
        language: _,
        status: _,
        blocked: _,
        opted_out: _,
        bot_active: _,
        receives_support_requests: _,
        assignee: _,
        team: _,
        tags: _,
        channels: _,
        last_channel: _,
        segments: _,
        imports: _,
        created_at: _,
        first_contact_at: _,
        last_interaction_at: _,
        last_incoming_at: _,
        conversation_opened_at: _,
        since_last_incoming: _,
        attribute: _,
    } = filter;
}

fn combined(
    sql: &mut Sql,
    scope: &Scope<'_>,
    filter: &ContactFilter,
    place: &mut Place,
) -> Result<()> {
    for (name, list) in [("and", &filter.and), ("or", &filter.or)] {
        let Some(list) = list else { continue };
        sql.push(" AND ");
        place.at(name, |place| {
            place.list(list)?;
            let items = list.iter().enumerate();
            let mut write =
                |sql: &mut Sql, (n, filter)| place.at(n, |place| write(sql, scope, filter, place));
            match name {
                "or" => sql.either(scope.workspace, items, write),
                _ => sql.join(items, " AND ", "TRUE", &mut write),
            }
        })?;
    }
    if let Some(filter) = &filter.not {
        sql.push(" AND ");
        sql.aside(|sql| place.at("not", |place| write(sql, scope, filter, place)))?;
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
    let masked = scope.masked;
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
            return Err(Viewer::cannot_speak_of_masked("them"));
        }
        let mut source = Source {
            searched,
            plain: (key == "email").then(|| Plain {
                workspace: scope.workspace,
                column: "contact.email_key",
                others: dialect::is_not_ascii_email(sql.backend),
            }),
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
            return Err(Viewer::cannot_speak_of_masked("them"));
        }
        sql.push(" AND ");
        place.at("phone", |place| phone::write(sql, filter, place))?;
    }
    Ok(())
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
            place.leaf_at(name)?;
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
            place.leaf_at(name)?;
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
        last_channel,
        segments,
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
    sets(sql, filter, place)?;
    if let Some(filter) = segments {
        sql.push(" AND ");
        place.at("segments", |place| {
            segment::write(sql, scope, filter, place)
        })?;
    }
    Ok(())
}

fn sets(sql: &mut Sql, filter: &ContactFilter, place: &mut Place) -> Result<()> {
    let ContactFilter {
        tags,
        channels,
        imports,
        ..
    } = filter;
    if let Some(filter) = tags {
        sql.push(" AND ");
        place.at("tags", |place| {
            group::write::<TagId>(sql, &group::TAGS, filter, place)
        })?;
    }
    if let Some(filter) = channels {
        sql.push(" AND ");
        place.at("channels", |place| {
            group::write::<ChannelId>(sql, &group::CHANNELS, filter, place)
        })?;
    }
    if let Some(filter) = imports {
        sql.push(" AND ");
        place.at("imports", |place| {
            group::write::<ImportId>(sql, &group::IMPORTS, filter, place)
        })?;
    }
    Ok(())
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
        conversation_opened_at,
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
    if let Some(filter) = conversation_opened_at {
        sql.push(" AND ");
        place.at("conversationOpenedAt", |place| {
            conversation::write(sql, filter, scope, place)
        })?;
    }
    if let Some(filter) = since_last_incoming {
        sql.push(" AND ");
        place.at("sinceLastIncoming", |place| {
            time::passed(sql, "contact.last_incoming_at", filter, scope, place)
        })?;
    }
    Ok(())
}
