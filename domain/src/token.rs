//! API tokens: `rst_`, 32 random characters, and a checksum that tells a mistyped token from a revoked one without the database.

use crate::{
    clock,
    db::{Db, Tx},
    error::{Error, Result, UserError},
    table_view, text,
    viewer::Viewer,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    api_token,
    id::{ApiTokenId, MemberId, WorkspaceId},
    member,
    role::{Restriction, Restrictions, Role},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DbErr, EntityTrait, QueryFilter, Set, sea_query::SimpleExpr,
};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const PREFIX: &str = "rst_";
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 32 characters of 62 are 190 bits.
const RANDOM_CHARACTERS: usize = 32;
const CHECKSUM_CHARACTERS: usize = 6;
/// Enough to recognise a token by, and nothing to guess it from.
const SHOWN_CHARACTERS: usize = 10;

/// A new token's text. Shown once and never stored.
fn generate() -> Result<String> {
    let mut text = String::from(PREFIX);
    let mut byte = [0_u8; 1];
    while text.len() < PREFIX.len() + RANDOM_CHARACTERS {
        getrandom::fill(&mut byte)
            .map_err(|error| Error::Broken(format!("no random numbers: {error}")))?;
        // 248 = 4 × 62: larger bytes would favour the first letters.
        if byte[0] < 248 {
            text.push(ALPHABET[usize::from(byte[0]) % 62].into());
        }
    }
    text.push_str(&checksum(&text));
    Ok(text)
}

/// CRC-32 in six letters.
fn checksum(text: &str) -> String {
    let mut rest = u64::from(crc32fast::hash(text.as_bytes()));
    let mut letters = [b'0'; CHECKSUM_CHARACTERS];
    for letter in letters.iter_mut().rev() {
        *letter = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    String::from_utf8_lossy(&letters).into_owned()
}

/// Whether a text has the form of a token, checksum included.
fn is_well_formed(text: &str) -> bool {
    let length = PREFIX.len() + RANDOM_CHARACTERS;
    text.len() == length + CHECKSUM_CHARACTERS
        && text.is_ascii()
        && text.starts_with(PREFIX)
        && text[length..] == checksum(&text[..length])
}

fn hash(text: &str) -> String {
    text::hex(&Sha256::digest(text.as_bytes()))
}

/// What a new token is for.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Says what it is for.
    pub name: String,
    /// What it may do at most.
    pub role: Role,
    /// What it may not do all the same.
    pub restrictions: Vec<Restriction>,
    /// Whose it is; none: a script's.
    pub member_id: Option<MemberId>,
    /// From then on it is refused.
    pub expires_at: Option<DateTime<Utc>>,
}

/// Makes a token; returns its row, and its text for the one time.
///
/// # Errors
/// When the name is empty or too long, the member is not of the workspace, or the time has passed.
pub async fn create(tx: &Tx, viewer: &Viewer, new: NewToken) -> Result<(api_token::Model, String)> {
    let now = clock::now();
    let name = new.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 || name.contains('\0') {
        return Err(Error::user(
            "name",
            "INVALID",
            "A token's name has 1 to 100 characters.",
        ));
    }
    if new.expires_at.is_some_and(|time| time <= now) {
        return Err(Error::user(
            "expiresAt",
            "INVALID",
            "This time has passed already.",
        ));
    }
    if let Some(id) = new.member_id
        && viewer
            .find::<member::Entity>()
            .filter(member::Column::Id.eq(id))
            .one(&**tx)
            .await?
            .is_none()
    {
        return Err(Error::not_found("memberId", "member"));
    }
    // Whoever makes a token cannot shed their own restrictions by it.
    let restrictions = new.restrictions.iter().chain(&viewer.restrictions);
    let text = generate()?;
    let row = api_token::ActiveModel {
        workspace_id: Set(viewer.workspace_id),
        member_id: Set(new.member_id),
        name: Set(name),
        role: Set(new.role),
        restrictions: Set(restrictions.copied().collect()),
        prefix: Set(text[..SHOWN_CHARACTERS].to_owned()),
        hash: Set(hash(&text)),
        created_at: Set(now),
        last_used_at: Set(None),
        expires_at: Set(new.expires_at),
        revoked_at: Set(None),
        ..Default::default()
    };
    Ok((row.insert(&**tx).await?, text))
}

/// Revokes a token, from now on and for good.
///
/// # Errors
/// NOT_FOUND for one that is not there, or revoked already.
pub async fn revoke(tx: &Tx, viewer: &Viewer, id: ApiTokenId) -> Result<()> {
    let token = viewer
        .find::<api_token::Entity>()
        .filter(api_token::Column::Id.eq(id))
        .filter(api_token::Column::RevokedAt.is_null())
        .one(&**tx)
        .await?
        .ok_or_else(|| UserError::not_found("id", "token"))?;
    let mut row: api_token::ActiveModel = token.into();
    row.revoked_at = Set(Some(clock::now()));
    row.update(&**tx).await?;
    table_view::remove_of_token(tx, id).await
}

/// Who comes with this token; none where it is mistyped, unknown, expired or revoked: the caller tells them apart no further.
///
/// # Errors
/// When the database is away.
pub async fn authenticate(db: &Db, text: &str) -> Result<Option<Viewer>> {
    if !is_well_formed(text) {
        return Ok(None);
    }
    let found = good(db, api_token::Column::Hash.eq(hash(text))).await?;
    let Some((token, viewer)) = found.into_iter().next() else {
        return Ok(None);
    };
    note_use(db, &token, clock::now()).await?;
    Ok(Some(viewer))
}

/// Bound values of one statement.
const AT_ONCE: usize = 10_000;

/// Those of these tokens that are still good, with who comes with them now: two statements for each ten thousand.
///
/// # Errors
/// When the database is away.
pub async fn viewers(
    db: &Db,
    ids: impl IntoIterator<Item = ApiTokenId>,
) -> Result<HashMap<ApiTokenId, Viewer>> {
    let ids: Vec<ApiTokenId> = ids.into_iter().collect();
    let mut viewers = HashMap::new();
    for ids in ids.chunks(AT_ONCE) {
        let found = good(db, api_token::Column::Id.is_in(ids.iter().copied())).await?;
        viewers.extend(found.into_iter().map(|(token, viewer)| (token.id, viewer)));
    }
    Ok(viewers)
}

/// The tokens among these that let somebody in now, each with who comes with it.
#[allow(
    clippy::disallowed_methods,
    reason = "the token is what names the workspace"
)]
async fn good(db: &Db, which: SimpleExpr) -> Result<Vec<(api_token::Model, Viewer)>> {
    let mut tokens = api_token::Entity::find()
        .filter(which)
        .filter(api_token::Column::RevokedAt.is_null())
        .all(db.read())
        .await?;
    let now = clock::now();
    tokens.retain(|token| token.expires_at.is_none_or(|time| time > now));
    let ids: Vec<MemberId> = tokens.iter().filter_map(|token| token.member_id).collect();
    let mut members = HashMap::new();
    if !ids.is_empty() {
        let found = member::Entity::find().filter(member::Column::Id.is_in(ids));
        let found = found.all(db.read()).await?.into_iter();
        members.extend(found.map(|row| (row.id, row)));
    }
    let with_viewer = |token: api_token::Model| {
        let member = match token.member_id {
            // Deleted between the two looks, and the token with them: without its member it would pass for a script's.
            Some(id) => Some(members.get(&id)?.clone()),
            None => None,
        };
        let viewer = viewer_of(token.clone(), member);
        Some((token, viewer))
    };
    Ok(tokens.into_iter().filter_map(with_viewer).collect())
}

/// To the minute, so that reading does not write each time.
async fn note_use(db: &Db, token: &api_token::Model, now: DateTime<Utc>) -> Result<()> {
    if token
        .last_used_at
        .is_some_and(|time| now - time < TimeDelta::minutes(1))
    {
        return Ok(());
    }
    let tx = db.write().await?;
    let mut row: api_token::ActiveModel = token.clone().into();
    row.last_used_at = Set(Some(now));
    match row.update(&*tx).await {
        // Deleted meanwhile, with its member: there is nothing to note.
        Err(DbErr::RecordNotUpdated) => return Ok(()),
        done => done?,
    };
    tx.commit().await?;
    Ok(())
}

/// A member's token may do what both the token and the member may.
fn viewer_of(token: api_token::Model, member: Option<member::Model>) -> Viewer {
    let mut restrictions = token.restrictions.0;
    let mut role = token.role;
    if let Some(member) = &member {
        role = role.min(member.role);
        restrictions.extend(&member.restrictions.0);
    }
    let Restrictions(restrictions) = restrictions.into_iter().collect();
    Viewer {
        workspace_id: token.workspace_id,
        role,
        restrictions,
        name: member
            .as_ref()
            .map_or(token.name, |member| member.name.clone()),
        member,
        token_id: Some(token.id),
    }
}

/// The tokens of a workspace that still open it, oldest first.
///
/// # Errors
/// When the database is away.
pub async fn list(db: &Db, viewer: &Viewer) -> Result<Vec<api_token::Model>> {
    use sea_orm::QueryOrder;
    let query = viewer
        .find::<api_token::Entity>()
        .filter(api_token::Column::RevokedAt.is_null())
        .order_by_asc(api_token::Column::Id);
    Ok(query.all(db.read()).await?)
}

/// Whether a workspace has ever had a token.
///
/// # Errors
/// When the database is away.
pub async fn any(tx: &Tx, workspace_id: WorkspaceId) -> Result<bool> {
    let viewer = Viewer::command_line(workspace_id);
    Ok(viewer
        .find::<api_token::Entity>()
        .one(&**tx)
        .await?
        .is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_random_and_checks_itself() {
        let token = generate().expect("random numbers");
        assert!(is_well_formed(&token), "{token}");
        assert_ne!(token, generate().expect("random numbers"));
        let mut mistyped = token.into_bytes();
        mistyped[10] = if mistyped[10] == b'a' { b'b' } else { b'a' };
        assert!(!is_well_formed(
            &String::from_utf8(mistyped).expect("ASCII")
        ));
        for wrong in [
            "",
            "rst_",
            "Bearer x",
            "rst_äöü00000000000000000000000000000000000",
        ] {
            assert!(!is_well_formed(wrong), "{wrong}");
        }
    }
}
