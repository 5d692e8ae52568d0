//! Placeholder until merged.
use sea_orm::{DatabaseConnection, DbErr};
/// x
pub async fn up(_: &DatabaseConnection) -> Result<(), DbErr> {
    Ok(())
}
