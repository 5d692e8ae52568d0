//! Members: the people of the workspace.

use super::role::{Restriction, Role, restrictions};
use async_graphql::{ID, Object};
use domain::scalar::EmailAddress;
use entity::member::Model;

#[derive(Clone)]
pub(crate) struct Member(pub(super) Model);

/// A person of the workspace.
#[Object]
impl Member {
    /// Their id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Shown beside what they did.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Unique in the workspace.
    async fn email(&self) -> EmailAddress {
        EmailAddress(self.0.email.clone())
    }

    /// What they may do at most.
    async fn role(&self) -> Role {
        self.0.role.into()
    }

    /// What they may not do although the role would allow it.
    async fn restrictions(&self) -> Vec<Restriction> {
        restrictions(&self.0.restrictions.0)
    }
}
