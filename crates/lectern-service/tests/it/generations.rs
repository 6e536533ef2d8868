//! Generations: built beside the one that serves, put in its place, dropped.

use crate::{
    fake::Fake,
    index::with_every_pair,
    support::{World, collection, delete, first, found, in_every_world, put},
};
use lectern_domain::search::Method;
use lectern_service::{
    ServiceError,
    index::{Chosen, Progress, Shape, drop as drop_generation, rebuild, status, switch, verify},
    stores::StoreOptions,
};
use std::{sync::atomic::Ordering::SeqCst, time::Duration};

const LIMIT: Duration = Duration::from_secs(120);

fn name(name: &str) -> lectern_domain::collection::CollectionKey {
    crate::support::name(name).into()
}

#[test]
fn a_rebuild_of_the_same_shape_calls_no_model_and_takes_the_place_of_the_old_one() {
    with_every_pair(async |world: &World<'_>, stores: StoreOptions| {
        let fake = Fake::new();
        let app = world.open_on(Some(&fake), stores).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha"), ("b", "beta"), ("c", "gamma")]).await;
        app.followers.catch_up().await.unwrap();
        let (old, calls) = (docs.generation.id, fake.embedded().len());
        let mut told: Vec<Progress> = Vec::new();
        let built = rebuild(&app, &name("docs"), Shape::default(), |progress| told.push(progress)).await.unwrap();
        assert!(built.created && built.generation > old);
        assert_eq!(fake.embedded().len(), calls, "no text was embedded again");
        assert_eq!(told.last().map(|last| (last.chunks, last.embedded, last.generation)), Some((3, 3, built.generation)));
        // Both follow.
        put(&app, &docs, &[("b", "other"), ("d", "delta")]).await;
        delete(&app, &docs, &["c"]).await;
        let checked = verify(&app, &Chosen::default(), LIMIT).await.unwrap();
        assert_eq!((checked.indexes.len(), checked.differences()), (4, 0), "{checked:?}");
        assert!(checked.indexes.iter().all(|index| index.held == 3), "{checked:?}");
        // A second call goes on with what is there.
        assert!(!rebuild(&app, &name("docs"), Shape::default(), |_| {}).await.unwrap().created);

        let switched = switch(&app, &name("docs"), None, LIMIT).await.unwrap();
        assert_eq!((switched.from, switched.to), (old, built.generation));
        let again = switch(&app, &name("docs"), Some(built.generation), LIMIT).await.unwrap_err();
        assert!(matches!(again, ServiceError::NotSwitched { .. }), "{again}");
        for method in [Method::Lexical, Method::Semantic] {
            first(found(&app, method, "delta").await, "d");
        }
        let current = drop_generation(&app, built.generation).await.unwrap_err();
        assert!(matches!(current, ServiceError::NotDropped { .. }), "{current}");
        drop_generation(&app, old).await.unwrap();
        let left = status(&app, &Chosen::default()).await.unwrap();
        assert_eq!(
            left.iter().map(|status| (status.kept.generation.id, status.kept.current)).collect::<Vec<_>>(),
            [(built.generation, true)]
        );
        put(&app, &docs, &[("e", "epsilon")]).await;
        assert_eq!(verify(&app, &Chosen::default(), LIMIT).await.unwrap().differences(), 0);
        first(found(&app, Method::Lexical, "epsilon").await, "e");
        assert!(matches!(drop_generation(&app, old).await, Err(ServiceError::NotDropped { .. })));
    });
}

#[test]
fn another_model_is_built_beside_the_one_that_serves_and_resumed_where_it_stopped() {
    in_every_world(async |world: &World<'_>| {
        let (one, two) = (Fake::new(), Fake::of_model("other", 1));
        let serving = world.open(Some(&one)).await;
        let docs = collection(&serving).await;
        let many: Vec<(String, String)> = (0..200).map(|n| (format!("d{n}"), format!("text{n}"))).collect();
        for part in many.chunks(50) {
            put(&serving, &docs, &part.iter().map(|(id, text)| (id.as_str(), text.as_str())).collect::<Vec<_>>()).await;
        }
        serving.followers.catch_up().await.unwrap();
        let running = serving.followers.start();

        let building = world.open(Some(&two)).await;
        let (docs_name, mut told) = (name("docs"), Vec::new());
        {
            let rebuilding = rebuild(&building, &docs_name, Shape::default(), |progress: Progress| told.push(progress));
            tokio::pin!(rebuilding);
            // The model stops after its first batch, and the one that serves goes on.
            let serves = async {
                let new = loop {
                    let known = status(&serving, &Chosen::default()).await.unwrap();
                    if let Some(new) = known.iter().find(|status| !status.kept.current && status.embedded > 0) {
                        break new.kept.generation.id;
                    }
                    tokio::task::yield_now().await;
                };
                put(&serving, &docs, &[("late", "zebra")]).await;
                while found(&serving, Method::Lexical, "zebra").await.is_empty() {
                    tokio::task::yield_now().await;
                }
                let refused = switch(&serving, &docs_name, Some(new), LIMIT).await.unwrap_err();
                assert!(matches!(refused, ServiceError::NotSwitched { .. }), "{refused}");
                two.failing.store(true, SeqCst);
                two.gate.add_permits(1_000_000);
            };
            let (failed, ()) = tokio::join!(&mut rebuilding, serves);
            assert!(matches!(failed, Err(ServiceError::Llm(_))), "{failed:?}");
        }
        let before = two.embedded().len();
        assert!(before > 0 && before < 201, "{before}");
        two.failing.store(false, SeqCst);
        let built = rebuild(&building, &docs_name, Shape::default(), |_| {}).await.unwrap();
        assert!(!built.created);
        let embedded = two.embedded();
        assert_eq!(embedded.len(), 201, "each text once");
        let switched = switch(&building, &docs_name, None, LIMIT).await.unwrap();
        assert_eq!(switched.to, built.generation);
        // Other words fall on the same component of this model's vectors.
        assert!(found(&building, Method::Semantic, "zebra").await.contains(&"late".to_owned()));
        running.stop().await;
        // And back, for those who have the old model.
        assert_eq!(switch(&serving, &docs_name, Some(docs.generation.id), LIMIT).await.unwrap().to, docs.generation.id);
        assert!(found(&serving, Method::Semantic, "zebra").await.contains(&"late".to_owned()));
    });
}

#[test]
fn a_generation_that_differs_is_not_searched_by() {
    in_every_world(async |world: &World<'_>| {
        let app = world.open(Some(&Fake::new())).await;
        let docs = collection(&app).await;
        put(&app, &docs, &[("a", "alpha"), ("b", "beta")]).await;
        let built = rebuild(&app, &name("docs"), Shape::default(), |_| {}).await.unwrap();
        world.sql("UPDATE documents SET title = 'another' WHERE external_id = 'a'");
        let refused = switch(&app, &name("docs"), Some(built.generation), LIMIT).await.unwrap_err().to_string();
        assert!(refused.contains("1 chunks differ"), "{refused}");
        let unknown = switch(&app, &name("docs"), Some(lectern_domain::ids::GenerationId(999)), LIMIT).await.unwrap_err();
        assert!(matches!(unknown, ServiceError::NotSwitched { .. }));
        lectern_service::index::repair(&app, &Chosen::default(), LIMIT).await.unwrap();
        switch(&app, &name("docs"), None, LIMIT).await.unwrap();
    });
}

#[test]
fn an_empty_collection_is_rebuilt_too_and_a_dropped_generation_leaves_the_folder() {
    in_every_world(async |world: &World<'_>| {
        let (holder, other) = (world.open(Some(&Fake::new())).await, world.open(Some(&Fake::new())).await);
        let docs = collection(&holder).await;
        holder.followers.catch_up().await.unwrap();
        let built = rebuild(&holder, &name("docs"), Shape::default(), |_| {}).await.unwrap();
        put(&holder, &docs, &[("a", "alpha")]).await;
        holder.followers.catch_up().await.unwrap();
        let folder = |id: lectern_domain::ids::GenerationId| {
            let installation = std::fs::read_dir(world.index()).unwrap().next().unwrap().unwrap().path();
            installation.join(format!("g{id}")).exists()
        };
        assert!(folder(built.generation) && folder(docs.generation.id));
        // Another process drops it: the one that holds the folder sees that it is gone.
        drop_generation(&other, built.generation).await.unwrap();
        holder.followers.catch_up().await.unwrap();
        assert!(!folder(built.generation) && folder(docs.generation.id));
    });
}

#[test]
fn another_chunking_is_cut_beside_the_one_that_serves() {
    in_every_world(async |world: &World<'_>| {
        let fake = Fake::new();
        let app = world.open(Some(&fake)).await;
        let docs = collection(&app).await;
        let long = |word: &str| (0..60).map(|n| format!("{word}{n} ")).collect::<String>();
        let (alpha, beta) = (long("alpha"), long("beta"));
        put(&app, &docs, &[("a", &alpha), ("b", &beta), ("empty", "")]).await;
        app.followers.catch_up().await.unwrap();
        let before = world.chunks();
        let wrong = rebuild(&app, &name("docs"), Shape { chunk_chars: Some(10), ..Shape::default() }, |_| {}).await.unwrap_err();
        assert!(matches!(wrong, ServiceError::Invalid(_)), "{wrong}");
        let shape = Shape { chunk_chars: Some(100), ..Shape::default() };
        let mut cut = 0;
        let built = rebuild(&app, &name("docs"), shape, |progress: Progress| cut = progress.cut).await.unwrap();
        assert_eq!(cut, 2);
        assert!(world.chunks().len() > before.len() && world.chunks().is_superset(&before));
        assert!(!rebuild(&app, &name("docs"), shape, |_| {}).await.unwrap().created);
        // What is put and deleted meanwhile is cut for both, and goes from both.
        put(&app, &docs, &[("b", &long("gamma")), ("c", &long("delta"))]).await;
        delete(&app, &docs, &["a"]).await;
        let checked = verify(&app, &Chosen::default(), LIMIT).await.unwrap();
        assert_eq!((checked.indexes.len(), checked.differences()), (4, 0), "{checked:?}");
        let (old, new) = (&checked.indexes[0], &checked.indexes[2]);
        assert!(old.current && !new.current && new.wanted > old.wanted && old.wanted > 2, "{checked:?}");
        switch(&app, &name("docs"), None, LIMIT).await.unwrap();
        for method in [Method::Lexical, Method::Semantic] {
            first(found(&app, method, "delta7 delta8").await, "c");
        }
        drop_generation(&app, docs.generation.id).await.unwrap();
        let wanted = new.wanted;
        assert_eq!(world.chunks().len() as u64, wanted, "chunks of the old chunking are gone");
        // Who still has the old generation in hand puts for those that there are.
        put(&app, &docs, &[("d", &long("zeta"))]).await;
        let checked = verify(&app, &Chosen::default(), LIMIT).await.unwrap();
        assert_eq!(checked.differences(), 0, "{checked:?}");
        assert!(checked.indexes.iter().all(|index| index.generation == built.generation && index.wanted > wanted), "{checked:?}");
        first(found(&app, Method::Lexical, "zeta3").await, "d");
    });
}
