//! Workspaces: made once, found by name, changed by owners.

use crate::{
    attribute::Attributes,
    bot,
    channel::{self, Providers},
    clock, contact,
    content::{self, ContentInput, VariableInput},
    db::{Db, Tx},
    error::{Error, Result, UserError},
    name,
    phone::Country,
    support, template,
    token::{self, NewToken},
    viewer::Viewer,
};
use entity::{
    content::Content,
    id::{TemplateId, WorkspaceId},
    member,
    role::{Restrictions, Role},
    workspace::{self, Words},
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Set, sea_query::LockType,
};

/// The first workspace's name.
pub const FIRST_NAME: &str = "Roster";

/// Makes a workspace.
///
/// # Errors
/// When the name is empty, too long or taken.
pub async fn create(tx: &Tx, name: &str) -> Result<workspace::Model> {
    let row = workspace::ActiveModel {
        name: Set(name::checked("name", "workspace", name)?),
        default_country: Set(None),
        time_zone: Set("UTC".to_owned()),
        broadcast_list_row_limit: Set(1000),
        opt_out_words: Set(None),
        conversation_url: Set(None),
        support_words: Set(None),
        support_text: Set(None),
        support_template: Set(None),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    row.insert(&**tx).await.map_err(name::taken("workspace"))
}

/// The first workspace with its owner, made at the first start; returns the owner's token where it was made now.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "asks whether there is any workspace at all"
)]
pub async fn ensure_first(db: &Db) -> Result<Option<String>> {
    if workspace::Entity::find().one(db.read()).await?.is_some() {
        return Ok(None);
    }
    let tx = db.write().await?;
    // Of several processes that start at once, one makes it.
    crate::db::dialect::take_turn(&*tx, 0x0066_6972_7374).await?;
    if workspace::Entity::find().one(&*tx).await?.is_some() {
        return Ok(None);
    }
    let workspace = create(&tx, FIRST_NAME).await?;
    let owner = member::ActiveModel {
        workspace_id: Set(workspace.id),
        name: Set("Owner".to_owned()),
        // RFC 2606 keeps this domain free of mailboxes: nobody is written to by accident.
        email: Set("owner@roster.invalid".to_owned()),
        role: Set(Role::Owner),
        restrictions: Set(Restrictions::default()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let owner = owner.insert(&*tx).await?;
    let new = NewToken {
        name: "First token".to_owned(),
        role: Role::Owner,
        restrictions: Vec::new(),
        member_id: Some(owner.id),
        expires_at: None,
    };
    let (_, text) = token::create(&tx, &Viewer::command_line(workspace.id), new).await?;
    tx.commit().await?;
    Ok(Some(text))
}

/// The workspace of this name; without one the oldest.
///
/// # Errors
/// NOT_FOUND.
#[allow(
    clippy::disallowed_methods,
    reason = "the command line names its workspace"
)]
pub async fn by_name(conn: &impl ConnectionTrait, name: Option<&str>) -> Result<workspace::Model> {
    let mut query = workspace::Entity::find().order_by_asc(workspace::Column::Id);
    if let Some(name) = name {
        query = query.filter(workspace::Column::Name.eq(name));
    }
    query.one(conn).await?.ok_or_else(|| {
        let message = match name {
            Some(name) => format!("There is no workspace \"{name}\"."),
            None => "There is no workspace yet.".to_owned(),
        };
        Error::user("workspace", "NOT_FOUND", message)
    })
}

/// Makes others who look for attributes or segments and make those that are missing wait until the transaction ends: what one has found
/// missing must not be there by the time it is made.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the viewer's own id is the scope"
)]
pub(crate) async fn lock(tx: &Tx, viewer: &Viewer) -> Result<()> {
    // Rows that refer to the workspace may come meanwhile.
    workspace::Entity::find_by_id(viewer.workspace_id)
        .lock(LockType::NoKeyUpdate)
        .one(&**tx)
        .await?;
    Ok(())
}

/// The workspace of the viewer.
///
/// # Errors
/// When the database is away.
#[allow(
    clippy::disallowed_methods,
    reason = "the viewer's own id is the scope"
)]
pub async fn get(conn: &impl ConnectionTrait, id: WorkspaceId) -> Result<workspace::Model> {
    let found = workspace::Entity::find_by_id(id).one(conn).await?;
    found.ok_or_else(|| Error::Broken(format!("{id} is gone")))
}

/// The zone in which the workspace's people read times.
pub fn zone(workspace: &workspace::Model) -> chrono_tz::Tz {
    workspace.time_zone.parse().unwrap_or(chrono_tz::UTC)
}

/// What means stop where the workspace says nothing else: English and German, as the other texts that Roster knows.
const OPT_OUT_WORDS: [&str; 6] = [
    "stop",
    "stopp",
    "unsubscribe",
    "opt out",
    "abmelden",
    "abbestellen",
];

/// Messages that mean stop, without regard to case and accents.
pub fn opt_out_words(workspace: &workspace::Model) -> Vec<String> {
    match &workspace.opt_out_words {
        Some(words) => words.0.clone(),
        None => OPT_OUT_WORDS.map(str::to_owned).to_vec(),
    }
}

/// Words that may mean stop at most.
const MOST_WORDS: usize = 50;

fn checked_words(field: &str, words: Vec<String>) -> Result<Words> {
    let words: Vec<String> = words
        .into_iter()
        .map(|word| word.trim().to_owned())
        .collect();
    let fits = |word: &String| {
        let folded = crate::text::fold(word);
        word.chars().count() <= 100
            && !word.contains('\0')
            && folded.chars().any(char::is_alphanumeric)
    };
    if words.len() > MOST_WORDS || !words.iter().all(fits) {
        let message =
            format!("At most {MOST_WORDS}, each of 1 to 100 characters with a letter or a digit.");
        return Err(Error::user(field, "INVALID", message));
    }
    Ok(Words(words))
}

/// `http(s)`, with `{number}` in it.
fn checked_link(link: &str) -> Result<String> {
    let link = link.trim();
    let url = url::Url::parse(&link.replace("{number}", "1"));
    let is_web = url.is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    if is_web && link.contains("{number}") && link.len() <= 1_000 && !link.contains('\0') {
        return Ok(link.to_owned());
    }
    let message = "A URL of http or https with {number} in it, such as https://desk.example/conversations/{number}.";
    Err(Error::user("conversationUrl", "INVALID", message))
}

/// What to change; none stays.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// A new name.
    pub name: Option<String>,
    /// The country of phone numbers without one; `Some(None)` clears it.
    pub default_country: Option<Option<String>>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Rows that a broadcast list may bring, 1 to 1,000,000.
    pub broadcast_list_row_limit: Option<i32>,
    /// Messages that mean stop; `Some(None)`: the usual ones.
    pub opt_out_words: Option<Option<Vec<String>>>,
    /// Where a conversation is shown, with `{number}`; `Some(None)` clears it.
    pub conversation_url: Option<Option<String>>,
    /// Messages that ask for support; `Some(None)`: none does.
    pub support_words: Option<Option<Vec<String>>>,
    /// What operators read; `Some(None)`: the usual text.
    pub support_text: Option<Option<String>>,
    /// What they get where no text reaches them; `Some(None)`: nothing.
    pub support_template: Option<Option<(TemplateId, Vec<VariableInput>)>>,
    /// The bot's endpoint.
    pub bot: bot::Change,
}

/// The template for operators, with what fills it.
async fn checked_template(
    tx: &Tx,
    viewer: &Viewer,
    (id, variables): (TemplateId, Vec<VariableInput>),
) -> Result<Content> {
    let path = ["supportTemplate"];
    let found = template::get(&**tx, viewer, id).await?;
    let gone = || UserError::not_found("templateId", "template").under(&path);
    let found = found.ok_or_else(gone)?;
    let channel = channel::get(&**tx, viewer, found.channel_id).await?;
    let channel = channel.ok_or_else(gone)?;
    let input = ContentInput::Template { id, variables };
    let placeholders = &support::PLACEHOLDERS;
    let checked = content::checked_with(tx, viewer, &channel, input, placeholders).await;
    checked.map_err(|error| match error {
        Error::User(errors) => Error::User(
            errors
                .into_iter()
                .map(|mut error| {
                    // `content.template` is called otherwise here.
                    error.field.splice(0..2.min(error.field.len()), []);
                    error.under(&path)
                })
                .collect(),
        ),
        other => other,
    })
}

/// Changes the viewer's workspace.
///
/// # Errors
/// When a value is not one of its kind, or the name is taken.
pub async fn update(
    tx: &Tx,
    providers: &Providers,
    viewer: &Viewer,
    changes: Changes,
) -> Result<workspace::Model> {
    let Changes {
        name,
        default_country,
        time_zone,
        broadcast_list_row_limit,
        opt_out_words,
        conversation_url,
        support_words,
        support_text,
        support_template,
        bot,
    } = changes;
    // Of two at once, the second sees what the first has changed.
    lock(tx, viewer).await?;
    let found = get(&**tx, viewer.workspace_id).await?;
    let mut row: workspace::ActiveModel = found.clone().into();
    bot::change(providers, viewer, &found, &mut row, bot)?;
    if let Some(name) = name {
        row.name = Set(name::checked("name", "workspace", &name)?);
    }
    if let Some(country) = default_country {
        row.default_country = Set(checked_country("defaultCountry", country.as_deref())?);
    }
    if let Some(zone) = time_zone {
        row.time_zone = Set(checked_zone("timeZone", &zone)?);
    }
    if let Some(limit) = broadcast_list_row_limit {
        if !(1..=1_000_000).contains(&limit) {
            return Err(Error::user(
                "broadcastListRowLimit",
                "INVALID",
                "The row limit is from 1 to 1000000.",
            ));
        }
        row.broadcast_list_row_limit = Set(limit);
    }
    if let Some(words) = opt_out_words {
        let words = words.map(|words| checked_words("optOutWords", words));
        row.opt_out_words = Set(words.transpose()?);
    }
    if let Some(link) = conversation_url {
        row.conversation_url = Set(link.as_deref().map(checked_link).transpose()?);
    }
    let support = (support_words, support_text, support_template);
    change_support(tx, viewer, &mut row, support).await?;
    let moves = row.time_zone.is_set();
    let updated = row.update(&**tx).await.map_err(name::taken("workspace"))?;
    if moves {
        // Days of filters begin elsewhere. Told last, as everywhere: it locks a row that other writers lock behind the workspace.
        contact::announce(tx, viewer.workspace_id, contact::Which::Many).await?;
    }
    Ok(updated)
}

/// How operators are asked for support: the words, the text, the template.
type Support = (
    Option<Option<Vec<String>>>,
    Option<Option<String>>,
    Option<Option<(TemplateId, Vec<VariableInput>)>>,
);

async fn change_support(
    tx: &Tx,
    viewer: &Viewer,
    row: &mut workspace::ActiveModel,
    (support_words, support_text, support_template): Support,
) -> Result<()> {
    if let Some(words) = support_words {
        let words = words.map(|words| checked_words("supportWords", words));
        row.support_words = Set(words.transpose()?);
    }
    if let Some(text) = support_text {
        let attributes = Attributes::load(&**tx, viewer).await?;
        let text = text.map(|text| support::checked_text(&text, &attributes));
        row.support_text = Set(text.transpose()?);
    }
    if let Some(template) = support_template {
        row.support_template = Set(match template {
            Some(template) => Some(checked_template(tx, viewer, template).await?),
            None => None,
        });
    }
    Ok(())
}

/// A country of libphonenumber's data, in capitals.
///
/// # Errors
/// For anything else, at `field`.
pub fn checked_country(field: &str, country: Option<&str>) -> Result<Option<String>> {
    let Some(text) = country else { return Ok(None) };
    match text.parse::<Country>() {
        Ok(country) => Ok(Some(country.to_string())),
        Err(_) => Err(Error::user(
            field,
            "INVALID",
            "Not a country: give two letters (ISO 3166-1), such as DE.",
        )),
    }
}

/// An IANA time zone.
///
/// # Errors
/// For anything else, at `field`.
pub fn checked_zone(field: &str, zone: &str) -> Result<String> {
    match zone.parse::<chrono_tz::Tz>() {
        Ok(zone) => Ok(zone.name().to_owned()),
        Err(_) => Err(Error::user(
            field,
            "INVALID",
            "Not a time zone: give an IANA name, such as Europe/Berlin.",
        )),
    }
}
