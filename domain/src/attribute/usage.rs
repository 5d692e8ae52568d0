//! Who has a value: counted for all attributes at once.

use crate::{contact, db::dialect, error::Result, viewer::Viewer};
use entity::{contact as person, id::AttributeId};
use sea_orm::{
    ConnectionTrait, QuerySelect, QueryTrait,
    sea_query::{Alias, Expr, ExprTrait, Func, Query},
};
use std::collections::HashMap;

/// How many contacts that the viewer sees have a value of each attribute, whatever their status, in one statement. Those that nobody has are left
/// out.
///
/// It reads every contact once, however many attributes there are: the document is the truth, and most attributes have nothing else.
///
/// # Errors
/// When the database is away.
pub async fn usage(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
) -> Result<HashMap<AttributeId, i64>> {
    let (seen, value, count) = (Alias::new("seen"), Alias::new("value"), Alias::new("had"));
    let documents = contact::visible(viewer)
        .select_only()
        .column(person::Column::Attributes)
        .into_query();
    let document = Expr::col((seen.clone(), person::Column::Attributes));
    let entries = Func::cust(dialect::entries(conn.get_database_backend())).arg(document);
    let key = (value.clone(), Alias::new("key"));
    let mut counted = Query::select();
    counted
        .expr_as(Expr::col(key.clone()), Alias::new("id"))
        .expr_as(Expr::col(key.clone()).count(), count)
        .from_subquery(documents, seen)
        .from_function(entries, value)
        .group_by_col(key);
    let mut usage = HashMap::new();
    for row in conn.query_all(&counted).await? {
        let (id, had): (String, i64) = (row.try_get("", "id")?, row.try_get("", "had")?);
        // The keys of the document are ids.
        if let Ok(id) = id.parse() {
            usage.insert(AttributeId(id), had);
        }
    }
    Ok(usage)
}
