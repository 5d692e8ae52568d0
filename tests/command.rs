//! The command line, as a process beside the server.

use crate::harness::{Harness, both, within};
use serde_json::json;
use std::process::Output;
use tokio::process::Command;

/// Runs `roster` on the test's own database and data folder.
async fn roster(t: &Harness, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_roster"));
    command
        .args(arguments)
        .env("DATABASE_URL", t.database_url())
        .env("ROSTER_DATA_DIR", t.folder())
        .kill_on_drop(true);
    within("the command's end", command.output()).await.unwrap()
}

both! {
    async fn a_token_made_beside_the_server_is_good_at_once(t: &Harness) {
        let made = roster(t, &["token", "create", "--role", "agent"]).await;
        let error = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{error}");
        let token = String::from_utf8(made.stdout).unwrap();
        let data = t.data(token.trim_end(), "{ viewer { role } }", json!({})).await;
        assert_eq!(data["viewer"]["role"], "AGENT");
    }

    async fn an_unknown_flag_is_refused(t: &Harness) {
        let refused = roster(t, &["token", "create", "--rôle", "agent"]).await;
        assert_eq!(refused.status.code(), Some(2));
        assert!(refused.stdout.is_empty());
    }
}
