//! The schema executed against real databases: a new SQLite file a test, and a new PostgreSQL database where one is at hand.

mod attribute;
mod belonging;
mod channel;
mod documentation;
mod failure;
mod furniture;
mod harness;
mod id_places;
mod inbox;
mod live;
mod mask;
mod paging;
mod part;
mod people;
mod role;
mod scope;
mod segment;
mod settings;
mod sight;
mod statements;
mod table_view;
mod tag;
mod template;
mod values;
mod wall;
mod writing;
