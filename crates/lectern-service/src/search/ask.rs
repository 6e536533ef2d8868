//! Asking the indexes that a method names, and what is done where one of them is down.

use super::{
    find::SearchRequest,
    guard::Asked,
    semantic::{self, Question},
};
use crate::{ServiceError, app::App};
use lectern_domain::{
    access::Scope,
    ids::ChunkId,
    search::{Hit, Method, RANK_CONSTANT, Side, reciprocal_rank},
};
use lectern_vector_store::LexicalQuery;

/// What the indexes found.
pub(super) struct Hits {
    /// How it was searched in the end.
    pub(super) method: Method,
    /// The index that was left out since it is down.
    pub(super) degraded: Option<Side>,
    /// Best first.
    pub(super) hits: Vec<Hit>,
}

impl Hits {
    fn whole(method: Method, hits: Vec<Hit>) -> Self {
        Self { method, degraded: None, hits }
    }

    /// What the other index found.
    fn without(side: Side, hits: Vec<Hit>) -> Self {
        let method = match side {
            Side::Lexical => Method::Semantic,
            Side::Vectors => Method::Lexical,
        };
        Self { method, degraded: Some(side), hits }
    }
}

/// The hits of the indexes that the method names, merged. Where one is down the other is asked, whatever the method; where both are,
/// the search fails.
pub(super) async fn ask(
    app: &App,
    scope: &Scope,
    request: &SearchRequest,
    method: Method,
    depth: usize,
    question: &Question,
) -> Result<Hits, ServiceError> {
    let query = LexicalQuery {
        text: request.text.clone(),
        limit: depth,
        filter: request.filter.clone(),
        prefer: request.prefer.clone(),
        fuzzy: request.fuzzy,
    };
    let lexical = async || app.guards.ask(Side::Lexical, app.followers.lexical.search(scope, &query)).await;
    let nearest = async || semantic::search(app, scope, request, depth, question).await;
    match method {
        Method::Lexical => match lexical().await? {
            Ok(hits) => Ok(Hits::whole(Method::Lexical, hits)),
            Err(down) => match nearest().await? {
                Some(Ok(hits)) => Ok(Hits::without(Side::Lexical, hits)),
                _ => Err(down),
            },
        },
        Method::Semantic => match nearest().await?.ok_or(ServiceError::NoEmbeddings)? {
            Ok(hits) => Ok(Hits::whole(Method::Semantic, hits)),
            Err(down) => lexical().await?.map(|hits| Hits::without(Side::Vectors, hits)).or(Err(down)),
        },
        Method::Hybrid => {
            let (lexical, nearest) = tokio::try_join!(lexical(), nearest())?;
            hybrid(lexical, nearest)
        }
    }
}

/// Both lists as one. A scope without vectors is searched by its words.
fn hybrid(lexical: Asked, nearest: Option<Asked>) -> Result<Hits, ServiceError> {
    let ids = |hits: Vec<Hit>| hits.into_iter().map(|hit| hit.chunk).collect::<Vec<ChunkId>>();
    match (lexical, nearest) {
        (Ok(lexical), None) => Ok(Hits::whole(Method::Lexical, lexical)),
        (Ok(lexical), Some(Ok(nearest))) => Ok(Hits::whole(Method::Hybrid, reciprocal_rank(&[ids(lexical), ids(nearest)], RANK_CONSTANT))),
        (Ok(lexical), Some(Err(_))) => Ok(Hits::without(Side::Vectors, lexical)),
        (Err(_), Some(Ok(nearest))) => Ok(Hits::without(Side::Lexical, nearest)),
        (Err(down), _) => Err(down),
    }
}
