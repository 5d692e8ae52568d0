//! The rows of the database: one file a table, with its ids and enums.
//!
//! Nothing here decides anything: rules and writes live in `domain`. Rows are read through `domain`'s scope, never by a bare
//! `Entity::find()` (clippy refuses it), so that no query can forget its workspace.

pub mod api_token;
pub mod attribute;
pub mod block;
pub mod bot_event;
pub mod bot_state;
pub mod broadcast;
pub mod broadcast_segment;
pub mod broadcast_send;
pub mod channel;
pub mod column;
pub mod contact;
pub mod contact_channel;
pub mod contact_tag;
pub mod content;
pub mod conversation;
pub mod delivery;
pub mod early_status;
pub mod export;
pub mod id;
pub mod idempotency_key;
pub mod import;
pub mod import_error;
pub mod import_row;
pub mod inbox;
pub mod job;
pub mod member;
pub mod message;
pub mod operation;
pub mod operation_error;
pub mod operation_part;
pub mod pending_object;
pub mod role;
pub mod segment;
pub mod segment_member;
pub mod table_view;
pub mod tag;
pub mod team;
pub mod team_member;
pub mod template;
pub mod webhook;
pub mod webhook_queue;
pub mod workspace;
