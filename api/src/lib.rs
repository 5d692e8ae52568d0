//! The GraphQL API of Roster.

pub mod graphql;
pub mod transport;
