//! The bot's endpoint: a URL of the workspace that is told where a conversation stands, once the last message of a block is out ([`event`]). A job
//! tells it ([`run`]), at least once and for a day at most; what is told again has the same id.

mod event;
pub mod run;
mod settings;

pub(crate) use event::{Reached, note, note_message};
pub use event::{State, state};
pub(crate) use settings::change;
pub use settings::{Change, reseal};
