//! A server that does nothing but the statements: no parsing, no checks, no shapes. On PostgreSQL the statements of a request share one
//! trip to the pool; on SQLite a write goes to the one writer, as every write must.

use crate::{Served, ours::Ours};
use actix_web::{
    App as Actix, HttpResponse, HttpServer, rt,
    web::{self, Bytes, Data},
};
use lectern_domain::{
    digest::Digest,
    ids::UserId,
    page::Page,
    stream::{NewStream, Temperature},
};
use lectern_service::blocking::Bridge;
use lectern_testkit::persistence::{
    Backend, DbError,
    repo::{chats, streams, users},
};
use std::{hint::black_box, net::TcpListener};

const ANSWER: &str = "{}";

/// What the statements are given.
#[derive(Clone)]
struct Bare {
    bridge: Bridge,
    user: UserId,
    session: Digest,
}

fn done() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(ANSWER)
}

async fn me(bare: Data<Bare>) -> HttpResponse {
    let (user, session) = (bare.user, bare.session);
    black_box(bare.bridge.read::<_, DbError>(move |c| users::by_session(c, user, session)).await.expect("it reads"));
    done()
}

async fn list(bare: Data<Bare>) -> HttpResponse {
    let (user, session) = (bare.user, bare.session);
    let read = bare.bridge.read::<_, DbError>(move |c| {
        black_box(users::by_session(c, user, session)?);
        chats::list(c, user, Page { skip: 0, limit: 10, descending: false })
    });
    black_box(read.await.expect("it reads"));
    done()
}

async fn ask(bare: Data<Bare>, body: Bytes) -> HttpResponse {
    black_box(body);
    let (user, session) = (bare.user, bare.session);
    let question = NewStream {
        model_name: "lectern-extractive".to_owned(),
        query: "Combien coûte la location du vélo municipal ?".to_owned(),
        mode: Some("rag".to_owned()),
        limit: None,
        with_history: None,
        context: String::new(),
        institution: String::new(),
        links: String::new(),
        temperature: Temperature::default(),
        collections: None,
        sources: Vec::new(),
        should_sids: None,
        must_not_sids: None,
        postprocessing: None,
    };
    let together = bare.bridge.database().backend() == Backend::Postgres;
    if !together {
        black_box(bare.bridge.read::<_, DbError>(move |c| users::by_session(c, user, session)).await.expect("it reads"));
    }
    let write = bare.bridge.write::<_, DbError>(move |tx| {
        if together {
            black_box(users::by_session(tx.conn(), user, session)?);
        }
        streams::insert(tx.conn(), user, None, question)
    });
    black_box(write.await.expect("it writes"));
    done()
}

/// Serves the statements of an application's requests.
pub(crate) fn serve(world: &Ours) -> Served {
    let bare = Bare { bridge: world.app.bridge.clone(), user: world.user.id, session: Digest::of(&world.token) };
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let server = HttpServer::new(move || {
        Actix::new()
            .app_data(Data::new(bare.clone()))
            .route("/me", web::get().to(me))
            .route("/chats", web::get().to(list))
            .route("/stream", web::post().to(ask))
    });
    let server = server.disable_signals().listen(listener).expect("it listens").run();
    let handle = server.handle();
    rt::spawn(server);
    Served { address, handle }
}
