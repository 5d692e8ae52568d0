//! Blocks: where a bot's conversation begins.

use super::{
    error::{Failure, Result},
    idempotent::Idempotent,
    loader::{Loader, read_id},
    payload::{DeleteInput, DeletePayload, payload},
};
use async_graphql::{Context, ID, InputObject, Object};
use domain::block;
use entity::{block::Model, role::Role};

#[derive(Clone)]
pub(crate) struct Block(pub(super) Model);

/// Where a bot's conversation begins, with the messages that it begins with.
#[Object]
impl Block {
    /// Its id.
    pub(super) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// Its name.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// The texts, in the order in which they go out.
    async fn messages(&self) -> &[String] {
        &self.0.messages.0
    }
}

payload!(
    /// What became of a block's making or change.
    BlockPayload,
    /// The block as it is now; null where the change was refused.
    block: Block
);

/// A block to make.
#[derive(InputObject)]
pub(crate) struct CreateBlockInput {
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: String,
    /// 1 to 10 texts of 1 to 4,096 characters, in the order in which they go out.
    messages: Vec<String>,
}

/// What to change in a block. What is left out, or null, stays.
#[derive(InputObject)]
pub(crate) struct UpdateBlockInput {
    /// Its id. NOT_FOUND where there is none.
    id: ID,
    /// 1 to 100 characters, unique in the workspace without regard to case: else INVALID or TAKEN.
    name: Option<String>,
    /// All its texts, 1 to 10 of 1 to 4,096 characters.
    messages: Option<Vec<String>>,
}

#[derive(Default)]
pub(crate) struct BlockQuery;

#[Object]
impl BlockQuery {
    /// The workspace's blocks, oldest first.
    async fn blocks(&self, ctx: &Context<'_>) -> Result<Vec<Block>> {
        let loader = Loader::of(ctx)?;
        let rows = block::list(loader.db().read(), loader.viewer()).await;
        Ok(rows
            .map_err(Failure::from)?
            .into_iter()
            .map(Block)
            .collect())
    }
}

#[derive(Default)]
pub(crate) struct BlockMutation;

#[Object]
impl BlockMutation {
    /// Makes a block. FORBIDDEN to agents.
    async fn create_block(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The block to make.")] input: Idempotent<CreateBlockInput>,
    ) -> Result<BlockPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            block::create(tx, loader.viewer(), &input.name, input.messages)
                .await
                .map(Block)
        });
        Ok(done.await?.into())
    }

    /// Renames a block, or gives it other messages: IN_USE for these while a send that has not ended sends it. FORBIDDEN to agents.
    async fn update_block(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to change in which block.")] input: Idempotent<UpdateBlockInput>,
    ) -> Result<BlockPayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let (id, name) = (read_id(&input.id), input.name.as_deref());
        let done = loader.write(key, async |tx| {
            block::update(tx, loader.viewer(), id, name, input.messages)
                .await
                .map(Block)
        });
        Ok(done.await?.into())
    }

    /// Deletes a block; what history names stays readable. IN_USE while a broadcast, or a send that has not ended, needs it. FORBIDDEN to agents.
    async fn delete_block(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which block.")] input: Idempotent<DeleteInput>,
    ) -> Result<DeletePayload> {
        let loader = Loader::require(ctx, Role::Manager)?;
        let (input, key) = input.open(ctx);
        let done = loader.write(key, async |tx| {
            block::delete(tx, loader.viewer(), read_id(&input.id))
                .await
                .map(|()| input.id)
        });
        Ok(done.await?.into())
    }
}
