//! Who calls: the token of a request, looked up afresh for each.

use crate::{
    graphql,
    request::RequestId,
    transport::{AuthError, Authenticate, Standing},
};
use async_graphql::Request;
use domain::{db::Db, token, viewer::Viewer};
use entity::id::Id;

/// Knows whose a token is, and what each request needs afresh.
#[derive(Clone)]
pub(crate) struct Caller {
    db: Db,
}

impl Caller {
    pub(crate) fn new(db: Db) -> Self {
        Self { db }
    }
}

impl Authenticate for Caller {
    type Viewer = Viewer;

    async fn authenticate(&self, authorization: Option<&str>) -> Result<Viewer, AuthError> {
        let refused = |message: &str| Err(AuthError::Unauthenticated(message.to_owned()));
        let Some(text) = authorization.and_then(bearer) else {
            return refused(
                "Send a token: the header Authorization: Bearer, a space, and the token.",
            );
        };
        match token::authenticate(&self.db, text).await {
            Ok(Some(viewer)) => Ok(viewer),
            Ok(None) => refused("This token is not valid: mistyped, expired or revoked."),
            Err(error) => {
                tracing::error!(%error, "tokens cannot be looked up");
                Err(AuthError::Unavailable)
            }
        }
    }

    fn key(&self, viewer: &Viewer) -> i64 {
        viewer.token_id.map_or(0, Id::number)
    }

    async fn recheck(&self, viewers: &[Viewer]) -> Result<Vec<Standing>, AuthError> {
        let ids = viewers.iter().filter_map(|viewer| viewer.token_id);
        let now = token::viewers(&self.db, ids).await.map_err(|error| {
            tracing::error!(%error, "open sockets cannot be looked after");
            AuthError::Unavailable
        })?;
        let standing = |viewer: &Viewer| match viewer.token_id.and_then(|id| now.get(&id)) {
            None => Standing::Gone,
            Some(now) if now.has_rights_of(viewer) => Standing::Good,
            Some(_) => Standing::Changed,
        };
        Ok(viewers.iter().map(standing).collect())
    }

    fn request_id(&self) -> String {
        RequestId::here().to_string()
    }

    fn is_state(&self, field: &str) -> bool {
        graphql::STATES.contains(&field)
    }

    fn as_request<F: Future<Output: Send> + Send>(
        &self,
        operation: F,
    ) -> impl Future<Output = F::Output> + Send {
        RequestId::new().with(None, operation)
    }

    fn prepare(&self, request: Request, viewer: &Viewer) -> Request {
        graphql::prepare(request, self.db.clone(), viewer.clone())
    }
}

/// What follows the scheme `Bearer`, whose case does not count.
fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.trim().split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_bearer_in_any_case() {
        for good in ["Bearer x", "bearer x", "BEARER  x", " Bearer x "] {
            assert_eq!(bearer(good), Some("x"), "{good}");
        }
        for bad in ["", "x", "Bearer", "Basic x", "Bearerx"] {
            assert_eq!(bearer(bad), None, "{bad}");
        }
    }
}
