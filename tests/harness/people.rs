//! Two workspaces and their people.

use domain::{
    clock,
    db::{Db, Tx},
    token::{self, NewToken},
    viewer::Viewer,
    workspace,
};
use entity::{
    id::WorkspaceId,
    member,
    role::{Restrictions, Role},
};
use sea_orm::{ActiveModelTrait, Set};

/// See [`super::Harness`], which takes them over.
pub(super) struct People {
    pub(super) owner: String,
    pub(super) manager: String,
    pub(super) agent: String,
    pub(super) stranger: String,
}

impl People {
    pub(super) async fn move_in(db: &Db) -> Self {
        let owner = workspace::ensure_first(db).await.unwrap();
        let workspace = workspace::by_name(db.read(), None).await.unwrap().id;
        let tx = db.write().await.unwrap();
        let manager = token_of(&tx, workspace, "Manager", Role::Manager).await;
        let agent = token_of(&tx, workspace, "Agent", Role::Agent).await;
        let elsewhere = workspace::create(&tx, "Elsewhere").await.unwrap().id;
        let stranger = token_of(&tx, elsewhere, "Stranger", Role::Owner).await;
        tx.commit().await.unwrap();
        Self {
            owner: owner.expect("the first start makes an owner"),
            manager,
            agent,
            stranger,
        }
    }
}

/// A new member's token.
async fn token_of(tx: &Tx, workspace: WorkspaceId, name: &str, role: Role) -> String {
    let member = member::ActiveModel {
        workspace_id: Set(workspace),
        name: Set(name.to_owned()),
        email: Set(format!("{}@roster.invalid", name.to_lowercase())),
        role: Set(role),
        restrictions: Set(Restrictions::default()),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    let member = member.insert(&**tx).await.unwrap();
    let new = NewToken {
        name: format!("{name}'s token"),
        role,
        restrictions: Vec::new(),
        member_id: Some(member.id),
        expires_at: None,
    };
    let viewer = Viewer::command_line(workspace);
    token::create(tx, &viewer, new).await.unwrap().1
}
