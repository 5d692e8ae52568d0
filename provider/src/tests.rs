//! Lists of templates that are not whole: whoever deletes what is not listed must not take them for short ones.

use crate::{Account, Caller, Credentials, Failure, Kind, RemoteTemplate, Settings, of};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// A provider on this machine; what it answers hangs on the line with which a request begins.
async fn provider(answer: impl Fn(&str) -> String + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.expect("a request"));
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let answer = answer(request.lines().next().unwrap_or_default());
            // Whoever has read enough goes away.
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    format!("http://{address}")
}

/// An answer that promises so many bytes more than it has.
fn answer(body: &str, missing: usize) -> String {
    let length = body.len() + missing;
    format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

/// So many templates as both providers list them, and that there are more.
fn full(key: &str, count: usize) -> String {
    let items: Vec<Value> = (0..count)
        .map(|n| json!({ "name": format!("offer_{n}"), "language": "en", "components": [] }))
        .collect();
    let paging = json!({ "cursors": { "after": "two" }, "next": "https://x.example" });
    answer(&json!({ key: items, "paging": paging }).to_string(), 0)
}

async fn templates(kind: Kind, url: String) -> Result<Vec<RemoteTemplate>, Failure> {
    let account = Account {
        settings: Settings {
            base_url: Some(url),
            business_account_id: Some("7".to_owned()),
            ..Settings::default()
        },
        credentials: Credentials {
            access_token: Some("token".to_owned().into()),
            api_key: Some("key".to_owned().into()),
            ..Credentials::default()
        },
    };
    let caller = Caller::new(true).expect("a client");
    of(kind).templates(&caller, &account).await
}

const KINDS: [(Kind, &str); 2] = [
    (Kind::WhatsAppCloud, "data"),
    (Kind::Dialog360, "waba_templates"),
];

#[tokio::test]
async fn a_list_that_is_not_whole_is_a_failure_on_every_page() {
    for (kind, key) in KINDS {
        let long = json!({ key: [], "more": "x".repeat(9 << 20) }).to_string();
        let mut broken = vec![
            (answer(&json!({ key: [] }).to_string(), 1), "broke off"),
            (answer(&long, 0), "longer than 8388608 bytes"),
            (answer("<html>Log in</html>", 0), "no JSON"),
            (answer("", 0), "no JSON"),
        ];
        for body in [
            json!({}),
            json!([]),
            json!(null),
            json!({ key: {} }),
            json!({ key: null }),
        ] {
            broken.push((answer(&body.to_string(), 0), "no list"));
        }
        let nameless = json!({ key: [{ "language": "en" }] }).to_string();
        broken.push((answer(&nameless, 0), "without a name"));
        for (broken, why) in broken {
            for on_first in [true, false] {
                let (page, broken) = (full(key, 100), broken.clone());
                let is_second =
                    |line: &str| line.contains("after=two") || line.contains("offset=100");
                let url = provider(move |line| match on_first || is_second(line) {
                    true => broken.clone(),
                    false => page.clone(),
                });
                let failure = templates(kind, url.await).await.expect_err(why);
                assert_eq!(failure.code, "BROKEN_ANSWER", "{kind:?}: {failure:?}");
                assert!(failure.message.contains(why), "{kind:?}: {failure:?}");
                assert!(failure.message.contains("200 OK"), "{kind:?}: {failure:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_list_that_is_whole_is_read_to_its_end_and_may_be_empty() {
    for (kind, key) in KINDS {
        let end = answer(
            &json!({ key: [{ "name": "last", "language": "en" }] }).to_string(),
            0,
        );
        let page = full(key, 100);
        let url = provider(move |line| {
            let is_second = line.contains("after=two") || line.contains("offset=100");
            if is_second { end.clone() } else { page.clone() }
        });
        let all = templates(kind, url.await).await.expect("a list");
        assert_eq!((all.len(), all[100].name.as_str()), (101, "last"));
        let none = answer(&json!({ key: [] }).to_string(), 0);
        let url = provider(move |_| none.clone());
        assert_eq!(templates(kind, url.await).await, Ok(Vec::new()));
    }
}

#[tokio::test]
async fn a_next_page_that_cannot_be_reached_or_never_ends_is_a_failure() {
    let item = json!({ "name": "offer", "language": "en" });
    let lost = json!({ "data": [item], "paging": { "next": "https://x.example" } }).to_string();
    let url = provider(move |_| answer(&lost, 0)).await;
    let failure = templates(Kind::WhatsAppCloud, url).await;
    assert_eq!(failure.expect_err("no cursor").code, "BROKEN_ANSWER");
    for (kind, key) in KINDS {
        let url = provider(move |_| full(key, 100)).await;
        let failure = templates(kind, url).await;
        assert_eq!(failure.expect_err("no end").code, "TOO_MANY_TEMPLATES");
    }
}

#[tokio::test]
async fn what_is_no_list_of_templates_is_no_360dialog() {
    let url = provider(|_| answer("<html>Log in</html>", 0)).await;
    let mut account = Account::default();
    account.settings.base_url = Some(url);
    let caller = Caller::new(true).expect("a client");
    let failure = of(Kind::Dialog360).verify(&caller, &account).await;
    assert_eq!(failure.expect_err("no JSON").code, "BROKEN_ANSWER");
}
