//! `roster schema`: the GraphQL schema, as `schema.graphql` in the project holds it.

use anyhow::Result;
use std::io::Write;

/// Prints it.
pub(crate) fn run() -> Result<()> {
    let mut stream = std::io::stdout().lock();
    stream.write_all(api::graphql::sdl().as_bytes())?;
    stream.flush()?;
    Ok(())
}
