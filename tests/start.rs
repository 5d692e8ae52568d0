//! How the program begins and ends: several at once, beside others, and stopped in the midst of work.

use crate::harness::{
    Process, Site, both_kinds,
    crowd::{self, done},
    site::attempts,
    until, within,
};
use reqwest::StatusCode;
use serde_json::json;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ROWS: usize = 6_000;

async fn status(server: &Process, path: &str) -> Option<StatusCode> {
    let answer = server.http.get(server.url(path)).send().await;
    answer.ok().map(|answer| answer.status())
}

both_kinds! {
    async fn several_that_start_at_once_migrate_once(kind: Kind) {
        let site = Site::empty(kind).await;
        let mut servers: Vec<Process> = (0..4).map(|_| site.start(&["serve"])).collect();
        for server in &mut servers {
            server.ready().await;
        }
        let tokens: Vec<String> = servers.iter().filter_map(Process::first_token).collect();
        assert_eq!(tokens.len(), 1, "one of them makes the first workspace");
        for server in &mut servers {
            server.token = tokens[0].clone();
        }
        for server in &servers {
            for path in ["/livez", "/readyz"] {
                // The workers need a moment to say that they live.
                until(path, async || status(server, path).await == Some(StatusCode::OK)).await;
            }
            let query = "{ viewer { role workspace { name } } }";
            let data = server.ask(query, json!({})).await;
            assert_eq!(data["viewer"]["role"], "OWNER");
        }
        // Links that one has signed open with the others: they share the secret that one of them made.
        let id = servers[0].import(json!({}), "Email\na@example.com\n").await;
        let import = servers[0].completed(&id).await;
        let link = import["resultFile"]["url"].as_str().unwrap();
        let path = link.split_once("/files/").unwrap().1;
        for server in &servers {
            let (status, _) = server.download(&server.url(&format!("/files/{path}"))).await;
            assert_eq!(status, StatusCode::OK);
        }
        site.drained().await;
        for server in servers {
            let (output, _) = server.stop().await;
            assert_eq!(output.code, Some(0), "{}", output.stderr);
            assert!(!output.stderr.contains("ERROR") && !output.stderr.contains("WARN"), "{}", output.stderr);
        }

        let again = site.serve(&[]).await;
        assert_eq!(again.first_token(), None, "a token is shown once");
        assert!(!again.stdout().contains("rst_"), "{}", again.stdout());
        again.stop().await;
        site.finish().await;
    }

    async fn sigterm_during_an_import_ends_in_time_and_the_next_start_goes_on(kind: Kind) {
        let file = crowd::file(0, ROWS, "Name");
        let (undisturbed, server) = crowd::site(kind, &[]).await;
        let id = server.import(crowd::input(), &file).await;
        let expected = server.completed(&id).await;
        let (_, result) = server.download(expected["resultFile"]["url"].as_str().unwrap()).await;
        undisturbed.drained().await;
        server.stop().await;
        undisturbed.finish().await;

        let (site, server) = crowd::site(kind, &[]).await;
        let id = server.import(crowd::input(), &file).await;
        let running = server.watch(&id, |import| done(import) > 0).await;
        assert_eq!(running["status"], "RUNNING", "{running:#}");
        let (output, took) = server.stop().await;
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        assert!(took < Duration::from_secs(10), "{took:?}");
        println!("stopped after {took:?}");

        let server = site.serve(&[]).await;
        let left = server.look(&id).await;
        assert!(done(&left) < ROWS as i64, "it did not stop at a checkpoint: {left:#}");
        let mut import = server.completed(&id).await;
        let (_, same) = server.download(import["resultFile"]["url"].as_str().unwrap()).await;
        assert!(same == result, "the result file differs");
        let mut expected = expected;
        for import in [&mut import, &mut expected] {
            for link in ["resultFile", "failedRowsFile"] {
                import[link].take();
            }
        }
        assert_eq!(import, expected);
        // It was given back, not taken for orphaned when heartbeats were missed.
        let db = site.db().await;
        assert_eq!(attempts(&db).await, [0]);
        db.read().clone().close().await.unwrap();
        site.drained().await;
        server.stop().await;
        site.finish().await;
    }

    async fn who_has_nothing_to_do_rests(kind: Kind) {
        const WINDOW: Duration = Duration::from_secs(3);
        let site = Site::new(kind).await;
        let server = site.serve(&[]).await;
        site.drained().await;
        let before = server.cpu_ticks();
        tokio::time::sleep(WINDOW).await;
        let used = server.cpu_ticks() - before;
        println!("{used} hundredths of a second in {WINDOW:?}");
        // Heartbeats and a look for jobs every second. Workers that wake each other would take all they get.
        assert!(used < 30, "{used}");
        server.stop().await;
        site.finish().await;
    }

    async fn readyz_says_no_while_it_stops(kind: Kind) {
        let site = Site::new(kind).await;
        let server = site.serve(&[]).await;
        // The listener takes nobody more once it stops, but a request that has begun is answered.
        let mut begun = TcpStream::connect(server.address).await.unwrap();
        begun.write_all(b"GET /readyz HTTP/1.1\r\nHost: roster\r\n").await.unwrap();
        // The workers need a moment to say that they live.
        until("the workers", async || status(&server, "/readyz").await == Some(StatusCode::OK)).await;
        server.terminate().await;
        until("the stop to be heard", async || server.stderr().contains("stopping")).await;
        begun.write_all(b"\r\n").await.unwrap();
        let mut answer = String::new();
        within("an answer", begun.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        let output = server.end().await;
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        site.finish().await;
    }
}
