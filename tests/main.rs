//! Roster from outside, on both databases: `tests/run` runs all of it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stdout, reason = "shown with a test that fails")]

mod again;
mod agent;
mod agreement;
mod architecture;
mod attribute_cost;
mod attribute_deletion;
mod attribute_kit;
mod attribute_slots;
mod bot;
mod broadcast;
mod broadcast_end;
mod broadcast_kit;
mod broadcast_need;
mod broadcast_sight;
mod channel;
mod channel_account;
mod command;
mod concurrent;
mod conversation;
mod drain;
mod export;
mod export_kit;
mod fault;
mod harness;
mod health;
mod idempotency;
mod import;
mod import_encodings;
mod import_headers;
mod import_kit;
mod import_life;
mod import_list;
mod import_match;
mod import_refusals;
mod import_rows;
mod import_watch;
mod kill;
mod kill_many;
mod kill_request;
mod live;
mod log;
mod nesting;
mod operation;
#[cfg(feature = "otel")]
mod otel;
mod plans;
mod s3;
mod send_kill;
mod start;
mod status;
mod support;
mod talk;
mod template;
mod viewer;
mod webhook;
