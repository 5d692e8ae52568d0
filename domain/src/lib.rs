//! What Roster knows and does: rules, writes, imports, the queue and the hints.
//!
//! `api` and `jobs` both come here, so that both choose contacts, type values and write them in the same way. Nothing in this crate
//! merely forwards. An operation takes a [`db::Tx`] that its caller opened and will commit.

pub mod attribute;
pub mod block;
pub mod bot;
pub mod broadcast;
pub mod channel;
pub mod clock;
pub mod column;
pub mod contact;
pub mod content;
pub mod conversation;
pub mod csv_file;
pub mod db;
pub mod email;
pub mod error;
pub mod event;
pub mod export;
pub mod filter;
pub mod formula;
pub mod idempotency;
pub mod import;
pub mod inbox;
pub mod job;
pub mod link;
pub mod live;
pub mod member;
pub mod message;
pub mod name;
pub mod operation;
pub mod page;
pub mod pending_object;
pub mod phone;
pub mod progress;
pub mod queue;
pub mod scalar;
pub mod seal;
pub mod segment;
pub mod send;
mod shared;
pub mod store;
pub mod support;
pub mod table_view;
pub mod tag;
pub mod team;
pub mod template;
pub mod text;
pub mod token;
pub mod trace;
pub mod value;
pub mod viewer;
pub mod watch;
pub mod webhook;
pub mod workspace;
