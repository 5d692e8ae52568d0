//! The queue's rows. This is the only module that knows apalis' tables (`Jobs` and `Workers` on SQLite, `apalis.jobs`
//! and `apalis.workers` on PostgreSQL). apalis registers workers, counts their heartbeats, takes the jobs of dead ones
//! back and picks the next job; every other change to a job's row is made here.
//!
//! `attempts` counts the runs that ended badly: [`reschedule`] adds one, and so does apalis when it takes a job back
//! from a worker that died. [`release`] adds none.

use std::fmt;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, Value};
use ulid::Ulid;

/// The id of a job: a ULID in its text form, as apalis expects it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct JobId(pub String);

impl fmt::Display for JobId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One run of one job by one worker. A change made in its name does nothing once the job has been taken from it.
#[derive(Clone, Debug)]
pub struct Run {
    /// The job that is run.
    pub job: JobId,
    /// The name of the worker that picked it up.
    pub worker: String,
    /// The row's `attempts` at pick-up: how many runs before this one ended badly.
    pub attempts: i32,
}

/// What differs between the two databases.
struct Dialect {
    backend: DbBackend,
    jobs: &'static str,
    workers: &'static str,
    now: &'static str,
    json: &'static str,
}

impl Dialect {
    fn of<C: ConnectionTrait>(conn: &C) -> Self {
        match conn.get_database_backend() {
            backend @ DbBackend::Postgres => Self {
                backend,
                jobs: "apalis.jobs",
                workers: "apalis.workers",
                now: "now()",
                json: "::jsonb",
            },
            backend => Self {
                backend,
                jobs: "Jobs",
                workers: "Workers",
                now: "CAST(strftime('%s', 'now') AS INTEGER)",
                json: "",
            },
        }
    }

    /// SQLite's rows hold whole seconds: a moment is rounded up, so that nothing runs before it.
    fn moment(&self, at: Option<DateTime<Utc>>) -> Value {
        match self.backend {
            DbBackend::Postgres => Value::ChronoDateTimeUtc(at),
            _ => Value::BigInt(
                at.map(|at| at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)),
            ),
        }
    }

    async fn execute<C: ConnectionTrait>(
        &self,
        conn: &C,
        sql: String,
        values: Vec<Value>,
    ) -> Result<u64, DbErr> {
        let statement = Statement::from_sql_and_values(self.backend, sql, values);
        Ok(conn.execute_raw(statement).await?.rows_affected())
    }

    /// Changes the row of `run` if the job is still its own. Further parameters begin at `$4`.
    async fn change<C: ConnectionTrait>(
        &self,
        conn: &C,
        run: &Run,
        set: &str,
        more: Vec<Value>,
    ) -> Result<bool, DbErr> {
        let sql = format!(
            "UPDATE {} SET {set} WHERE id = $1 AND lock_by = $2 AND attempts = $3 AND status IN ('Queued', 'Running')",
            self.jobs
        );
        let mut values = vec![
            run.job.0.as_str().into(),
            run.worker.as_str().into(),
            run.attempts.into(),
        ];
        values.extend(more);
        Ok(self.execute(conn, sql, values).await? == 1)
    }
}

/// Puts a job into the queue, in the caller's transaction: it exists once that commits, and never if it does not.
/// `payload_json` is the job's argument as JSON text. Without `run_at` it may start at once; the moment is kept in
/// whole seconds on SQLite, rounded up.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue<C: ConnectionTrait>(
    conn: &C,
    queue_name: &str,
    payload_json: &[u8],
    run_at: Option<DateTime<Utc>>,
) -> Result<JobId, DbErr> {
    let dialect = Dialect::of(conn);
    let id = JobId(Ulid::generate().to_string());
    let sql = format!(
        "INSERT INTO {} (id, job_type, job, status, attempts, run_at, priority) \
         VALUES ($1, $2, $3, 'Pending', 0, COALESCE($4, {}), 0)",
        dialect.jobs, dialect.now
    );
    let values = vec![
        id.0.as_str().into(),
        queue_name.into(),
        payload_json.into(),
        dialect.moment(run_at),
    ];
    dialect.execute(conn, sql, values).await?;
    Ok(id)
}

/// Marks a job that was picked up as running. False when the job is no longer this run's: then it must not run.
///
/// # Errors
/// When the database refuses.
pub async fn start<C: ConnectionTrait>(conn: &C, run: &Run) -> Result<bool, DbErr> {
    let dialect = Dialect::of(conn);
    let set = format!("status = 'Running', lock_at = {}", dialect.now);
    dialect.change(conn, run, &set, Vec::new()).await
}

/// Marks a job as done. False when the job is no longer this run's.
///
/// # Errors
/// When the database refuses.
pub async fn finish<C: ConnectionTrait>(conn: &C, run: &Run) -> Result<bool, DbErr> {
    let dialect = Dialect::of(conn);
    // The lock goes with the run, so that the worker's own row can go when the worker does.
    let set = format!("status = 'Done', lock_by = NULL, done_at = {}", dialect.now);
    dialect.change(conn, run, &set, Vec::new()).await
}

/// Gives a running job back to the queue, to be taken at once, by anybody, as the same attempt. False when the job is
/// no longer this run's.
///
/// # Errors
/// When the database refuses.
pub async fn release<C: ConnectionTrait>(conn: &C, run: &Run) -> Result<bool, DbErr> {
    let set = "status = 'Pending', lock_by = NULL, lock_at = NULL";
    Dialect::of(conn).change(conn, run, set, Vec::new()).await
}

/// Gives a job that failed back to the queue, to be taken at `run_at` as its next attempt. False when the job is no
/// longer this run's.
///
/// # Errors
/// When the database refuses.
pub async fn reschedule<C: ConnectionTrait>(
    conn: &C,
    run: &Run,
    run_at: DateTime<Utc>,
    error: &str,
) -> Result<bool, DbErr> {
    let dialect = Dialect::of(conn);
    let set = format!(
        "status = 'Pending', lock_by = NULL, lock_at = NULL, attempts = attempts + 1, run_at = $4, last_result = $5{}",
        dialect.json
    );
    let more = vec![dialect.moment(Some(run_at)), failure(error)];
    dialect.change(conn, run, &set, more).await
}

/// Marks a job as given up: nobody takes it again. False when the job is no longer this run's.
///
/// # Errors
/// When the database refuses.
pub async fn give_up<C: ConnectionTrait>(conn: &C, run: &Run, error: &str) -> Result<bool, DbErr> {
    let dialect = Dialect::of(conn);
    // Not 'Failed': apalis takes such a row again while its attempts are below its own maximum.
    let set = format!(
        "status = 'Killed', lock_by = NULL, attempts = attempts + 1, done_at = {}, last_result = $4{}",
        dialect.now, dialect.json
    );
    dialect.change(conn, run, &set, vec![failure(error)]).await
}

/// Takes leave of a worker that has stopped: whatever it still holds goes back to the queue at once, as the same
/// attempt, and its own row goes.
///
/// # Errors
/// When the database refuses. Then, too, apalis takes the jobs back once the worker's heartbeats are missed.
pub async fn retire<C: ConnectionTrait>(conn: &C, worker: &str) -> Result<(), DbErr> {
    let dialect = Dialect::of(conn);
    let free = format!(
        "UPDATE {} SET status = 'Pending', lock_by = NULL, lock_at = NULL \
         WHERE lock_by = $1 AND status IN ('Queued', 'Running')",
        dialect.jobs
    );
    dialect.execute(conn, free, vec![worker.into()]).await?;
    // A job whose worker has no row is never found by apalis' search for dead workers, hence the condition.
    let leave = format!(
        "DELETE FROM {} WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {} WHERE lock_by = $1)",
        dialect.workers, dialect.jobs
    );
    dialect.execute(conn, leave, vec![worker.into()]).await?;
    Ok(())
}

/// How many jobs are waiting or running, those scheduled for later included.
///
/// # Errors
/// When the database refuses.
pub async fn unfinished<C: ConnectionTrait>(conn: &C) -> Result<u64, DbErr> {
    let dialect = Dialect::of(conn);
    let sql = format!(
        "SELECT COUNT(*) AS unfinished FROM {} WHERE status IN ('Pending', 'Queued', 'Running')",
        dialect.jobs
    );
    let row = conn
        .query_one_raw(Statement::from_string(dialect.backend, sql))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a count".into()))?;
    let count: i64 = row.try_get("", "unfinished")?;
    Ok(count.unsigned_abs())
}

/// Jobs of one kind that wait or run.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The name that they are enqueued under.
    pub kind: String,
    /// Those that could begin now.
    pub waiting: i64,
    /// Those that are to begin later: at a moment, or after a failure.
    pub scheduled: i64,
    /// Those that run.
    pub running: i64,
    /// Seconds for which the oldest that could begin has waited; 0 where none has.
    pub oldest: f64,
}

/// How the queue stands, by kind of job; a kind of which none waits or runs is not there.
///
/// # Errors
/// When the database refuses.
pub async fn standings<C: ConnectionTrait>(conn: &C) -> Result<Vec<Standing>, DbErr> {
    let dialect = Dialect::of(conn);
    let (now, age) = match dialect.backend {
        DbBackend::Postgres => ("now()", "extract(epoch FROM now() - min({due}))::float8"),
        _ => (
            dialect.now,
            "CAST(strftime('%s', 'now') - min({due}) AS REAL)",
        ),
    };
    let due = format!("CASE WHEN status = 'Pending' AND run_at <= {now} THEN run_at END");
    let age = age.replace("{due}", &due);
    let sql = format!(
        "SELECT job_type AS kind, \
            SUM(CASE WHEN status = 'Pending' AND run_at <= {now} THEN 1 ELSE 0 END) AS waiting, \
            SUM(CASE WHEN status = 'Pending' AND run_at > {now} THEN 1 ELSE 0 END) AS scheduled, \
            SUM(CASE WHEN status = 'Pending' THEN 0 ELSE 1 END) AS running, \
            {age} AS oldest \
         FROM {} WHERE status IN ('Pending', 'Queued', 'Running') GROUP BY job_type ORDER BY job_type",
        dialect.jobs
    );
    let rows = conn
        .query_all_raw(Statement::from_string(dialect.backend, sql))
        .await?;
    let standing = |row: sea_orm::QueryResult| {
        Ok(Standing {
            kind: row.try_get("", "kind")?,
            waiting: row.try_get("", "waiting")?,
            scheduled: row.try_get("", "scheduled")?,
            running: row.try_get("", "running")?,
            oldest: row
                .try_get::<Option<f64>>("", "oldest")?
                .unwrap_or_default(),
        })
    };
    rows.into_iter().map(standing).collect()
}

/// Deletes the jobs that ended before `older_than`, and the rows of workers last seen before it that hold no job. The
/// answer is the number of jobs.
///
/// # Errors
/// When the database refuses.
pub async fn delete_finished<C: ConnectionTrait>(
    conn: &C,
    older_than: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let dialect = Dialect::of(conn);
    let cut = dialect.moment(Some(older_than));
    let ended = format!(
        "DELETE FROM {} WHERE status IN ('Done', 'Failed', 'Killed') AND done_at < $1",
        dialect.jobs
    );
    let deleted = dialect.execute(conn, ended, vec![cut.clone()]).await?;
    let stale = format!(
        "DELETE FROM {0} WHERE last_seen < $1 AND NOT EXISTS (SELECT 1 FROM {1} WHERE lock_by = {0}.id)",
        dialect.workers, dialect.jobs
    );
    dialect.execute(conn, stale, vec![cut]).await?;
    Ok(deleted)
}

/// The shape in which apalis itself notes a failure.
fn failure(error: &str) -> Value {
    serde_json::json!({ "Err": error }).to_string().into()
}
