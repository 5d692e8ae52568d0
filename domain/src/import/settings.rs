//! What a person says about an import, when creating it or when starting it.

use super::create::Failure;
use crate::{
    channel,
    error::{Error, Result, UserError},
    name, segment,
    viewer::Viewer,
    workspace,
};
use entity::{
    attribute::AttributeType,
    channel::{ChannelKind, ChannelStatus},
    id::ChannelId,
    import::{self, ImportFailureCode, ImportKind, MatchBy, MatchKeys, OnInvalid, Problem},
};
use sea_orm::ConnectionTrait;

/// The settings of an import; what is none stays as it is, or as proposed.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The channel of a broadcast list; `Some(None)`: an id that leads nowhere.
    pub channel_id: Option<Option<ChannelId>>,
    /// ISO 3166-1 alpha-2, for phone numbers without a country.
    pub country: Option<String>,
    /// The segment to make or add to.
    pub segment_name: Option<String>,
    /// What becomes of single columns; those not named stay as proposed.
    pub mapping: Vec<MappingInput>,
    /// The keys to find a contact by, in turn.
    pub match_by: Option<Vec<MatchBy>>,
    /// What a cell that does not fit does.
    pub on_invalid: Option<OnInvalid>,
    /// Whether an empty cell removes the value.
    pub empty_clears: Option<bool>,
    /// IANA name, for DATETIME cells without an offset.
    pub time_zone: Option<String>,
}

/// What becomes of one column: exactly one of the three.
#[derive(Debug, Clone, Default)]
pub struct MappingInput {
    /// The header as the file writes it.
    pub header: String,
    /// A column that is there, by its key.
    pub column: Option<String>,
    /// An attribute to make, with its type.
    pub new_attribute: Option<(String, AttributeType)>,
    /// Nothing.
    pub ignore: bool,
}

/// Takes over what was said.
///
/// # Errors
/// One for every setting that does not hold.
pub(super) async fn merge(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    import: &mut import::Model,
    settings: &Settings,
) -> Result<()> {
    let Settings {
        channel_id,
        country,
        segment_name,
        mapping: _,
        match_by,
        on_invalid,
        empty_clears,
        time_zone,
    } = settings;
    if let Some(id) = channel_id {
        let channel = match id {
            Some(id) => channel::get(conn, viewer, *id).await?,
            None => None,
        };
        let channel = channel.ok_or_else(|| UserError::not_found("channelId", "channel"))?;
        if import.kind == ImportKind::BroadcastList && channel.kind != ChannelKind::WhatsApp {
            return Err(Error::user(
                "channelId",
                "INVALID",
                "A broadcast list needs a WhatsApp channel.",
            ));
        }
        import.channel_id = Some(channel.id);
    }
    if let Some(country) = country {
        import.country = workspace::checked_country("country", Some(country))?;
    }
    if let Some(name) = segment_name {
        import.segment_name = Some(name::checked("segmentName", "segment", name)?);
    }
    if let Some(keys) = match_by {
        import.match_by = MatchKeys(checked_keys(import.kind, keys)?);
    }
    if let Some(on_invalid) = on_invalid {
        import.on_invalid = *on_invalid;
    }
    if let Some(clears) = empty_clears {
        import.empty_clears = *clears;
    }
    if let Some(zone) = time_zone {
        import.time_zone = workspace::checked_zone("timeZone", zone)?;
    }
    Ok(())
}

fn checked_keys(kind: ImportKind, keys: &[MatchBy]) -> Result<Vec<MatchBy>> {
    if kind == ImportKind::BroadcastList && keys != [MatchBy::ChannelAddress] {
        let message =
            "A broadcast list is matched by the address on its channel; leave matchBy out.";
        return Err(Error::user("matchBy", "INVALID", message));
    }
    let twice = keys
        .iter()
        .enumerate()
        .any(|(n, key)| keys[..n].contains(key));
    if keys.is_empty() || twice {
        return Err(Error::user(
            "matchBy",
            "INVALID",
            "Name at least one key, and each once.",
        ));
    }
    Ok(keys.to_vec())
}

/// A channel that is not set up refuses the file.
pub(super) async fn channel_is_ready(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    import: &import::Model,
) -> Result<Result<(), Failure>> {
    let Some(id) = import.channel_id else {
        return Ok(Ok(()));
    };
    let channel = channel::get(conn, viewer, id)
        .await?
        .ok_or_else(|| UserError::not_found("channelId", "channel"))?;
    if channel.status == ChannelStatus::Ready {
        return Ok(Ok(()));
    }
    let message = format!(
        "The channel \"{}\" is not set up yet: it must be READY.",
        channel.name
    );
    Ok(Err(Failure::new(
        ImportFailureCode::ChannelNotReady,
        None,
        message,
    )))
}

/// Says beforehand that a segment of this name is there and will be added to.
pub(super) async fn note_segment(
    conn: &impl ConnectionTrait,
    viewer: &Viewer,
    import: &import::Model,
    problems: &mut Vec<Problem>,
) -> Result<()> {
    let Some(name) = &import.segment_name else {
        return Ok(());
    };
    if let Some(there) = segment::by_name(conn, viewer, name).await? {
        let message = format!(
            "The segment \"{}\" is there already; these contacts are added to it.",
            there.name
        );
        let field = Some(vec!["segmentName".to_owned()]);
        problems.push(Problem {
            code: "SEGMENT_EXISTS".to_owned(),
            message,
            field,
        });
    }
    Ok(())
}
