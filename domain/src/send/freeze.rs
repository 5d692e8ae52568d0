//! Who is to get it, fixed by one statement, with the reasons of all who are not.

use crate::{
    broadcast::{reasoned, recipients},
    clock,
    contact::Selected,
    content::Ready,
    db::{
        Tx,
        dialect::{self, statement},
    },
    error::{Error, Result},
    viewer::Viewer,
};
use entity::{
    broadcast_send::{Model, RecipientChoice},
    channel::Model as Channel,
    contact,
    delivery::{self, DeliveryStatus},
};
use sea_orm::{
    ActiveEnum, ColumnTrait, ConnectionTrait,
    sea_query::{Alias, CaseStatement, Expr, ExprTrait, Order, Query},
};

/// Fixes the recipients of a send, where that has not been done.
///
/// # Errors
/// What somebody can mend, where a segment or a filter of it fits no longer; when the database is away.
pub(super) async fn freeze(
    tx: &Tx,
    viewer: &Viewer,
    send: &mut Model,
    channel: &Channel,
    ready: &Ready,
) -> Result<()> {
    if send.total.is_some() {
        return Ok(());
    }
    let selected = Selected::kept(&send.selection)?.counting_from_now();
    let asking = selected.viewer(&**tx, viewer.workspace_id).await?;
    let except = (send.recipients == RecipientChoice::NewlyAdded).then_some(send.broadcast_id);
    let mut chosen = recipients(&**tx, &asking, &selected, channel, ready, except).await?;
    // The oldest contacts first.
    chosen.order_by(contact::Column::Id.as_column_ref(), Order::Asc);
    let chosen = reasoned(tx.get_database_backend(), chosen);
    dialect::expect_many_rows(&**tx).await?;
    let reason = || Expr::col(Alias::new("reason"));
    let say = |status: DeliveryStatus| Expr::val(status.to_value());
    let rows = Query::select()
        .expr(Expr::val(send.id.0))
        .column(Alias::new("id"))
        .column(Alias::new("address"))
        .expr(
            CaseStatement::new()
                .case(reason().is_null(), say(DeliveryStatus::Pending))
                .finally(say(DeliveryStatus::Skipped)),
        )
        .expr(reason())
        .expr(Expr::val(0))
        .expr(Expr::val(0))
        .expr(Expr::val(clock::now()))
        .from_subquery(chosen, "recipient")
        .order_by(Alias::new("id"), Order::Asc)
        .take();
    let columns = [
        delivery::Column::SendId,
        delivery::Column::ContactId,
        delivery::Column::Address,
        delivery::Column::Status,
        delivery::Column::SkipReason,
        delivery::Column::Attempts,
        delivery::Column::Part,
        delivery::Column::NextAt,
    ];
    let mut insert = Query::insert();
    insert.into_table(delivery::Entity).columns(columns);
    insert
        .select_from(rows)
        .map_err(|error| Error::Broken(error.to_string()))?;
    let before = newest(tx).await?;
    tx.execute(&insert).await?;
    count(tx, send, before).await
}

/// The newest delivery that is visible: ids only grow, so those that come now have greater ones.
async fn newest(tx: &Tx) -> Result<i64> {
    let sql = "SELECT coalesce(max(id), 0) AS newest FROM delivery";
    let row = tx.query_one_raw(statement(&**tx, sql, [])).await?;
    Ok(row
        .map(|row| row.try_get("", "newest"))
        .transpose()?
        .unwrap_or(0))
}

/// What was written behind the delivery `before`, by its states, and where it lies.
async fn count(tx: &Tx, send: &mut Model, before: i64) -> Result<()> {
    let sql =
        "SELECT count(*) AS total, count(skip_reason) AS skipped, min(id) AS first, max(id) AS last
        FROM delivery WHERE send_id = $1 AND id > $2";
    let values = [send.id.0.into(), before.into()];
    let row = tx
        .query_one_raw(statement(&**tx, sql, values))
        .await?
        .ok_or_else(|| Error::Broken("a count without a row".to_owned()))?;
    let (total, skipped): (i64, i64) = (row.try_get("", "total")?, row.try_get("", "skipped")?);
    send.first_delivery = row.try_get("", "first")?;
    send.last_delivery = row.try_get("", "last")?;
    send.total = Some(total);
    send.skipped = skipped;
    send.pending = total - skipped;
    Ok(())
}
