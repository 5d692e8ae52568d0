//! An id of another workspace is an id that does not exist.

use super::{
    furniture::{KINDS, furnish, nodes},
    harness::{both, introspect},
    id_places::TAKING_IDS,
};
use serde_json::{Value as Json, json};
use std::collections::BTreeSet;

/// Tried over HTTP, since it comes with a file.
const WITH_A_FILE: &str = "CreateImportInput.channelId";

/// Every table begins with the same event; what comes then is tried over HTTP too.
const BEGINNING_ALIKE: [&str; 5] = [
    // These tell nothing of what was before they began.
    "Subscription.messageChanged.contactId",
    "Subscription.messageChanged.conversationId",
    "Subscription.conversationChanged.contactId",
    "Subscription.contactsChanged.inboxId",
    "Subscription.contactsChanged.segmentId",
];

/// An id of this kind that never existed.
fn never(kind: &str) -> String {
    format!("{kind}_987654321")
}

#[tokio::test]
async fn a_foreign_id_answers_as_one_that_never_existed() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let (own, foreign) = (
            furnish(&house, &mine).await,
            furnish(&house, &house.owner("theirs").await).await,
        );
        for (place, kind, request) in TAKING_IDS {
            let with = |id: &str| json!({ "id": id, "import": own["import"], "team": own["team"], "tag": own["tag"],
                "channel": own["channel"], "contact": own["talker"], "broadcast": own["broadcast"], "conversation": own["conversation"] });
            let unknown = house.answer(&mine, request, with(&never(kind))).await;
            for id in [
                foreign[kind].as_str().unwrap(),
                "nonsense",
                "",
                "contact_0",
                "contact_-1",
                "job_1",
            ] {
                let answer = house.answer(&mine, request, with(id)).await;
                assert_eq!(answer, unknown, "{place} {id}");
            }
            let own = own[kind].as_str().unwrap();
            let answer = house.answer(&mine, request, with(own)).await;
            assert_ne!(answer, unknown, "{place} with an id of one's own");
        }
    })
    .await;
}

#[tokio::test]
async fn every_place_that_takes_an_id_is_tried() {
    let query = "{ __schema { types { name
        fields { name args { name type { ...t } } } inputFields { name type { ...t } }
    } } }
    fragment t on __Type { name ofType { name ofType { name ofType { name } } } }";
    let data = introspect(query).await;
    fn is_id(kind: &Json) -> bool {
        kind["name"] == "ID" || (!kind["ofType"].is_null() && is_id(&kind["ofType"]))
    }
    let mut places = BTreeSet::new();
    for kind in data["__schema"]["types"].as_array().unwrap() {
        let name = kind["name"].as_str().unwrap();
        for field in kind["fields"].as_array().into_iter().flatten() {
            let arguments = field["args"].as_array().unwrap().iter();
            let path = |argument: &Json| {
                format!(
                    "{name}.{}.{}",
                    field["name"].as_str().unwrap(),
                    argument["name"].as_str().unwrap()
                )
            };
            places.extend(
                arguments
                    .filter(|argument| is_id(&argument["type"]))
                    .map(path),
            );
        }
        let fields = kind["inputFields"].as_array().into_iter().flatten();
        places.extend(
            fields
                .filter(|field| is_id(&field["type"]))
                .map(|field| format!("{name}.{}", field["name"].as_str().unwrap())),
        );
    }
    let tried: BTreeSet<_> = TAKING_IDS
        .iter()
        .map(|(place, ..)| (*place).to_owned())
        .chain([WITH_A_FILE.to_owned()])
        .chain(BEGINNING_ALIKE.map(str::to_owned))
        .collect();
    assert_eq!(places, tried);
}

#[tokio::test]
async fn nodes_are_of_every_kind_and_of_the_own_workspace() {
    both(async |house| {
        let mine = house.owner("mine").await;
        let own = furnish(&house, &mine).await;
        let foreign = furnish(&house, &house.owner("theirs").await).await;
        for (node, (kind, name)) in nodes(&house, &mine, &own).await.iter().zip(KINDS) {
            assert_eq!(node, &json!({ "__typename": name, "id": own[kind] }));
        }
        let theirs = nodes(&house, &mine, &foreign).await;
        assert!(theirs.iter().all(Json::is_null));
    })
    .await;
    let query = "{ __type(name: \"Node\") { possibleTypes { name } } }";
    let data = introspect(query).await;
    let possible = data["__type"]["possibleTypes"].as_array().unwrap().iter();
    let possible: BTreeSet<_> = possible
        .map(|kind| kind["name"].as_str().unwrap())
        .collect();
    assert_eq!(possible, KINDS.iter().map(|(_, name)| *name).collect());
}
