//! A schema with one field for each thing that can happen, and a server for it.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use api::transport::{
    AuthError, Authenticate, Received, Settings, Standing, Transport, Upload, Weights, router,
};
use async_graphql::{
    Context, Error, ErrorExtensions, InputObject, Object, Request, Result, Schema, SimpleObject,
    Subscription,
};
use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

pub(crate) const TOKEN: &str = "Bearer good";

#[derive(Clone, PartialEq)]
pub(crate) struct Name(String);

/// Lets `Bearer good` in until `revoked` is cancelled.
#[derive(Clone)]
pub(crate) struct Doorkeeper {
    revoked: CancellationToken,
}

struct Fresh(AtomicUsize);

impl Authenticate for Doorkeeper {
    type Viewer = Name;

    async fn authenticate(&self, authorization: Option<&str>) -> Result<Name, AuthError> {
        match authorization {
            Some(TOKEN) if !self.revoked.is_cancelled() => Ok(Name("Ada".to_owned())),
            Some("Bearer later") => Err(AuthError::Unavailable),
            _ => Err(AuthError::Unauthenticated("no valid token".to_owned())),
        }
    }

    fn prepare(&self, request: Request, viewer: &Name) -> Request {
        assert_eq!(viewer.0, "Ada");
        request.data(Fresh(AtomicUsize::new(0)))
    }

    fn is_state(&self, field: &str) -> bool {
        field == "state"
    }

    fn key(&self, _: &Name) -> i64 {
        1
    }

    async fn recheck(&self, viewers: &[Name]) -> Result<Vec<Standing>, AuthError> {
        let standing = if self.revoked.is_cancelled() {
            Standing::Gone
        } else {
            Standing::Good
        };
        Ok(vec![standing; viewers.len()])
    }

    fn request_id(&self) -> String {
        "r1".to_owned()
    }

    async fn as_request<F: Future<Output: Send> + Send>(&self, operation: F) -> F::Output {
        operation.await
    }
}

/// What the subscriptions tell the tests.
#[derive(Default)]
pub(crate) struct Probe {
    pub(crate) produced: AtomicUsize,
    pub(crate) ended: AtomicUsize,
    /// What `state` tells.
    pub(crate) state: watch::Sender<i32>,
}

struct CountEnd(Arc<Probe>);

impl Drop for CountEnd {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, SeqCst);
    }
}

pub(crate) struct Query;

#[Object]
impl Query {
    async fn hello(
        &self,
        #[graphql(default_with = "\"world\".to_owned()")] name: String,
    ) -> String {
        format!("hello {name}")
    }
    async fn viewer(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.data::<Name>()?.0.clone())
    }
    async fn fresh(&self, ctx: &Context<'_>) -> Result<usize> {
        Ok(ctx.data::<Fresh>()?.0.fetch_add(1, SeqCst))
    }
    async fn year(&self, at: DateTime<Utc>) -> String {
        at.format("%Y").to_string()
    }
    async fn broken(&self) -> Option<Result<String>> {
        Some(Err("table secret is missing".into()))
    }
    async fn forbidden(&self) -> Result<String> {
        Err(Error::new("not yours").extend_with(|_, e| e.set("code", "FORBIDDEN")))
    }
    async fn panics(&self) -> String {
        panic()
    }
    /// Never answers.
    async fn slow(&self, ctx: &Context<'_>) -> i32 {
        let _end = CountEnd(ctx.data_unchecked::<Arc<Probe>>().clone());
        std::future::pending().await
    }
    /// Answers a moment after it has begun.
    async fn soon(&self, ctx: &Context<'_>) -> bool {
        let probe = ctx.data_unchecked::<Arc<Probe>>();
        probe.produced.fetch_add(1, SeqCst);
        tokio::time::sleep(Duration::from_millis(200)).await;
        true
    }
    async fn people(&self, #[graphql(default = 50)] first: i32) -> Vec<Person> {
        (0..first.min(3)).map(Person).collect()
    }
    async fn sum(&self, of: Vec<i32>) -> i32 {
        of.iter().sum()
    }
}

pub(crate) struct Person(i32);

#[Object]
impl Person {
    async fn id(&self) -> i32 {
        self.0
    }
    /// A list of which nobody says how long it is.
    async fn relatives(&self) -> Vec<Person> {
        (0..2).map(Person).collect()
    }
    async fn friends(&self, first: Option<i32>) -> Vec<Person> {
        (0..first.unwrap_or(3).min(3)).map(Person).collect()
    }
}

fn panic<T>() -> T {
    panic!("as asked")
}

#[derive(SimpleObject)]
struct Stored {
    file_name: String,
    media_type: Option<String>,
    size: u64,
    truncated: bool,
    first: String,
}

impl Stored {
    fn read(received: &Received) -> Result<Self> {
        let mut content = Vec::new();
        received.open()?.read_to_end(&mut content)?;
        assert_eq!(content.len() as u64, received.size);
        content.truncate(5);
        Ok(Self {
            file_name: received.file_name.clone(),
            media_type: received.media_type.clone(),
            size: received.size,
            truncated: received.truncated,
            first: String::from_utf8_lossy(&content).into_owned(),
        })
    }
}

#[derive(InputObject)]
struct Attachment {
    file: Option<Upload>,
}

pub(crate) struct Mutation;

#[Object]
impl Mutation {
    async fn rename(&self, name: String) -> String {
        name
    }
    async fn upload(&self, ctx: &Context<'_>, file: Upload) -> Result<Stored> {
        Stored::read(&*file.received(ctx)?)
    }
    async fn upload_all(&self, ctx: &Context<'_>, files: Vec<Upload>) -> Result<Vec<Stored>> {
        let read = |file: Upload| Stored::read(&*file.received(ctx)?);
        files.into_iter().map(read).collect()
    }
    async fn attach(&self, ctx: &Context<'_>, input: Attachment) -> Result<Option<Stored>> {
        let read = |file: Upload| Stored::read(&*file.received(ctx)?);
        input.file.map(read).transpose()
    }
}

pub(crate) struct Subscriptions;

#[Subscription]
impl Subscriptions {
    /// 1, 2, … `to`.
    async fn count(&self, to: i32) -> impl Stream<Item = i32> {
        stream::iter(1..=to)
    }
    /// Says 0 and then nothing, for ever.
    async fn quiet(&self, ctx: &Context<'_>) -> impl Stream<Item = i32> {
        let end = CountEnd(ctx.data_unchecked::<Arc<Probe>>().clone());
        stream::iter([0])
            .chain(stream::pending())
            .map(move |n| (n, &end).0)
    }
    /// 256 KiB at a time, as fast as anyone takes them.
    async fn flood(&self, ctx: &Context<'_>) -> impl Stream<Item = String> {
        let end = CountEnd(ctx.data_unchecked::<Arc<Probe>>().clone());
        stream::repeat_with(move || {
            end.0.produced.fetch_add(1, SeqCst);
            "x".repeat(256 * 1024)
        })
    }
    /// The state, times this, until it is 0; `produced` counts how often it is begun.
    async fn state(&self, ctx: &Context<'_>, times: i32) -> impl Stream<Item = i32> {
        let end = CountEnd(ctx.data_unchecked::<Arc<Probe>>().clone());
        end.0.produced.fetch_add(1, SeqCst);
        let mut state = end.0.state.subscribe();
        state.mark_changed();
        stream::unfold(state, async |mut state| {
            state.changed().await.ok()?;
            let now = *state.borrow_and_update();
            (now != 0).then_some((now, state))
        })
        .map(move |now| (now * times, &end).0)
    }
    async fn refused(&self) -> Result<stream::Empty<i32>> {
        Err(Error::new("not yours").extend_with(|_, e| e.set("code", "FORBIDDEN")))
    }
    async fn panics(&self) -> impl Stream<Item = i32> {
        stream::iter([1]).map(|_| panic())
    }
}

pub(crate) struct Server {
    pub(crate) address: String,
    pub(crate) probe: Arc<Probe>,
    pub(crate) shutdown: CancellationToken,
    pub(crate) revoked: CancellationToken,
    pub(crate) transport: Transport<Schema<Query, Mutation, Subscriptions>, Doorkeeper>,
    pub(crate) uploads: TempDir,
}

pub(crate) async fn serve() -> Server {
    serve_with(|_| {}).await
}

pub(crate) async fn serve_with(change: impl FnOnce(&mut Settings)) -> Server {
    let uploads = tempfile::tempdir().unwrap();
    let mut settings = Settings::new(uploads.path(), 1 << 20);
    change(&mut settings);
    let probe = Arc::new(Probe::default());
    let schema = Schema::build(Query, Mutation, Subscriptions)
        .data(probe.clone())
        .finish();
    let (shutdown, revoked) = (CancellationToken::new(), CancellationToken::new());
    let doorkeeper = Doorkeeper {
        revoked: revoked.clone(),
    };
    let weights = Weights::of::<Query, Mutation, Subscriptions>();
    let transport = Transport::new(schema, doorkeeper, (settings, weights), shutdown.clone());
    let watching = transport.clone();
    tokio::spawn(async move { watching.watch().await });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let app = router(transport.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    Server {
        address,
        probe,
        shutdown,
        revoked,
        transport,
        uploads,
    }
}

impl Server {
    pub(crate) fn url(&self) -> String {
        format!("http://{}/graphql", self.address)
    }

    pub(crate) fn post(&self) -> reqwest::RequestBuilder {
        let client = reqwest::Client::new();
        client.post(self.url()).header("authorization", TOKEN)
    }

    pub(crate) fn get(&self, query: &[(&str, &str)]) -> reqwest::RequestBuilder {
        let url = reqwest::Url::parse_with_params(&self.url(), query).unwrap();
        let client = reqwest::Client::new();
        client.get(url).header("authorization", TOKEN)
    }

    /// Whether no file of an upload is left, nameless ones among them.
    pub(crate) fn has_no_files(&self) -> bool {
        let named = self.uploads.path().read_dir().unwrap().count();
        let directory = self.uploads.path().to_path_buf();
        let open = std::fs::read_dir("/proc/self/fd").map_or(0, |handles| {
            handles
                .filter_map(|handle| std::fs::read_link(handle.ok()?.path()).ok())
                .filter(|target| target.starts_with(&directory))
                .count()
        });
        named == 0 && open == 0
    }
}

/// Waits until it holds, at most 5 s.
pub(crate) async fn eventually(holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("still not so after 5 s");
}

/// The code of the first error.
pub(crate) fn code(body: &Value) -> &str {
    let error = &body["errors"][0];
    assert!(
        error["message"].as_str().is_some_and(|m| !m.is_empty()),
        "{body}"
    );
    error["extensions"]["code"].as_str().unwrap_or("none")
}
