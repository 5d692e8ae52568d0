//! A provider to try Roster with: a program of its own that answers as Meta's Cloud API, 360dialog, Kaleyra, a system behind the HTTP channel and a bot's endpoint do,
//! and writes down what it was asked and accepted. It can fail as they do, by chance or by the number, and tell by webhooks what becomes of messages.
//!
//! `cargo run --example mock_provider -- --listen 127.0.0.1:9090 --ledger sent.jsonl`, and a server with `--allow-private-addresses`. A token or key
//! that is `wrong` is refused, 360dialog's `no-json` gets a web page for templates, and its `no-templates` none. It ends when its standard input does.

mod accept;
mod bot;
mod fault;
mod ledger;
mod look;
mod socket;
mod tell;

use axum::{
    Router,
    routing::{get, post},
};
use clap::Parser;
use fault::{Faults, Rates};
use ledger::Ledger;
use socket::{Sockets, Switch};
use std::{io::Read, net::SocketAddr, path::PathBuf, time::Duration};
use tell::{Manner, Teller};
use tokio::net::TcpListener;

/// A provider to try Roster with.
#[derive(Parser)]
struct Args {
    /// The address to listen on. Port 0 takes any that is free; which one stands in the first line that is printed.
    #[arg(long, default_value = "127.0.0.1:9090")]
    listen: SocketAddr,
    /// The file that gets a line of JSON for each message: `at` (milliseconds since 1970), `reference`, `to`, `text`, `answer`, `accepted`, `id`, and
    /// `end`, what webhooks tell of it last.
    #[arg(long)]
    ledger: Option<PathBuf>,
    /// Go on when the standard input ends, as it does for a program in the background.
    #[arg(long)]
    stay: bool,
    /// Milliseconds that an answer takes.
    #[arg(long, default_value_t = 0)]
    delay: u64,
    #[command(flatten)]
    rates: Rates,
    #[command(flatten)]
    manner: Manner,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let args = Args::parse();
    let teller = Teller::new(args.manner);
    teller.start();
    let ledger = Ledger::open(
        args.ledger.as_deref(),
        Faults::new(args.rates),
        teller,
        Duration::from_millis(args.delay),
    )?;
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
        // A bot's endpoint.
        .route("/bot/{name}", post(bot::take))
        // For whoever tries things out with it.
        .route("/mock/bot/{name}", get(bot::told))
        .route("/mock/webhooks", post(tell::aim))
        .route("/mock/state", get(tell::state))
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
    let service = router.into_make_service_with_connect_info::<Switch>();
    axum::serve(Sockets(listener), service).await
}

#[allow(clippy::print_stdout, reason = "a program says where it listens")]
fn say(line: &str) {
    println!("{line}");
}
