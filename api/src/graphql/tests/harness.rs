//! A house with a database of its own, and people who ask in it.

use crate::graphql::{Files, Schema, build, prepare, schema};
use async_graphql::{Request, Variables};
use domain::{
    channel::{Caller, Providers},
    db::{self, Db, Settings},
    import::{self, NewImport, Uploaded},
    link::Signer,
    seal::Vault,
    segment,
    store::Store,
    token::{self, NewToken},
    viewer::Viewer,
    webhook, workspace,
};
use entity::{
    id::{ChannelId, ContactId, ImportId},
    import::ImportKind,
    role::{Restriction, Role},
};
use futures_util::StreamExt;
use sea_orm::{ConnectionTrait, Database, Statement};
use serde_json::{Value as Json, json};
use std::{io::Write, path::Path, sync::OnceLock};

/// A migrated database and the schema.
pub(super) struct House {
    pub(super) db: Db,
    store: Store,
    schema: Schema,
}

/// Runs a test on SQLite, then on the PostgreSQL server at `ROSTER_TEST_POSTGRES`; fails where that is not set.
pub(super) async fn both(test: impl AsyncFn(House)) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("roster.db").display());
    test(House::open(url, folder.path()).await).await;
    let server = std::env::var("ROSTER_TEST_POSTGRES")
        .expect("ROSTER_TEST_POSTGRES is not set: `tests/run -p api` starts a PostgreSQL");
    let maintenance = Database::connect(&server).await.unwrap();
    let name = format!("graphql_{}", ulid::Ulid::generate()).to_lowercase();
    let create = format!("CREATE DATABASE {name}");
    maintenance.execute_unprepared(&create).await.unwrap();
    let mut url = url::Url::parse(&server).unwrap();
    url.set_path(&name);
    test(House::open(url.into(), folder.path()).await).await;
    let drop = format!("DROP DATABASE {name} WITH (FORCE)");
    maintenance.execute_unprepared(&drop).await.unwrap();
}

impl House {
    async fn open(url: String, folder: &Path) -> Self {
        let settings = |max_connections| Settings {
            url: url.clone(),
            max_connections,
        };
        let one = Database::connect(db::options(&settings(1))).await.unwrap();
        migration::run(&one).await.unwrap();
        one.close().await.unwrap();
        let db = Db::open(&settings(5)).await.unwrap();
        let store = Store::open(None, folder).unwrap();
        let signer = Signer::new("secret", "http://localhost");
        Self {
            schema: schema(
                Files::new(db.clone(), store.clone(), signer),
                providers(),
                true,
            ),
            db,
            store,
        }
    }

    /// The owner of a new workspace.
    pub(super) async fn owner(&self, workspace: &str) -> Viewer {
        let tx = self.db.write().await.unwrap();
        let made = workspace::create(&tx, workspace).await.unwrap();
        tx.commit().await.unwrap();
        Viewer::command_line(made.id)
    }

    /// The whole answer; of a subscription the first one.
    pub(super) async fn answer(&self, viewer: &Viewer, query: &str, variables: Json) -> Json {
        let request = Request::new(query).variables(Variables::from_json(variables));
        let request = prepare(request, self.db.clone(), viewer.clone());
        let mut answers = self.schema.execute_stream(request);
        serde_json::to_value(answers.next().await.unwrap()).unwrap()
    }

    /// The data of an answer without errors.
    pub(super) async fn ask(&self, viewer: &Viewer, query: &str, variables: Json) -> Json {
        let mut answer = self.answer(viewer, query, variables).await;
        assert_eq!(answer.get("errors"), None, "{query}");
        answer["data"].take()
    }

    /// The `extensions` of the only error of an answer.
    pub(super) async fn refusal(&self, viewer: &Viewer, query: &str) -> Json {
        let mut answer = self.answer(viewer, query, json!({})).await;
        assert_eq!(
            answer["errors"].as_array().map(Vec::len),
            Some(1),
            "{query}: {answer}"
        );
        answer["errors"][0]["extensions"].take()
    }

    /// Makes a contact with these fields; its id.
    pub(super) async fn contact(&self, viewer: &Viewer, fields: Json) -> String {
        let query = "mutation ($contact: ContactFieldsInput!) {
            createContact(input: {contact: $contact}) { contact { id } userErrors { field code message } }
        }";
        let data = self.ask(viewer, query, json!({ "contact": fields })).await;
        let made = &data["createContact"];
        assert_eq!(made["userErrors"], json!([]), "{fields}");
        made["contact"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a WhatsApp channel; its id.
    pub(super) async fn channel(&self, viewer: &Viewer, name: &str) -> String {
        let query = "mutation ($name: String!) {
            createChannel(input: {kind: WHATSAPP, provider: HTTP, name: $name}) { channel { id } }
        }";
        let data = self.ask(viewer, query, json!({ "name": name })).await;
        data["createChannel"]["channel"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Takes in and applies what a provider that signs nothing tells at `url`: the `value` of Meta's form.
    pub(super) async fn hear(&self, url: &str, value: &Json) {
        struct Unsigned;
        impl domain::webhook::Headers for Unsigned {
            fn get(&self, _name: &str) -> Option<&str> {
                None
            }
        }
        let key = url.rsplit('/').next().unwrap();
        let body = json!({ "entry": [{ "changes": [{ "value": value }] }] }).to_string();
        let intake = webhook::Intake::new(self.db.clone());
        let channel = webhook::find(&intake, key).await.unwrap().unwrap();
        let received =
            webhook::receive(&intake, &providers(), &channel, &Unsigned, body.as_bytes()).await;
        assert_eq!(received.unwrap(), webhook::Received::Stored);
        let statement = Statement::from_string(
            self.db.backend(),
            "SELECT channel_id FROM webhook ORDER BY id DESC LIMIT 1",
        );
        let row = self
            .db
            .read()
            .query_one_raw(statement)
            .await
            .unwrap()
            .unwrap();
        let channel = ChannelId(row.try_get("", "channel_id").unwrap());
        let of = Viewer::for_job::<entity::channel::Entity>(&self.db, channel).await;
        while webhook::next(
            &self.db,
            &of.as_ref().unwrap().clone().unwrap(),
            channel,
            webhook::MOST,
        )
        .await
        .unwrap()
        {}
    }

    /// Gives a channel of [`channel`](Self::channel) an account that works: it is READY.
    pub(super) async fn make_ready(&self, viewer: &Viewer, channel: &str) {
        let query = "mutation ($id: ID!, $url: String!, $secret: String!) {
            updateChannel(input: {id: $id, settings: {baseUrl: $url}, credentials: {signingSecret: $secret}}) { userErrors { code } }
            verifyChannel(input: {id: $id}) { channel { status } }
        }";
        let account = json!({ "id": channel, "url": provider_url(), "secret": SIGNING_SECRET });
        let data = self.ask(viewer, query, account).await;
        assert_eq!(data["updateChannel"]["userErrors"], json!([]));
        assert_eq!(data["verifyChannel"]["channel"]["status"], "READY");
    }

    /// Makes a tag; its id.
    pub(super) async fn tag(&self, viewer: &Viewer, name: &str) -> String {
        let query = "mutation ($name: String!) {
            createTag(input: {name: $name}) { tag { id } userErrors { field code message } }
        }";
        let data = self.ask(viewer, query, json!({ "name": name })).await;
        assert_eq!(data["createTag"]["userErrors"], json!([]), "{name}");
        data["createTag"]["tag"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes a member whose address is their name; their id.
    pub(super) async fn member(&self, viewer: &Viewer, name: &str, role: &str) -> String {
        let query = "mutation ($input: CreateMemberInput!) {
            createMember(input: $input) { member { id } userErrors { field code message } }
        }";
        let email = format!("{name}@example.com");
        let input = json!({ "name": name, "email": email, "role": role });
        let data = self.ask(viewer, query, json!({ "input": input })).await;
        let made = &data["createMember"];
        assert_eq!(made["userErrors"], json!([]), "{name}");
        made["member"]["id"].as_str().unwrap().to_owned()
    }

    /// Who comes with a new token of this member, or of a script.
    pub(super) async fn log_in(
        &self,
        viewer: &Viewer,
        member: Option<&str>,
        restrictions: &[Restriction],
    ) -> Viewer {
        let new = NewToken {
            name: "token".to_owned(),
            role: Role::Owner,
            restrictions: restrictions.to_vec(),
            member_id: member.map(|id| id.parse().unwrap()),
            expires_at: None,
        };
        let tx = self.db.write().await.unwrap();
        let (_, text) = token::create(&tx, viewer, new).await.unwrap();
        tx.commit().await.unwrap();
        let known = token::authenticate(&self.db, &text).await.unwrap();
        known.unwrap()
    }

    /// Makes a team; its id.
    pub(super) async fn team(&self, viewer: &Viewer, name: &str, members: &[String]) -> String {
        let query = "mutation ($input: CreateTeamInput!) {
            createTeam(input: $input) { team { id } userErrors { field code message } }
        }";
        let input = json!({ "name": name, "memberIds": members });
        let data = self.ask(viewer, query, json!({ "input": input })).await;
        let made = &data["createTeam"];
        assert_eq!(made["userErrors"], json!([]), "{name}");
        made["team"]["id"].as_str().unwrap().to_owned()
    }

    /// Makes an attribute; its id.
    pub(super) async fn attribute(&self, viewer: &Viewer, key: &str, kind: &str) -> String {
        let query = "mutation ($key: String!, $type: AttributeType!) {
            createAttribute(input: {key: $key, type: $type}) { attribute { id } }
        }";
        let data = self
            .ask(viewer, query, json!({ "key": key, "type": kind }))
            .await;
        data["createAttribute"]["attribute"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// Takes a broadcast list in, which waits for its start; its id.
    pub(super) async fn import(&self, viewer: &Viewer, channel: &str) -> String {
        let mut file = self.store.temporary().unwrap();
        let headers = "user.username,user.phone_no,user.email,user.first_name,user.last_name,user.title,user.account";
        writeln!(file, "{headers}\nada,4915112345678,,,,,").unwrap();
        let uploaded = Uploaded {
            file,
            file_name: "list.csv".to_owned(),
            truncated: false,
        };
        let new = NewImport {
            kind: ImportKind::BroadcastList,
            consent_confirmed: true,
            settings: import::Settings {
                channel_id: Some(channel.parse().ok()),
                segment_name: Some("From a list".to_owned()),
                ..import::Settings::default()
            },
            start: false,
        };
        let made = import::create(&self.db, &self.store, viewer, uploaded, new, None).await;
        made.unwrap().now().unwrap().id.to_string()
    }

    /// Makes a segment of these contacts; its id.
    pub(super) async fn segment(&self, viewer: &Viewer, name: &str, contacts: &[String]) -> String {
        let tx = self.db.write().await.unwrap();
        let made = segment::for_import(&tx, viewer, name, ImportId(1))
            .await
            .unwrap();
        let contacts: Vec<ContactId> = contacts.iter().map(|id| id.parse().unwrap()).collect();
        segment::add(&tx, made.id, &contacts).await.unwrap();
        tx.commit().await.unwrap();
        made.id.to_string()
    }
}

/// The same person with less.
pub(super) fn with(viewer: &Viewer, role: Role, restrictions: &[Restriction]) -> Viewer {
    Viewer {
        role,
        restrictions: restrictions.to_vec(),
        ..viewer.clone()
    }
}

/// A secret of the form that the HTTP channel takes.
pub(super) const SIGNING_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// What speaks to providers on this machine.
fn providers() -> Providers {
    let vault = Vault::new(b"secret", &[] as &[&str]).unwrap();
    Providers::new(Caller::new(true).unwrap(), vault, "http://localhost")
}

/// A system behind the HTTP channel that takes whatever is signed; it outlives the runtime of the test that asked first.
pub(super) fn provider_url() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| {
        let (tell, told) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                let take = async |headers: axum::http::HeaderMap| match headers
                    .contains_key("webhook-signature")
                {
                    true => axum::http::StatusCode::NO_CONTENT,
                    false => axum::http::StatusCode::UNAUTHORIZED,
                };
                let router = axum::Router::new().route("/", axum::routing::post(take));
                axum::serve(listener, router).await.unwrap();
            });
        });
        format!("http://{}", told.recv().unwrap())
    })
}

/// What the schema says about itself.
pub(super) async fn introspect(query: &str) -> Json {
    let answer = build().finish().execute(query).await;
    assert!(answer.errors.is_empty(), "{:?}", answer.errors);
    answer.data.into_json().unwrap()
}
