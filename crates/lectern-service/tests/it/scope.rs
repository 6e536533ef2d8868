//! Nobody finds what they may not read, and nobody learns that it is there.

use crate::{
    fake::Fake,
    support::{METHODS, collection, collection_of, in_every_world, name, put, request},
};
use lectern_domain::{
    access::Principal,
    collection::{CollectionRef, Visibility},
    ids::UserId,
};
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
             VALUES (7, 'owner', 'owner@example.org', 'owner@example.org', 'none'), (8, 'other', 'other@example.org', 'other@example.org', 'none')",
        );
        let app = world.open(Some(&Fake::new())).await;
        let public = collection_of(&app, "public", None, Visibility::Public).await;
        // The default collection is a private one of the operator's; two users have one of the same name, each their own.
        let docs = collection_of(&app, "docs", None, Visibility::Private).await;
        let own = collection_of(&app, "docs", Some(UserId(7)), Visibility::Private).await;
        let others = collection_of(&app, "docs", Some(UserId(8)), Visibility::Private).await;
        for (of, id) in [(&public, "p"), (&docs, "d"), (&own, "s"), (&others, "o")] {
            put(&app, of, &[(id, "zebra")]).await;
        }
        app.followers.catch_up().await.unwrap();
        let named = |who: &str| CollectionRef::Name(name(who));
        let in_own = SearchRequest { collections: Some(vec![named("docs")]), ..request("zebra", METHODS[0], 10) };
        let secret = search(&app, user(7), &in_own).await.unwrap().passages[0].chunk.id.to_string();

        for method in METHODS {
            let asked =
                |collections| SearchRequest { collections, prefer: vec!["s".into(), secret.clone()], ..request("zebra", method, 10) };
            let sorted = async |who, request: SearchRequest| {
                let mut found = texts(&app, who, &request).await.unwrap();
                found.sort();
                found
            };
            assert_eq!(sorted(user(9), asked(None)).await, ["p"], "{method:?}");
            assert_eq!(sorted(user(7), asked(None)).await, ["p", "s"], "{method:?}");
            assert_eq!(sorted(Principal::User { id: UserId(1), admin: true }, asked(None)).await, ["d", "o", "p", "s"], "{method:?}");
            // A name is the caller's own collection, then the shared one.
            assert_eq!(sorted(user(7), asked(Some(vec![named("docs"), named("public"), named("docs")]))).await, ["p", "s"], "{method:?}");
            assert_eq!(sorted(user(8), asked(Some(vec![named("docs")]))).await, ["o"], "{method:?}");
            assert_eq!(sorted(Principal::Operator, asked(Some(vec![named("docs")]))).await, ["d"], "{method:?}");
            let unknown = CollectionRef::Id(uuid::Uuid::nil());
            for unreadable in [named("docs"), CollectionRef::Shared(name("docs")), CollectionRef::Id(own.collection.uid)] {
                let refused = async |one: &CollectionRef| {
                    let both = asked(Some(vec![named("public"), one.clone()]));
                    texts(&app, user(9), &both).await.unwrap_err().to_string().replace(&one.to_string(), "it")
                };
                assert_eq!(refused(&unreadable).await, refused(&unknown).await, "{unreadable:?}");
            }
        }
        let (ids, sids) = ([secret, "no id".to_owned()], ["d".to_owned()]);
        for who in [user(8), user(9)] {
            assert!(chunks(&app, who, &ids).await.unwrap().iter().all(Option::is_none));
            assert!(sheets(&app, who, &sids).await.unwrap().iter().all(Option::is_none));
        }
        assert_eq!(chunks(&app, user(7), &ids).await.unwrap().iter().flatten().count(), 1, "whatever collection it is in");
        assert_eq!(sheets(&app, Principal::Operator, &sids).await.unwrap().iter().flatten().count(), 1);
        assert!(!collection(&app).await.created, "an operator's collection stays private though the next load would make a public one");
    });
}
