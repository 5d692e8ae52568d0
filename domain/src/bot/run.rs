//! The job that tells a workspace's bot what waits. One run at a time: an endpoint that hangs keeps one worker, not all.

use super::settings;
use crate::{
    channel::Providers,
    clock, contact,
    db::{Db, Tx},
    error::Result,
    job::{self, TellBot},
    viewer::Viewer,
    workspace,
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use entity::{
    block,
    bot_event::{self, Model as Event},
    bot_state, channel, contact as contacts,
    conversation::{self, ConversationStatus},
    id::ContactId,
};
use provider::Account;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Set,
};
use serde_json::{Value, json};

/// Events that are told between two commits.
const MOST: u64 = 32;

/// A run that has not committed for so long has died: longer than its calls may take.
const DEAD: TimeDelta = TimeDelta::seconds(90);

/// What nobody took within this time is given up.
const LONGEST: TimeDelta = TimeDelta::hours(24);

/// Until the next try, after each failure; the last one again and again.
const WAITS: [TimeDelta; 5] = [
    TimeDelta::seconds(5),
    TimeDelta::seconds(30),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
];

/// What is to be done next.
#[derive(Debug)]
pub enum Next {
    /// Tell these.
    Tell(Box<Account>, Vec<Told>),
    /// Nothing now; another job goes on when there is.
    Nothing,
}

/// An event with what the bot is told.
#[derive(Debug, Clone)]
pub struct Told {
    /// Its row.
    pub event: Event,
    /// By which the bot knows it again.
    pub name: String,
    /// What it is told; none where nobody is concerned any more.
    pub body: Option<Value>,
}

/// Accounts for what was told by this run, each with why it failed where it did, and gives what is next. `run` begins with `job`, the name of the
/// queue's job: another run of the same job has died.
///
/// # Errors
/// When the database is away; the same is to be given again.
pub async fn next(
    db: &Db,
    providers: &Providers,
    viewer: &Viewer,
    (job, run): (&str, &str),
    told: &[(Told, Result<(), String>)],
) -> Result<Next> {
    let tx = db.write().await?;
    let mut state = locked(&tx, viewer).await?;
    let now = clock::now();
    for (told, outcome) in told {
        account(&tx, told, outcome, now).await?;
    }
    let is_ours = state.run.as_deref().is_some_and(|run| run.starts_with(job));
    if !is_ours && state.busy_until.is_some_and(|until| until > now) {
        // That run looks once more before it ends.
        tx.commit().await?;
        return Ok(Next::Nothing);
    }
    if state.wakes_at.is_some_and(|at| at <= now) {
        state.wakes_at = None;
    }
    let workspace = workspace::get(&*tx, viewer.workspace_id).await?;
    let account = settings::account(providers, &workspace);
    if let Ok(None) = account {
        forget(&tx, viewer).await?;
    }
    give_up_old(&tx, viewer, now).await?;
    // An endpoint that takes nothing is left alone for a while.
    let is_down = !told.is_empty() && told.iter().all(|(_, outcome)| outcome.is_err());
    let next = match account {
        Ok(Some(account)) if !is_down => match due(&tx, viewer, now).await? {
            due if due.is_empty() => Next::Nothing,
            due => Next::Tell(Box::new(account), described(&tx, viewer, due).await?),
        },
        Err(fault) => {
            tracing::error!(workspace = %viewer.workspace_id, fault, "the bot cannot be told");
            Next::Nothing
        }
        Ok(_) => Next::Nothing,
    };
    (state.run, state.busy_until) = match next {
        Next::Tell(..) => (Some(run.to_owned()), Some(now + DEAD)),
        Next::Nothing => (None, None),
    };
    if let Next::Nothing = next {
        wake_later(&tx, viewer, &mut state, now).await?;
    }
    state.into_active_model().reset_all().update(&*tx).await?;
    tx.commit().await?;
    Ok(next)
}

#[allow(
    clippy::disallowed_methods,
    reason = "the viewer's own id is the scope"
)]
async fn locked(tx: &Tx, viewer: &Viewer) -> Result<bot_state::Model> {
    let id = viewer.workspace_id;
    let row = bot_state::ActiveModel {
        workspace_id: Set(id),
        ..Default::default()
    };
    bot_state::Entity::insert(row)
        .on_conflict_do_nothing()
        .exec_without_returning(&**tx)
        .await?;
    let found = bot_state::Entity::find_by_id(id).lock_exclusive();
    let found = found.one(&**tx).await?;
    found.ok_or_else(|| crate::error::Error::Broken(format!("{id} has no state of its bot")))
}

/// Deletes what was taken; what was not waits for another try.
async fn account(
    tx: &Tx,
    told: &Told,
    outcome: &Result<(), String>,
    now: DateTime<Utc>,
) -> Result<()> {
    let mut row = told.event.clone().into_active_model();
    let Err(error) = outcome else {
        row.delete(&**tx).await?;
        return Ok(());
    };
    let tries = usize::try_from(told.event.attempts).unwrap_or(0);
    let wait = WAITS[tries.min(WAITS.len() - 1)];
    row.attempts = Set(told.event.attempts + 1);
    row.next_at = Set(now + wait);
    row.error = Set(Some(error.chars().take(1_000).collect()));
    match row.update(&**tx).await {
        // The workspace has no bot any more.
        Err(sea_orm::DbErr::RecordNotUpdated) => Ok(()),
        done => Ok(done.map(|_| ())?),
    }
}

/// What waits for a bot that is gone.
#[allow(
    clippy::disallowed_methods,
    reason = "the viewer's own id is the scope"
)]
async fn forget(tx: &Tx, viewer: &Viewer) -> Result<()> {
    bot_event::Entity::delete_many()
        .filter(bot_event::Column::WorkspaceId.eq(viewer.workspace_id))
        .filter(bot_event::Column::GaveUpAt.is_null())
        .exec(&**tx)
        .await?;
    Ok(())
}

#[allow(
    clippy::disallowed_methods,
    reason = "the viewer's own id is the scope"
)]
async fn give_up_old(tx: &Tx, viewer: &Viewer, now: DateTime<Utc>) -> Result<()> {
    let given_up = bot_event::Entity::update_many()
        .col_expr(bot_event::Column::GaveUpAt, now.into())
        .filter(bot_event::Column::WorkspaceId.eq(viewer.workspace_id))
        .filter(bot_event::Column::GaveUpAt.is_null())
        .filter(bot_event::Column::At.lt(now - LONGEST))
        .exec(&**tx)
        .await?;
    if given_up.rows_affected > 0 {
        tracing::warn!(workspace = %viewer.workspace_id, events = given_up.rows_affected, "the bot took nothing for a day: events given up");
    }
    Ok(())
}

fn waiting(viewer: &Viewer) -> sea_orm::Select<bot_event::Entity> {
    viewer
        .find::<bot_event::Entity>()
        .filter(bot_event::Column::GaveUpAt.is_null())
        .order_by_asc(bot_event::Column::NextAt)
        .order_by_asc(bot_event::Column::Id)
}

async fn due(tx: &Tx, viewer: &Viewer, now: DateTime<Utc>) -> Result<Vec<Event>> {
    Ok(waiting(viewer)
        .filter(bot_event::Column::NextAt.lte(now))
        .limit(MOST)
        .all(&**tx)
        .await?)
}

/// A job for the moment when the next one is due, unless there is such a job already.
async fn wake_later(
    tx: &Tx,
    viewer: &Viewer,
    state: &mut bot_state::Model,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(first) = waiting(viewer).limit(1).one(&**tx).await? else {
        return Ok(());
    };
    let at = first.next_at.max(now + WAITS[0]);
    if state.wakes_at.is_some_and(|known| known <= at) {
        return Ok(());
    }
    state.wakes_at = Some(at);
    let workspace_id = viewer.workspace_id;
    job::enqueue_at(tx, &TellBot { workspace_id }, Some(at)).await
}

/// What the bot is told of each.
async fn described(tx: &Tx, viewer: &Viewer, events: Vec<Event>) -> Result<Vec<Told>> {
    let ids: Vec<ContactId> = events.iter().map(|event| event.contact_id).collect();
    let people = viewer.by_ids::<contacts::Entity>(&**tx, ids.clone());
    let people = people.await?;
    let addresses = contact::addresses(&**tx, viewer, &ids).await?;
    let blocks = events.iter().map(|event| event.block_id);
    let blocks = viewer.by_ids::<block::Entity>(&**tx, blocks).await?;
    let channels = events.iter().map(|event| event.channel_id);
    let channels = viewer.by_ids::<channel::Entity>(&**tx, channels).await?;
    let open = viewer
        .find::<conversation::Entity>()
        .filter(conversation::Column::ContactId.is_in(ids))
        .filter(conversation::Column::Status.eq(ConversationStatus::Open))
        .all(&**tx)
        .await?;
    let told = events.into_iter().map(|event| {
        let person = people.iter().find(|row| row.id == event.contact_id);
        let block = blocks.iter().find(|row| row.id == event.block_id);
        let channel = channels.iter().find(|row| row.id == event.channel_id);
        let is_of = |contact, channel| contact == event.contact_id && channel == event.channel_id;
        let address = addresses.iter().find(|row| is_of(row.contact_id, row.channel_id));
        let open = open.iter().find(|row| is_of(row.contact_id, row.channel_id));
        let name = format!("block.{}", event.name);
        let body = person.map(|person| {
            json!({
                "type": "block",
                "id": name,
                "at": event.at.to_rfc3339_opts(SecondsFormat::Millis, true),
                "contact": { "id": person.id.to_string(), "name": person.display_name, "botActive": person.bot_active },
                "channel": { "id": event.channel_id.to_string(), "name": channel.map(|row| &row.name) },
                "address": address.map(|row| &row.address),
                "conversation": open.map(|row| json!({ "id": row.id.to_string(), "number": row.number })),
                "block": { "id": event.block_id.to_string(), "name": block.map(|row| &row.name) },
                "sendId": event.send_id.map(|id| id.to_string()),
            })
        });
        Told { event, name, body }
    });
    Ok(told.collect())
}

/// Deletes what was given up before `cut`; how many.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "what is old goes, of all workspaces"
)]
pub async fn drop_given_up(db: &Db, cut: DateTime<Utc>) -> Result<u64> {
    let tx = db.write().await?;
    let gone = bot_event::Entity::delete_many()
        .filter(bot_event::Column::GaveUpAt.lt(cut))
        .exec(&*tx)
        .await?;
    tx.commit().await?;
    Ok(gone.rows_affected)
}
