//! The command line: each command as a process of its own.

mod export;
mod import;

use crate::harness::{Kind, Site, both_kinds};
use serde_json::json;
use std::fs;

/// What `--help` must name. The settings' own test holds flags, variables and lines together.
const NAMED: [&str; 20] = [
    "serve",
    "worker",
    "migrate",
    "schema",
    "workspace",
    "token",
    "import",
    "export",
    "--database-url",
    "DATABASE_URL",
    "--listen",
    "--data-dir",
    "--public-url",
    "--store-url",
    "--secret",
    "--max-upload",
    "--job-heartbeat",
    "--log",
    "--log-format",
    "ROSTER_MAX_UPLOAD",
];

#[tokio::test]
async fn help_names_every_command_and_setting() {
    let site = Site::empty(Kind::Sqlite).await;
    let help = site.run(&["--help"]).await;
    assert_eq!(help.code, Some(0));
    for name in NAMED {
        assert!(help.stdout.contains(name), "{name}: {}", help.stdout);
    }
    for command in ["serve", "worker", "migrate", "schema", "import", "export"] {
        let help = site.run(&[command, "--help"]).await;
        assert_eq!(help.code, Some(0), "{command}");
        assert!(help.stdout.contains("--data-dir"), "{command}");
    }
    let import = site.run(&["import", "--help"]).await.stdout;
    let flags = [
        "--kind",
        "--channel",
        "--country",
        "--match-by",
        "--map",
        "--ignore-unmapped",
        "--segment",
        "--consent",
        "--json",
    ];
    for flag in flags {
        assert!(import.contains(flag), "{flag}: {import}");
    }
    assert!(!site.folder().join("data").exists(), "help made something");
}

#[tokio::test]
async fn what_is_unknown_is_refused() {
    let site = Site::empty(Kind::Sqlite).await;
    let wrong: [&[&str]; 6] = [
        &["--colour", "red"],
        &["serve", "--colour"],
        &["dance"],
        &["token", "create"],
        &["token", "create", "--role", "emperor"],
        &["import"],
    ];
    for arguments in wrong {
        let refused = site.run(arguments).await;
        assert_eq!(refused.code, Some(2), "{arguments:?}: {refused:?}");
        assert_eq!(refused.stdout, "", "{arguments:?}");
        assert!(refused.stderr.contains("error: "), "{refused:?}");
    }
    let emperor = site.run(wrong[4]).await.stderr;
    assert!(emperor.contains("owner, manager, agent"), "{emperor}");
    assert!(!site.folder().join("data").exists());
}

#[tokio::test]
async fn schema_prints_what_is_checked_in_and_needs_nothing() {
    let site = Site::empty(Kind::Sqlite).await;
    let printed = site.run(&["schema"]).await;
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""));
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema.graphql");
    assert!(
        printed.stdout == fs::read_to_string(path).unwrap_or_default(),
        "it differs"
    );
    assert!(!site.folder().join("data").exists());
}

both_kinds! {
    async fn workspaces_and_tokens_are_made(kind: Kind) {
        let site = Site::empty(kind).await;
        // Everything is made on the way: schema, first workspace, and its owner's token, which must not be lost.
        let made = site.run(&["workspace", "create", "Bakery & Sons"]).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        assert!(made.stdout.starts_with("workspace_"), "{made:?}");
        assert_eq!(made.stdout.lines().count(), 1, "{made:?}");
        assert!(made.stderr.contains("rst_"), "{made:?}");

        let arguments = ["token", "create", "--role", "manager", "--workspace", "Bakery & Sons"];
        let token = site.run(&arguments).await;
        assert_eq!((token.code, token.stderr.as_str()), (Some(0), ""), "{token:?}");
        let text = token.stdout.strip_suffix('\n').unwrap();
        assert!(text.starts_with("rst_") && !text.contains(char::is_whitespace), "{text}");

        let server = site.serve(&[]).await;
        assert_eq!(server.first_token(), None);
        let query = "{ viewer { role workspace { name } } }";
        let data = server.data(text, query, json!({})).await;
        assert_eq!(data, json!({ "viewer": { "role": "MANAGER", "workspace": { "name": "Bakery & Sons" } } }));
        // One made beside a running server works at once.
        let agent = site.token("agent").await;
        let data = server.data(&agent, query, json!({})).await;
        assert_eq!(data["viewer"]["role"], "AGENT");
        server.stop().await;
        site.finish().await;
    }

    async fn what_cannot_be_made_is_said(kind: Kind) {
        let site = Site::new(kind).await;
        let made = site.run(&["workspace", "create", "Bakery"]).await;
        assert_eq!(made.code, Some(0), "{made:?}");
        let wrong: [(&[&str], &str); 4] = [
            (&["workspace", "create", "Bakery"], "has this name already"),
            (&["workspace", "create", " "], "name"),
            (&["token", "create", "--role", "owner", "--workspace", "Brewery"], "Brewery"),
            (&["import", "nowhere.csv", "--consent", "--workspace", "Brewery"], "Brewery"),
        ];
        for (arguments, named) in wrong {
            let refused = site.run(arguments).await;
            assert_eq!((refused.code, refused.stdout.as_str()), (Some(1), ""), "{arguments:?}: {refused:?}");
            let line = refused.stderr.strip_prefix("error: ").unwrap_or_else(|| panic!("{refused:?}"));
            assert!(line.to_lowercase().contains(&named.to_lowercase()), "{arguments:?}: {line}");
            assert_eq!(line.trim_end().lines().count(), 1, "{line}");
        }
        site.finish().await;
    }
}
