//! Whom a broadcast is for: its segments or everyone, what narrows them, or the contacts that somebody names.

use super::segments;
use crate::{
    contact::{Matching, MatchingContacts, Selected, Selection},
    error::{Error, Result},
    filter::{ContactFilter, SetFilter, Stored},
    viewer::Viewer,
};
use entity::{
    broadcast::Model, broadcast_send::RecipientChoice, contact::ContactStatus, id::ContactId,
};
use sea_orm::ConnectionTrait;

/// The contacts whom a choice of a broadcast that the viewer has found means.
///
/// # Errors
/// REQUIRED, INVALID and NOT_FOUND at `contactIds`; FORBIDDEN where its filter speaks of what is masked; when the database is away.
pub(crate) async fn choose(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    broadcast: &Model,
    choice: RecipientChoice,
    contacts: Option<Vec<ContactId>>,
) -> Result<Selected> {
    let selection = selection(conn, broadcast, choice, contacts).await?;
    selection.check(conn, viewer).await.map_err(renamed)
}

async fn selection(
    conn: &impl ConnectionTrait,
    broadcast: &Model,
    choice: RecipientChoice,
    contacts: Option<Vec<ContactId>>,
) -> Result<Selection> {
    match (choice, contacts) {
        (RecipientChoice::Selected, Some(ids)) if !ids.is_empty() => {
            return Ok(Selection::Ids(ids));
        }
        (RecipientChoice::Selected, _) => {
            let message = "Name the contacts: SELECTED means those.";
            return Err(Error::user("contactIds", "REQUIRED", message));
        }
        (_, Some(_)) => {
            let message = "Contacts are named where recipients is SELECTED alone.";
            return Err(Error::user("contactIds", "INVALID", message));
        }
        (_, None) => {}
    }
    let mut all = Vec::new();
    if !broadcast.everyone {
        let segments = segments(conn, &[broadcast.id]).await?;
        let ids = segments.iter().map(|row| row.segment_id.to_string().into());
        all.push(ContactFilter {
            segments: Some(SetFilter {
                any_of: Some(ids.collect()),
                ..SetFilter::default()
            }),
            ..ContactFilter::default()
        });
    }
    if let Some(filter) = &broadcast.filter {
        all.push(Stored::read(filter)?);
    }
    let matching = Matching {
        // Those who are INACTIVE are left out by name.
        status: Some(vec![ContactStatus::Active, ContactStatus::Inactive]),
        filter: (!all.is_empty()).then(|| ContactFilter {
            and: Some(all),
            ..ContactFilter::default()
        }),
        ..Matching::default()
    };
    Ok(Selection::Matching(Box::new(MatchingContacts {
        matching,
        except: Vec::new(),
        expected_count: None,
    })))
}

/// Paths of a selection begin at `contacts.ids`; here they are called otherwise.
fn renamed(error: Error) -> Error {
    match error {
        Error::User(errors) => Error::User(
            errors
                .into_iter()
                .map(|mut error| {
                    if error
                        .field
                        .starts_with(&["contacts".to_owned(), "ids".to_owned()])
                    {
                        error.field.splice(0..2, ["contactIds".to_owned()]);
                    }
                    error
                })
                .collect(),
        ),
        other => other,
    }
}
