//! Idempotency keys: a mutation with a key that was used before is answered with what the first came to, and does nothing again.
//!
//! The key is noted in the transaction of its effect, before it: whoever brings the same one meanwhile waits for that transaction, and then
//! finds what it came to. So there is no moment at which the one is there without the other. What is kept names things by their ids and
//! never holds what they look like, nor a secret; of a refusal it is the words that were answered.

use crate::{
    clock,
    db::{Db, Tx},
    error::{Error, Result, UserError},
    viewer::Viewer,
};
use chrono::TimeDelta;
use entity::{
    id::ApiTokenId,
    idempotency_key::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QuerySelect, Set,
    sea_query::{Expr, ExprTrait, OnConflict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// How long a key is remembered.
const KEPT: TimeDelta = TimeDelta::days(1);

/// The code of a refusal that nobody need mend: asked again with the same key, the mutation is tried again.
const MOMENTARY: &str = "UNAVAILABLE";

/// How many keys go at a time: others write meanwhile.
const BATCH: u64 = 1_000;

/// A mutation that came with a key.
#[derive(Debug, Clone)]
pub struct Keyed {
    /// As the caller gave it.
    pub key: String,
    /// The mutation's name in the schema.
    pub mutation: String,
    /// SHA-256 of the input and of the files that came with it, lower-case hex.
    pub digest: String,
}

/// What a mutation came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// Done; what the answer is made of, ids and numbers alone.
    Done(Json),
    /// Refused, for what the person can mend.
    Refused(Vec<Refused>),
}

/// An error that was answered, see [`UserError`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in UserError")]
pub struct Refused {
    pub field: Vec<String>,
    pub code: String,
    pub message: String,
}

impl From<&UserError> for Refused {
    fn from(error: &UserError) -> Self {
        Self {
            field: error.field.clone(),
            code: error.code.to_owned(),
            message: error.message.clone(),
        }
    }
}

/// What running a mutation once came to.
#[derive(Debug)]
pub enum Ran<T> {
    /// It ran now, and is committed.
    Now(T),
    /// It had run before.
    Before(Outcome),
}

impl<T> Ran<T> {
    /// The same of what is made from it.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Ran<U> {
        match self {
            Self::Now(done) => Ran::Now(make(done)),
            Self::Before(outcome) => Ran::Before(outcome),
        }
    }

    /// What has run now, as all does that comes without a key.
    ///
    /// # Errors
    /// [`Error::Broken`] where it came with one, and had run before.
    pub fn now(self) -> Result<T> {
        match self {
            Self::Now(done) => Ok(done),
            Self::Before(_) => Err(broken("came with what has none")),
        }
    }
}

/// Runs a mutation, or finds what it came to when it came with the same key before: `prepare` is what it does outside a transaction (a call to
/// a provider, a file to the store), `effect` what it writes, and `receipt` what an answer can be made of again.
///
/// # Errors
/// Those of `prepare` and `effect`; where a person can mend them they are kept under the key, unless they are of the moment (UNAVAILABLE). CONFLICT where the key came with another
/// mutation or input.
pub async fn run<P, T>(
    db: &Db,
    viewer: &Viewer,
    keyed: Option<&Keyed>,
    prepare: impl Future<Output = Result<P>>,
    effect: impl AsyncFnOnce(&Tx, P) -> Result<T>,
    receipt: impl FnOnce(&T) -> Json,
) -> Result<Ran<T>> {
    let Some(keyed) = keyed else {
        let prepared = prepare.await?;
        let tx = db.write().await?;
        let done = effect(&tx, prepared).await?;
        tx.commit().await?;
        return Ok(Ran::Now(done));
    };
    if let Some(before) = find(db.read(), viewer, keyed).await? {
        return Ok(Ran::Before(before));
    }
    let prepared = match prepare.await {
        Ok(prepared) => prepared,
        Err(error) => return failed(db, viewer, keyed, error).await,
    };
    let tx = db.write().await?;
    if let Some(before) = claim(&tx, viewer, keyed).await? {
        return Ok(Ran::Before(before));
    }
    match effect(&tx, prepared).await {
        Ok(done) => {
            let written = Outcome::Done(receipt(&done));
            keep(&tx, viewer, keyed, &written).await?;
            tx.commit().await?;
            Ok(Ran::Now(done))
        }
        Err(error) => {
            drop(tx);
            failed(db, viewer, keyed, error).await
        }
    }
}

/// Keeps an error that the person can mend, unless somebody came with the same key meanwhile.
async fn failed<T>(db: &Db, viewer: &Viewer, keyed: &Keyed, error: Error) -> Result<Ran<T>> {
    let errors = match error {
        Error::User(errors) if !errors.iter().any(|error| error.code == MOMENTARY) => errors,
        error => return Err(error),
    };
    let tx = db.write().await?;
    if let Some(before) = claim(&tx, viewer, keyed).await? {
        return Ok(Ran::Before(before));
    }
    let refused = errors.iter().map(Refused::from).collect();
    keep(&tx, viewer, keyed, &Outcome::Refused(refused)).await?;
    tx.commit().await?;
    Err(Error::User(errors))
}

/// Takes the key for this transaction: none, and nobody else has it until the transaction ends; or what it came to before.
#[allow(
    clippy::disallowed_methods,
    reason = "a key belongs to a token, which opens one workspace"
)]
async fn claim(tx: &Tx, viewer: &Viewer, keyed: &Keyed) -> Result<Option<Outcome>> {
    let now = clock::now();
    let token_id = token_of(viewer)?;
    Entity::delete_many()
        .filter(Column::TokenId.eq(token_id))
        .filter(Column::Key.eq(&keyed.key))
        .filter(Column::CreatedAt.lte(now - KEPT))
        .exec(&**tx)
        .await?;
    let row = Model {
        token_id,
        key: keyed.key.clone(),
        mutation: keyed.mutation.clone(),
        digest: keyed.digest.clone(),
        outcome: None,
        created_at: now,
    };
    let mut taken = OnConflict::columns([Column::TokenId, Column::Key]);
    // Waits for the transaction that has made such a row and has not ended.
    let made = Entity::insert(row.into_active_model().reset_all())
        .on_conflict(taken.do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    if made > 0 {
        return Ok(None);
    }
    match find(&**tx, viewer, keyed).await? {
        None => Err(broken("is taken and not there")),
        before => Ok(before),
    }
}

/// What a mutation with this key came to; none where there was none.
#[allow(
    clippy::disallowed_methods,
    reason = "a key belongs to a token, which opens one workspace"
)]
async fn find(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    keyed: &Keyed,
) -> Result<Option<Outcome>> {
    let found = Entity::find()
        .filter(Column::TokenId.eq(token_of(viewer)?))
        .filter(Column::Key.eq(&keyed.key))
        .filter(Column::CreatedAt.gt(clock::now() - KEPT))
        .one(conn)
        .await?;
    let Some(found) = found else {
        return Ok(None);
    };
    if (&found.mutation, &found.digest) != (&keyed.mutation, &keyed.digest) {
        let message = "This key came with another mutation or another input before: use a new one for each thing you want done.";
        return Err(Error::user("idempotencyKey", "CONFLICT", message));
    }
    let kept = found.outcome.ok_or_else(|| broken("has no outcome"))?;
    let kept = serde_json::from_value(kept).map_err(|error| broken(&error.to_string()))?;
    Ok(Some(kept))
}

fn broken(what: &str) -> Error {
    Error::Broken(format!("an idempotency key {what}"))
}

/// Keeps what a mutation came to, under the key that this transaction has taken.
async fn keep(tx: &Tx, viewer: &Viewer, keyed: &Keyed, outcome: &Outcome) -> Result<()> {
    let kept = serde_json::to_value(outcome).map_err(|error| Error::Broken(error.to_string()))?;
    let row = ActiveModel {
        token_id: Set(token_of(viewer)?),
        key: Set(keyed.key.clone()),
        outcome: Set(Some(kept)),
        ..Default::default()
    };
    match row.update(&**tx).await {
        // The mutation has deleted the member whose token this was, and the key with it: nobody can ask again.
        Err(DbErr::RecordNotUpdated) => Ok(()),
        done => Ok(done.map(|_| ())?),
    }
}

fn token_of(viewer: &Viewer) -> Result<ApiTokenId> {
    viewer
        .token_id
        .ok_or_else(|| Error::Broken("a key came without a token".to_owned()))
}

/// Forgets the keys that are good no more. Returns how many went.
///
/// # Errors
/// When the database is away.
#[allow(clippy::disallowed_methods, reason = "of all workspaces")]
pub async fn drop_old(db: &Db) -> Result<u64> {
    let mut gone = 0;
    loop {
        let tx = db.write().await?;
        let old = Entity::find()
            .select_only()
            .columns([Column::TokenId, Column::Key])
            .filter(Column::CreatedAt.lte(clock::now() - KEPT))
            .limit(BATCH)
            .into_tuple::<(ApiTokenId, String)>();
        let old = old.all(&*tx).await?;
        if old.is_empty() {
            return Ok(gone);
        }
        let of = Expr::tuple([Expr::col(Column::TokenId), Expr::col(Column::Key)]);
        let dropped = Entity::delete_many().filter(of.in_tuples(old)).exec(&*tx);
        gone += dropped.await?.rows_affected;
        tx.commit().await?;
    }
}
