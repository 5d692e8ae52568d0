//! Whom a broadcast reaches, and why not the others: one expression, for the audience that is shown before and for the recipients of a send.

use super::{choose, load::Load};
use crate::{
    attribute::Attributes,
    channel::{self, provider_of},
    clock,
    contact::{Chosen, Selected},
    content::Ready,
    db::dialect,
    error::{Error, Result},
    filter::{self, Asked, ContactFilter, Rules, Scope, Shape},
    send::day,
    viewer::Viewer,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    broadcast::Model,
    broadcast_send::RecipientChoice,
    channel::Model as Channel,
    contact::{Column, ContactStatus},
    contact_channel,
    delivery::SkipReason,
    id::{BroadcastId, ContactId},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, Condition, ConnectionTrait, DbBackend, QueryFilter, QuerySelect,
    QueryTrait,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Order, Query, SelectStatement, SimpleExpr},
};

/// How long after a person's last message texts reach them on messengers that have such a window.
pub(crate) const SERVICE_WINDOW: TimeDelta = TimeDelta::hours(24);

/// Whom a broadcast would reach now.
#[derive(Debug, Clone)]
pub struct Audience {
    /// Distinct contacts.
    pub total: i64,
    /// Those who would get it.
    pub reachable: i64,
    /// The others, by reason.
    pub skipped: Vec<SkipCount>,
    /// People whom the channel may reach in moving 24 hours; none: any number.
    pub daily_limit: Option<i32>,
    /// How many it has reached in the last 24 hours, where there is such a limit.
    pub used_today: Option<i64>,
    /// When the last one would get it, at the channel's rate and daily limit, behind what is on its way already.
    pub expected_end: DateTime<Utc>,
}

/// How many would be left out for a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipCount {
    /// Why.
    pub reason: SkipReason,
    /// How many.
    pub count: i64,
}

/// Whom a broadcast that the viewer has found would reach.
///
/// # Errors
/// REQUIRED, INVALID and NOT_FOUND at `contactIds`; FORBIDDEN where its filter speaks of what is masked; when the database is away.
pub async fn audience(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    broadcast: &Model,
    choice: RecipientChoice,
    contacts: Option<Vec<ContactId>>,
) -> Result<Audience> {
    let channel = channel::of_row(conn, viewer, broadcast.channel_id).await?;
    let ready = Ready::load(conn, viewer, &broadcast.content).await?;
    let ready = ready.map_err(|fault| Error::user("id", "INVALID", fault.0))?;
    let selected = choose(conn, viewer, broadcast, choice, contacts).await?;
    let except = (choice == RecipientChoice::NewlyAdded).then_some(broadcast.id);
    let recipients = recipients(conn, viewer, &selected, &channel, &ready, except).await?;
    let grouped = Query::select()
        .column(Alias::new("reason"))
        .expr_as(Expr::cust("count(*)"), "number")
        .from_subquery(
            reasoned(conn.get_database_backend(), recipients),
            "recipient",
        )
        .group_by_col(Alias::new("reason"))
        .take();
    let (mut reachable, mut skipped) = (0, Vec::new());
    for row in conn.query_all(&grouped).await? {
        let count: i64 = row.try_get("", "number")?;
        match row.try_get::<Option<SkipReason>>("", "reason")? {
            None => reachable = count,
            Some(reason) => skipped.push(SkipCount { reason, count }),
        }
    }
    skipped.sort_by_key(|skip| -skip.count);
    let used = day::used(conn, &channel).await?;
    let ahead = Load::on_its_way(conn, viewer, &channel).await?;
    let load = ahead.and(Load::of(reachable, ready.parts()));
    Ok(Audience {
        total: reachable + skipped.iter().map(|skip| skip.count).sum::<i64>(),
        reachable,
        skipped,
        daily_limit: channel.daily_limit,
        used_today: used,
        expected_end: clock::now() + load.takes(&channel, used),
    })
}

/// The statement for those who were chosen, for [`reasoned`]. `except`: without those to whom a send of this broadcast was tried.
pub(crate) async fn recipients(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    selected: &Selected,
    channel: &Channel,
    ready: &Ready,
    except: Option<BroadcastId>,
) -> Result<SelectStatement> {
    let Chosen { pick, .. } = selected.choose(conn, viewer).await?;
    let mut select = pick.scope;
    if let Some(filter) = pick.filter {
        select = select.filter(filter.seek);
    }
    if let Some(BroadcastId(id)) = except {
        select = select.filter(Expr::cust(format!(
            "NOT EXISTS (SELECT 1 FROM delivery JOIN broadcast_send ON broadcast_send.id = delivery.send_id
                WHERE delivery.contact_id = contact.id AND broadcast_send.broadcast_id = {id} AND delivery.status <> 'SKIPPED')"
        )));
    }
    let attributes = Attributes::load(conn, viewer).await?;
    let lacking = match ready.missing(&attributes) {
        Some(filter) => lacks(conn, viewer, &attributes, &filter)?,
        None => None,
    };
    let window = ready.needs_window() && provider_of(channel).has_service_window();
    Ok(select
        .select_only()
        .column(Column::Id)
        .expr_as(address(channel), "address")
        .expr_as(unfit(), "unfit")
        .expr_as(beyond(channel, window, lacking), "beyond")
        .into_query())
}

/// Of [`recipients`], each looked at once: `id`, `address`, and `reason`, which is NULL for those who are to get it. The same is asked again at the
/// moment of sending, in `send::look`.
pub(crate) fn reasoned(backend: DbBackend, mut recipients: SelectStatement) -> SelectStatement {
    dialect::keep_apart(backend, &mut recipients);
    let column = |name| Expr::col(Alias::new(name));
    let reason = CaseStatement::new()
        .case(column("unfit").is_not_null(), column("unfit"))
        .case(
            column("address").is_null(),
            Expr::val(SkipReason::NoAddressOnChannel.to_value()),
        )
        .finally(column("beyond"));
    Query::select()
        .columns(["id", "address"].map(Alias::new))
        .expr_as(reason, "reason")
        .from_subquery(recipients, "looked_at")
        .take()
}

/// The addresses of a contact on the channel.
fn on_channel(channel: &Channel) -> SelectStatement {
    Query::select()
        .from(contact_channel::Entity)
        .and_where(contact_channel::Column::ChannelId.eq(channel.id))
        .and_where(
            Expr::col(contact_channel::Column::ContactId.as_column_ref())
                .equals(Column::Id.as_column_ref()),
        )
        .take()
}

/// Where a contact is on the channel: the address that they had first.
fn address(channel: &Channel) -> SimpleExpr {
    on_channel(channel)
        .column(contact_channel::Column::Address)
        .order_by(contact_channel::Column::Id, Order::Asc)
        .limit(1)
        .take()
        .into()
}

fn say(reason: SkipReason) -> SimpleExpr {
    Expr::val(reason.to_value())
}

/// Why nothing may reach a contact, wherever they are.
fn unfit() -> CaseStatement {
    CaseStatement::new()
        .case(
            Column::Status.eq(ContactStatus::Inactive),
            say(SkipReason::Inactive),
        )
        .case(Column::BlockedAt.is_not_null(), say(SkipReason::Blocked))
        .case(Column::OptedOutAt.is_not_null(), say(SkipReason::OptedOut))
}

/// Why it may not reach a contact who is on the channel; NULL where that is nothing.
fn beyond(channel: &Channel, window: bool, lacking: Option<SimpleExpr>) -> SimpleExpr {
    if !window && lacking.is_none() {
        return Expr::cust("CAST(NULL AS text)");
    }
    let mut case = CaseStatement::new();
    if window {
        let since = clock::now() - SERVICE_WINDOW;
        let wrote = on_channel(channel)
            .expr(Expr::val(1))
            .and_where(contact_channel::Column::LastIncomingAt.gt(since))
            .take();
        case = case.case(
            Expr::exists(wrote).not(),
            say(SkipReason::OutsideServiceWindow),
        );
    }
    if let Some(lacking) = lacking {
        case = case.case(
            Condition::all().add(lacking),
            say(SkipReason::VariableMissing),
        );
    }
    case.into()
}

/// Holds for contacts for whom a variable has no value. What is asked here is the workspace's own question: it tells nobody what is masked.
fn lacks(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    attributes: &Attributes,
    filter: &ContactFilter,
) -> Result<Option<SimpleExpr>> {
    let rules = Rules::new();
    let scope = Scope::stored(viewer, attributes, &rules);
    let asked = Asked {
        segment: None,
        inbox: None,
        filter: Some(filter),
        search: None,
    };
    let compiled = filter::compile(conn.get_database_backend(), Shape::Walk, &scope, &asked)?;
    Ok(compiled.map(|compiled| compiled.holds))
}
