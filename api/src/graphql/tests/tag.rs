//! Tags.

use super::harness::both;
use sea_orm::{ActiveModelTrait, Set};
use serde_json::{Value as Json, json};

const UPDATE: &str = "mutation ($input: UpdateTagInput!) { updateTag(input: $input) {
    tag { name colour contactCount } userErrors { field code }
} }";
const MERGE: &str =
    "mutation ($ids: [ID!]!, $into: ID!) { mergeTags(input: {ids: $ids, intoId: $into}) {
    tag { name contactCount } userErrors { field code }
} }";
const DELETE: &str =
    "mutation ($id: ID!) { deleteTag(input: {id: $id}) { deletedId userErrors { field code } } }";

#[tokio::test]
async fn a_tag_has_a_name_and_a_colour() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let create = "mutation ($input: CreateTagInput!) { createTag(input: $input) {
            tag { id name colour contactCount } userErrors { field code }
        } }";
        let made = async |input: Json| {
            let data = house.ask(&viewer, create, json!({ "input": input })).await;
            data["createTag"].clone()
        };
        let vip = made(json!({ "name": " VIP ", "colour": "#1A2b3C" })).await["tag"].clone();
        assert_eq!((&vip["name"], &vip["colour"], &vip["contactCount"]), (&json!("VIP"), &json!("#1a2b3c"), &json!(0)));
        for (input, field, code) in [
            (json!({ "name": "víp" }), "name", "TAKEN"),
            (json!({ "name": "" }), "name", "INVALID"),
            (json!({ "name": "x", "colour": "red" }), "colour", "INVALID"),
            (json!({ "name": "x", "colour": "#12345" }), "colour", "INVALID"),
            (json!({ "name": "x", "colour": "#12345é" }), "colour", "INVALID"),
        ] {
            let refused = made(input).await;
            assert_eq!(refused, json!({ "tag": null, "userErrors": [{ "field": [field], "code": code }] }));
        }
        made(json!({ "name": "other" })).await;
        let id = vip["id"].clone();
        for (changes, name, colour) in [
            (json!({ "id": id, "name": "100 % good" }), "100 % good", json!("#1a2b3c")),
            (json!({ "id": id, "colour": null }), "100 % good", Json::Null),
            (json!({ "id": id, "colour": "#ffffff", "name": null }), "100 % good", json!("#ffffff")),
        ] {
            let data = house.ask(&viewer, UPDATE, json!({ "input": changes })).await;
            assert_eq!(data["updateTag"]["tag"], json!({ "name": name, "colour": colour, "contactCount": 0 }));
        }
        let data = house.ask(&viewer, UPDATE, json!({ "input": { "id": id, "name": "OTHER" } })).await;
        assert_eq!(data["updateTag"]["userErrors"], json!([{ "field": ["name"], "code": "TAKEN" }]));
        let query = "query ($search: String, $after: String) { tags(first: 1, search: $search, after: $after) {
            nodes { name } pageInfo { hasNextPage endCursor }
        } }";
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(data["tags"]["nodes"], json!([{ "name": "other" }]));
        let after = &data["tags"]["pageInfo"]["endCursor"];
        let data = house.ask(&viewer, query, json!({ "after": after })).await;
        assert_eq!(data["tags"]["nodes"], json!([{ "name": "100 % good" }]));
        assert_eq!(data["tags"]["pageInfo"]["hasNextPage"], false);
        let data = house.ask(&viewer, query, json!({ "search": "0 % GÓ" })).await;
        assert_eq!(data["tags"]["nodes"], json!([{ "name": "100 % good" }]));
    })
    .await;
}

#[tokio::test]
async fn who_had_one_of_the_merged_tags_has_the_other_instead() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let foreign = house.owner("two").await;
        let theirs = house.tag(&foreign, "a").await;
        let mut ids = Vec::new();
        for name in ["a", "b", "into", "apart"] {
            ids.push(house.tag(&viewer, name).await);
        }
        for tags in [json!(["a"]), json!(["a", "b"]), json!(["b", "into"]), json!(["into", "apart"]), json!(["apart"]), json!([])] {
            house.contact(&viewer, json!({ "name": tags.to_string(), "tagNames": tags })).await;
        }
        let merge = async |from: &[&String], into: &String| {
            let data = house.ask(&viewer, MERGE, json!({ "ids": from, "into": into })).await;
            data["mergeTags"].clone()
        };
        let wrong = merge(&[&ids[0], &theirs, &ids[2]], &ids[2]).await;
        assert_eq!(wrong, json!({ "tag": null, "userErrors": [
            { "field": ["ids", "1"], "code": "NOT_FOUND" }, { "field": ["ids", "2"], "code": "INVALID" },
        ] }));
        let wrong = merge(&[&ids[0]], &theirs).await;
        assert_eq!(wrong["userErrors"], json!([{ "field": ["intoId"], "code": "NOT_FOUND" }]));
        let merged = merge(&[&ids[0], &ids[1], &ids[0]], &ids[2]).await;
        assert_eq!(merged, json!({ "tag": { "name": "into", "contactCount": 4 }, "userErrors": [] }));
        let query = "{ contacts { nodes { version tags { name } } } tags { nodes { name contactCount } } }";
        let data = house.ask(&viewer, query, json!({})).await;
        let tags = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
            json!({ "version": 1, "tags": names })
        };
        let expected = [tags(&[]), tags(&["apart"]), tags(&["apart", "into"]), tags(&["into"]), tags(&["into"]), tags(&["into"])];
        assert_eq!(data["contacts"]["nodes"], json!(expected));
        let left = json!([{ "name": "apart", "contactCount": 2 }, { "name": "into", "contactCount": 4 }]);
        assert_eq!(data["tags"]["nodes"], left);
        let data = house.ask(&viewer, DELETE, json!({ "id": ids[3] })).await;
        assert_eq!(data["deleteTag"]["deletedId"], ids[3]);
        let data = house.ask(&viewer, query, json!({})).await;
        assert_eq!(data["contacts"]["nodes"][1], tags(&[]));
        let data = house.ask(&foreign, query, json!({})).await;
        assert_eq!(data["tags"]["nodes"], json!([{ "name": "a", "contactCount": 0 }]));
    })
    .await;
}

#[tokio::test]
async fn a_tag_that_rules_name_stays() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let (used, free) = (
            house.tag(&viewer, "used").await,
            house.tag(&viewer, "free").await,
        );
        let filter = json!({ "or": [{ "name": { "eq": "x" } }, { "tags": { "anyOf": [used] } }] });
        let tx = house.db.write().await.unwrap();
        let row = entity::segment::ActiveModel {
            workspace_id: Set(viewer.workspace_id),
            name: Set("Good ones".to_owned()),
            name_key: Set("good ones".to_owned()),
            kind: Set(entity::segment::SegmentKind::Rules),
            rules: Set(entity::segment::SegmentRules(vec![
                entity::segment::SegmentRule { name: None, filter },
            ])),
            created_by_import_id: Set(None),
            created_at: Set(domain::clock::now()),
            ..Default::default()
        };
        row.insert(&*tx).await.unwrap();
        tx.commit().await.unwrap();
        let data = house.ask(&viewer, DELETE, json!({ "id": used })).await;
        assert_eq!(
            data["deleteTag"],
            json!({ "deletedId": null, "userErrors": [{ "field": ["id"], "code": "IN_USE" }] })
        );
        let data = house
            .ask(&viewer, MERGE, json!({ "ids": [used], "into": free }))
            .await;
        assert_eq!(
            data["mergeTags"]["userErrors"],
            json!([{ "field": ["ids", "0"], "code": "IN_USE" }])
        );
        let data = house
            .ask(&viewer, MERGE, json!({ "ids": [free], "into": used }))
            .await;
        assert_eq!(
            data["mergeTags"]["tag"],
            json!({ "name": "used", "contactCount": 0 })
        );
    })
    .await;
}

#[tokio::test]
async fn the_search_box_finds_a_tag_by_its_present_name() {
    both(async |house| {
        let viewer = house.owner("one").await;
        house
            .contact(&viewer, json!({ "name": "Ada", "tagNames": ["Frühling"] }))
            .await;
        house.contact(&viewer, json!({ "name": "Grace" })).await;
        let query =
            "query ($search: String) { contacts(search: $search) { nodes { name tags { id } } } }";
        let data = house
            .ask(&viewer, query, json!({ "search": "fruhl" }))
            .await;
        assert_eq!(data["contacts"]["nodes"][0]["name"], "Ada");
        let id = &data["contacts"]["nodes"][0]["tags"][0]["id"];
        house
            .ask(
                &viewer,
                UPDATE,
                json!({ "input": { "id": id, "name": "Herbst" } }),
            )
            .await;
        for (search, found) in [("fruhl", 0), ("erbs", 1)] {
            let data = house.ask(&viewer, query, json!({ "search": search })).await;
            assert_eq!(
                data["contacts"]["nodes"].as_array().unwrap().len(),
                found,
                "{search}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn those_who_tag_at_once_share_the_tags() {
    both(async |house| {
        let viewer = house.owner("one").await;
        let tag =
            async |names: [&str; 3]| house.contact(&viewer, json!({ "tagNames": names })).await;
        tokio::join!(
            tag(["a", "b", "c"]),
            tag(["c", "b", "a"]),
            tag(["B", "C", "D"]),
            tag(["d", "A", "b"])
        );
        let data = house
            .ask(&viewer, "{ tags { nodes { contactCount } } }", json!({}))
            .await;
        let counts = data["tags"]["nodes"].as_array().unwrap().iter();
        let counts: Vec<_> = counts
            .map(|tag| tag["contactCount"].as_i64().unwrap())
            .collect();
        assert_eq!((counts.len(), counts.iter().sum::<i64>()), (4, 12));
    })
    .await;
}
