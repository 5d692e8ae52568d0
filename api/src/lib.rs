//! The GraphQL API of Roster.

pub mod transport;
