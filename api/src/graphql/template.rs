//! Templates: messages with variables, approved before anybody gets them.

use super::{
    channel::{Channel, ChannelInput, providers},
    error::{Failure, Result},
    idempotent::{Idempotent, to_its_end},
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, Settled, UserError, payload},
};
use async_graphql::{Context, Enum, ID, InputObject, MaybeUndefined, Object, SimpleObject};
use domain::{
    scalar::DateTime,
    template::{self, NewTemplate, TemplateChange, Wanted},
};
use entity::template::Model;

/// Whether a template may be sent. There may be more in future.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "entity::template::TemplateStatus")]
pub(crate) enum TemplateStatus {
    /// Made in Roster, and not to be sent yet.
    Draft,
    /// The messenger looks at it.
    Pending,
    /// It may be sent.
    Approved,
    /// It may not be sent.
    Rejected,
    /// It may not be sent for now.
    Paused,
}

#[derive(Clone)]
pub(crate) struct Template(pub(super) Model);

/// A message with variables, such as "Your order {{1}} is on its way.", for one channel in one language.
#[Object]
impl Template {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The channel it is sent over.
    async fn channel(&self, ctx: &Context<'_>) -> Result<Channel> {
        let loader = Loader::of(ctx)?;
        loader.channel(self.0.channel_id).await
    }

    /// Its name; with the language it is unique on the channel.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// As the provider writes it, such as `en_US`.
    async fn language(&self) -> &str {
        &self.0.language
    }

    /// What it is for, such as `MARKETING`, `UTILITY` or `AUTHENTICATION`.
    async fn category(&self) -> &str {
        &self.0.category
    }

    /// The text, with its variables as `{{1}}` or `{{name}}`.
    async fn body(&self) -> &str {
        &self.0.body
    }

    /// The line above the text.
    async fn header(&self) -> Option<&str> {
        self.0.header.as_deref()
    }

    /// The line below the text.
    async fn footer(&self) -> Option<&str> {
        self.0.footer.as_deref()
    }

    /// What is to be filled: of the text `1`, `2` … or names, of the line above `header.1`, of the URL of the first button `button.0.1`.
    async fn variables(&self) -> Vec<String> {
        template::variables(&self.0)
    }

    /// Whether it may be sent.
    async fn status(&self) -> TemplateStatus {
        self.0.status.into()
    }

    /// When it was last changed here, or was last found changed at the provider.
    async fn updated_at(&self) -> DateTime {
        DateTime(self.0.updated_at)
    }
}

payload!(
    /// What became of a template's making or change.
    TemplatePayload,
    /// The template as it is now; null where the change was refused.
    template: Template
);

/// What became of the fetching of templates.
#[derive(SimpleObject)]
pub(crate) struct TemplatesPayload {
    /// The channel's templates as they are now, by name and language; empty where they could not be fetched.
    templates: Vec<Template>,
    /// What the person can mend. Empty where all went well; otherwise nothing was changed.
    user_errors: Vec<UserError>,
}

impl From<Settled<Vec<Template>>> for TemplatesPayload {
    fn from(settled: Settled<Vec<Template>>) -> Self {
        match settled {
            Ok(templates) => Self {
                templates,
                user_errors: Vec::new(),
            },
            Err(user_errors) => Self {
                templates: Vec::new(),
                user_errors,
            },
        }
    }
}

/// A template to make, on a channel whose provider lists none: KALEYRA and HTTP.
#[derive(InputObject)]
pub(crate) struct CreateTemplateInput {
    /// The channel it is sent over. NOT_FOUND where there is none; INVALID where the provider lists its templates.
    channel_id: ID,
    /// Its name, as the provider knows it; with the language unique on the channel: else TAKEN.
    name: String,
    /// Its language, as the provider writes it, such as `en_US`.
    language: String,
    /// What it is for. UTILITY where left out.
    category: Option<String>,
    /// The text, 1 to 1,024 characters, with variables as `{{1}}` or `{{name}}`.
    body: String,
    /// The line above the text, up to 60 characters.
    header: Option<String>,
    /// The line below the text, up to 60 characters, without variables.
    footer: Option<String>,
    /// Whether it may be sent. DRAFT where left out.
    status: Option<TemplateStatus>,
}

/// What to change in a template that was made here. What is left out stays.
#[derive(InputObject)]
pub(crate) struct UpdateTemplateInput {
    /// Its id. NOT_FOUND where there is none; INVALID for one of the provider's.
    id: ID,
    /// What it is for.
    category: Option<String>,
    /// The text, 1 to 1,024 characters, with variables as `{{1}}` or `{{name}}`.
    body: Option<String>,
    /// The line above the text, up to 60 characters; null: none.
    header: MaybeUndefined<String>,
    /// The line below the text, up to 60 characters, without variables; null: none.
    footer: MaybeUndefined<String>,
    /// Whether it may be sent.
    status: Option<TemplateStatus>,
}

#[derive(Default)]
pub(crate) struct TemplateQuery;

#[Object]
impl TemplateQuery {
    /// The workspace's templates, by name and language.
    async fn templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of this channel alone.")] channel_id: Option<ID>,
        #[graphql(desc = "In one of these states; left out: in any.")] status: Option<
            Vec<TemplateStatus>,
        >,
        #[graphql(desc = "Whose name has this in it.")] search: Option<String>,
    ) -> Result<Vec<Template>> {
        let loader = Loader::of(ctx)?;
        let wanted = Wanted {
            channel_id: channel_id.as_ref().map(read_id),
            status: status.map(|status| status.into_iter().map(Into::into).collect()),
            search,
        };
        let rows = template::list(loader.db().read(), loader.viewer(), wanted).await;
        Ok(rows
            .map_err(Failure::from)?
            .into_iter()
            .map(Template)
            .collect())
    }
}

#[derive(Default)]
pub(crate) struct TemplateMutation;

#[Object]
impl TemplateMutation {
    /// Fetches a channel's templates from its provider, by a call that may take a minute where there are thousands; it goes on where the request is ended (TIMEOUT), and asked again with the same `idempotencyKey` it tells what came of it. INVALID where the provider lists none (KALEYRA, HTTP),
    /// UNAVAILABLE with what it said where it does not give them, or not all of them: then none is changed. For owners without NO_WORKSPACE_SETTINGS.
    async fn sync_templates(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which channel.")] input: Idempotent<ChannelInput>,
    ) -> Result<TemplatesPayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let id = read_id(&input.id);
        // A provider of many templates may take longer than a request may.
        let (db, viewer) = (loader.db().clone(), loader.viewer().clone());
        let providers = providers(ctx)?.clone();
        let ran =
            to_its_end(
                async move { template::sync(&db, &providers, &viewer, id, key.as_ref()).await },
            );
        let ran = ran.await;
        let templates = |rows: Vec<_>| rows.into_iter().map(Template).collect::<Vec<_>>();
        let done = loader.answer(ran.map(|ran| ran.map(templates)));
        Ok(done.await?.into())
    }

    /// Makes a template. For owners without NO_WORKSPACE_SETTINGS.
    async fn create_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The template to make.")] input: Idempotent<CreateTemplateInput>,
    ) -> Result<TemplatePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let new = NewTemplate {
            channel_id: read_id(&input.channel_id),
            name: input.name,
            language: input.language,
            change: TemplateChange {
                category: input.category,
                body: Some(input.body),
                header: input.header.map(Some),
                footer: input.footer.map(Some),
                status: input.status.map(Into::into),
            },
        };
        let done = loader.write(key, async |tx| {
            template::create(tx, loader.viewer(), new)
                .await
                .map(Template)
        });
        Ok(done.await?.into())
    }

    /// Changes a template that was made here. INVALID for one of the provider's, IN_USE while a send that has not ended sends it. For owners without
    /// NO_WORKSPACE_SETTINGS.
    async fn update_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which template.")] input: Idempotent<
            UpdateTemplateInput,
        >,
    ) -> Result<TemplatePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let id = read_id(&input.id);
        let change = TemplateChange {
            category: input.category,
            body: input.body,
            header: input.header.into(),
            footer: input.footer.into(),
            status: input.status.map(Into::into),
        };
        let done = loader.write(key, async |tx| {
            template::update(tx, loader.viewer(), id, change)
                .await
                .map(Template)
        });
        Ok(done.await?.into())
    }

    /// Deletes a template that was made here; what history names stays readable. INVALID for one of the provider's: it goes there, and `syncTemplates` sees
    /// that. IN_USE while a broadcast, or a send that has not ended, needs it, or it is `Workspace.supportTemplate`. For owners without
    /// NO_WORKSPACE_SETTINGS.
    async fn delete_template(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which template.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::administer(ctx)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            template::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
