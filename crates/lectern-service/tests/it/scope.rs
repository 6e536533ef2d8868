//! Nobody finds what they may not read, and nobody learns that it is there.

use crate::{
    fake::Fake,
    support::{METHODS, collection, collection_of, in_every_world, name, put, request},
};
use lectern_domain::{access::Principal, collection::Visibility, ids::UserId};
use lectern_service::{
    ServiceError,
    app::App,
    search::{SearchRequest, chunks, search, sheets},
};

fn user(id: i32) -> Principal {
    Principal::User { id: UserId(id), admin: false }
}

async fn texts(app: &App, who: Principal, request: &SearchRequest) -> Result<Vec<String>, ServiceError> {
    Ok(search(app, who, request).await?.passages.into_iter().map(|found| found.chunk.external_id).collect())
}

#[test]
fn a_private_collection_is_its_owners() {
    in_every_world(async |world| {
        world.sql(
            "INSERT INTO users (id, username, email, email_key, hashed_password) \
             VALUES (7, 'owner', 'owner@example.org', 'owner@example.org', 'none')",
        );
        let app = world.open(Some(&Fake::new())).await;
        let public = collection_of(&app, "public", None, Visibility::Public).await;
        // The default collection is the private one.
        let private = collection_of(&app, "docs", Some(UserId(7)), Visibility::Private).await;
        put(&app, &public, &[("p", "zebra")]).await;
        put(&app, &private, &[("s", "zebra")]).await;
        app.followers.catch_up().await.unwrap();
        let secret = search(&app, user(7), &request("zebra", METHODS[0], 10)).await.unwrap().passages[0].chunk.id.to_string();

        for method in METHODS {
            let everywhere = SearchRequest { collections: None, prefer: vec!["s".into(), secret.clone()], ..request("zebra", method, 10) };
            assert_eq!(texts(&app, user(8), &everywhere).await.unwrap(), ["p"], "{method:?}");
            let mut own = texts(&app, user(7), &everywhere).await.unwrap();
            own.sort();
            assert_eq!(own, ["p", "s"], "{method:?}");
            let refused = |called: &str| SearchRequest { collections: Some(vec![name("public"), name(called)]), ..everywhere.clone() };
            let unreadable = texts(&app, user(8), &refused("docs")).await.unwrap_err().to_string();
            let unknown = texts(&app, user(8), &refused("nothing")).await.unwrap_err().to_string();
            assert_eq!(unreadable.replace("docs", "nothing"), unknown);
        }
        let (ids, sids) = ([secret, "no id".to_owned()], ["s".to_owned()]);
        assert!(chunks(&app, user(8), &ids).await.unwrap().iter().all(Option::is_none));
        assert!(sheets(&app, user(8), &sids).await.unwrap().iter().all(Option::is_none));
        assert_eq!(chunks(&app, user(7), &ids).await.unwrap().iter().flatten().count(), 1);
        assert_eq!(sheets(&app, user(7), &sids).await.unwrap().iter().flatten().count(), 1);
        assert!(collection(&app).await.collection.owner.is_some(), "an existing collection keeps its owner");
    });
}
