//! The schema executed against real databases: a new SQLite file a test, and a new PostgreSQL database where one is at hand.

mod documentation;
mod failure;
mod harness;
mod mask;
mod paging;
mod role;
mod scope;
mod segment;
mod settings;
mod statements;
mod values;
mod writing;
