//! What the database has room for and the API cannot write yet: tags, teams, segments of rules, and what messages leave behind.

use super::{data, world::World};
use crate::harness::{Harness, crowd::Generator};
use chrono::{DateTime, Utc};
use domain::{clock, db::Tx, text::fold, workspace};
use entity::{
    contact, contact_tag,
    conversation::{self, ConversationStatus},
    id::{ChannelId, ContactId, Id, MemberId, SegmentId, TagId, TeamId, WorkspaceId},
    segment::{self, SegmentKind, SegmentRule, SegmentRules},
    tag, team,
};
use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value, json};

/// Writes it into the database and into the world.
pub(super) async fn write(t: &Harness, world: &mut World, random: &mut Generator) {
    let workspace = workspace::by_name(t.db.read(), None).await.unwrap().id;
    let members = [member(t, &t.owner).await, member(t, &t.manager).await];
    let tx = t.db.write().await.unwrap();
    let (mut tags, mut teams) = (Vec::new(), Vec::new());
    for name in ["VIP", "Größe L"] {
        tags.push(tag(&tx, workspace, name).await);
        teams.push(team(&tx, workspace, name).await);
    }
    for rules in [
        json!([{ "firstName": { "isSet": true }, "status": ["INACTIVE"] }, { "attribute": { "key": "number", "number": { "gt": 2 } } }]),
        json!([]),
        json!([{ "not": { "attribute": { "key": "boolean bare", "boolean": { "eq": true } } } }]),
    ] {
        let rules: Vec<Value> = rules.as_array().unwrap().clone();
        let id = rule_segment(&tx, workspace, world.rules.len(), &rules).await;
        world.ids.get_mut("segments").unwrap().push(id.to_string());
        world.rules.push((id.to_string(), rules));
    }
    let channels = world.ids["channels"].clone();
    for person in &mut world.people {
        let id: ContactId = read(&person["id"]);
        for tag in &tags {
            if random.once_in(3) {
                let row = contact_tag::ActiveModel {
                    tag_id: Set(*tag),
                    contact_id: Set(id),
                };
                row.insert(&*tx).await.unwrap();
                person["tags"]
                    .as_array_mut()
                    .unwrap()
                    .push(tag.to_string().into());
            }
        }
        for (field, of) in [
            ("assignee", written(&members)),
            ("team", written(&teams)),
            ("lastChannel", channels.clone()),
        ] {
            if random.once_in(2) {
                person[field] = random.pick(&of).as_str().into();
            }
        }
        for field in ["firstContactAt", "lastInteractionAt", "lastIncomingAt"] {
            if random.once_in(2) {
                person[field] = data::instant(random, world.made).into();
            }
        }
        left_by_messages(id, person).update(&*tx).await.unwrap();
    }
    conversations(&tx, workspace, world, random).await;
    tx.commit().await.unwrap();
    world.ids.insert("tags", written(&tags));
    world.ids.insert("team", written(&teams));
    world.ids.insert("assignee", written(&members));
}

/// None, one or two conversations with each, in no order.
async fn conversations(tx: &Tx, workspace: WorkspaceId, world: &mut World, random: &mut Generator) {
    let channels = &world.ids["channels"];
    let mut number = 0;
    for person in &mut world.people {
        for _ in 0..*random.pick(&[0, 0, 1, 2]) {
            number += 1;
            let at = data::instant(random, world.made);
            let talk = conversation::ActiveModel {
                workspace_id: Set(workspace),
                number: Set(number),
                contact_id: Set(read(&person["id"])),
                channel_id: Set(random.pick(channels).parse::<ChannelId>().unwrap()),
                status: Set(ConversationStatus::Closed),
                opened_at: Set(at.parse().unwrap()),
                ..Default::default()
            };
            let opened = talk.insert(&**tx).await.unwrap().opened_at;
            let known = person["conversationOpenedAt"].as_str();
            if known.is_none_or(|known| opened > known.parse::<DateTime<Utc>>().unwrap()) {
                person["conversationOpenedAt"] = at.into();
            }
        }
    }
}

/// The contact's row, as far as messages change it.
fn left_by_messages(id: ContactId, person: &Value) -> contact::ActiveModel {
    let instant =
        |field: &str| -> Option<DateTime<Utc>> { Some(person[field].as_str()?.parse().unwrap()) };
    contact::ActiveModel {
        id: Set(id),
        assignee_id: Set(optional(&person["assignee"])),
        team_id: Set(optional(&person["team"])),
        last_channel_id: Set(optional(&person["lastChannel"])),
        first_contact_at: Set(instant("firstContactAt")),
        last_interaction_at: Set(instant("lastInteractionAt")),
        last_incoming_at: Set(instant("lastIncomingAt")),
        ..Default::default()
    }
}

fn optional<T: Id>(json: &Value) -> Option<T> {
    (!json.is_null()).then(|| read(json))
}

fn read<T: Id>(json: &Value) -> T {
    json.as_str().and_then(|id| id.parse().ok()).unwrap()
}

fn written<T: Id>(ids: &[T]) -> Vec<String> {
    ids.iter().map(T::to_string).collect()
}

async fn member(t: &Harness, token: &str) -> MemberId {
    let data = t
        .data(token, "{ viewer { member { id } } }", json!({}))
        .await;
    read(&data["viewer"]["member"]["id"])
}

async fn tag(tx: &Tx, workspace: WorkspaceId, name: &str) -> TagId {
    let tag = tag::ActiveModel {
        workspace_id: Set(workspace),
        name: Set(name.to_owned()),
        name_key: Set(fold(name)),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    tag.insert(&**tx).await.unwrap().id
}

async fn team(tx: &Tx, workspace: WorkspaceId, name: &str) -> TeamId {
    let team = team::ActiveModel {
        workspace_id: Set(workspace),
        name: Set(name.to_owned()),
        name_key: Set(fold(name)),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    team.insert(&**tx).await.unwrap().id
}

async fn rule_segment(
    tx: &Tx,
    workspace: WorkspaceId,
    number: usize,
    rules: &[Value],
) -> SegmentId {
    let name = format!("Rules {number}");
    let rules = rules.iter().map(|filter| SegmentRule {
        name: None,
        filter: filter.clone(),
    });
    let segment = segment::ActiveModel {
        workspace_id: Set(workspace),
        name_key: Set(fold(&name)),
        name: Set(name),
        kind: Set(SegmentKind::Rules),
        rules: Set(SegmentRules(rules.collect())),
        created_by_import_id: Set(None),
        created_at: Set(clock::now()),
        ..Default::default()
    };
    segment.insert(&**tx).await.unwrap().id
}
