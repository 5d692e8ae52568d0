//! What a client sees when something of ours fails: a code, and never SQL.

use super::harness::both;
use sea_orm::ConnectionTrait;
use serde_json::json;

#[tokio::test]
async fn what_fails_inside_stays_inside() {
    both(async |house| {
        let viewer = house.owner("one").await;
        for name in ["a", "b", "c"] {
            house.contact(&viewer, json!({ "name": name })).await;
        }
        let broken = "DROP TABLE segment_member";
        house.db.read().execute_unprepared(broken).await.unwrap();
        let before = house.db.statements();
        let query = "{ contacts { nodes { segments { name } } } }";
        let answer = house.answer(&viewer, query, json!({})).await;
        assert_eq!(answer["data"], json!(null));
        for error in answer["errors"].as_array().unwrap() {
            assert_eq!(error["message"], "internal error");
            assert_eq!(error["extensions"], json!({ "code": "INTERNAL" }));
        }
        // Attributes, the page, the segments, and one attempt at who of all three is in which.
        assert!(house.db.statements() - before <= 4);
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_away_is_unavailable() {
    both(async |house| {
        let viewer = house.owner("one").await;
        house.db.close().await.unwrap();
        let create = "mutation { createContact(input: {contact: {}}) { userErrors { code } } }";
        for query in [
            "{ workspace { name } }",
            "{ contacts { nodes { id } } }",
            create,
        ] {
            let answer = house.answer(&viewer, query, json!({})).await;
            assert_eq!(
                answer["errors"][0]["extensions"],
                json!({ "code": "UNAVAILABLE" }),
                "{query}"
            );
        }
        let answer = house
            .answer(&viewer, "{ contact(id: \"contact_1\") { id } }", json!({}))
            .await;
        assert_eq!(answer["data"], json!({ "contact": null }));
    })
    .await;
}
