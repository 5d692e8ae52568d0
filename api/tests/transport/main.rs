//! The transport, from outside: a toy schema behind a real socket, and clients that behave and that do not.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod http;
mod limits;
mod multipart;
mod null_propagation;
mod persisted;
mod rate;
mod rules;
mod share;
mod socket;
mod sse;
mod toy;
mod websocket;
