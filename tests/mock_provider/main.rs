//! A provider to try Roster with: a program of its own that answers as Meta's Cloud API, 360dialog, Kaleyra and a system behind the HTTP channel do,
//! and writes down what it accepted.
//!
//! `cargo run --example mock_provider -- --listen 127.0.0.1:9090 --ledger sent.jsonl`, and a server with `--allow-private-addresses`. A token or key
//! that is `wrong` is refused. It ends when its standard input does.

mod accept;
mod ledger;
mod look;

use axum::{
    Router,
    routing::{get, post},
};
use clap::Parser;
use ledger::Ledger;
use std::{io::Read, net::SocketAddr, path::PathBuf};
use tokio::net::TcpListener;

/// A provider to try Roster with.
#[derive(Parser)]
struct Args {
    /// The address to listen on. Port 0 takes any that is free; which one stands in the first line that is printed.
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// The file that gets a line of JSON for each message that was accepted: `at` (milliseconds since 1970), `reference`, `to`, `id`, `text`.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// Go on when the standard input ends, as it does for a program in the background.
    #[arg(long)]
    stay: bool,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let ledger = Ledger::open(args.ledger.as_deref())?;
    let router = Router::new()
        // Meta's Cloud API.
        .route("/{version}/{id}", get(look::number))
        .route(
            "/{version}/{id}/message_templates",
            get(look::templates_of_meta),
        )
        .route("/{version}/{id}/messages", post(accept::by_meta))
        // 360dialog.
        .route("/v1/configs/templates", get(look::templates_of_360dialog))
        .route("/messages", post(accept::by_360dialog))
        // Kaleyra.
        .route(
            "/v2/{sid}/whatsapp/{number}/messages",
            post(accept::by_kaleyra),
        )
        // A system behind the HTTP channel.
        .route("/http", post(accept::by_http))
        .with_state(ledger);
    let listener = TcpListener::bind(args.listen).await?;
    say(&format!("listening on http://{}", listener.local_addr()?));
    if !args.stay {
        std::thread::spawn(|| {
            // Whoever started it holds the other end: it does not outlive them.
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            std::process::exit(0);
        });
    }
    axum::serve(listener, router).await
}

#[allow(clippy::print_stdout, reason = "a program says where it listens")]
fn say(line: &str) {
    println!("{line}");
}
