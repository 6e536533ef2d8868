//! The routes, one file a verb, with the shapes that they read and write beside them.

mod account;
mod chat;
mod collections;
mod completions;
mod docs;
mod documents;
mod endpoint;
mod feedback;
mod health;
mod jobs;
mod listing;
mod lists;
mod models;
mod page;
mod retrieval;
mod search;
mod stream;
mod token;

#[cfg(test)]
pub(crate) use collections::Metadata;
pub(crate) use endpoint::Endpoint;

/// Every route there is.
pub(crate) fn endpoints() -> Vec<Endpoint> {
    [
        account::endpoints(),
        lists::endpoints(),
        token::endpoints(),
        chat::endpoints(),
        stream::endpoints(),
        feedback::endpoints(),
        models::endpoints(),
        search::endpoints(),
        health::endpoints(),
        docs::endpoints(),
        collections::endpoints(),
        documents::endpoints(),
        jobs::endpoints(),
        retrieval::endpoints(),
        // Last, since a path of it matches all of `/api/v1`.
        completions::endpoints(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The method and the path of every route, for documentation and tests.
pub fn routes() -> Vec<(actix_web::http::Method, &'static str)> {
    let pairs = |endpoint: Endpoint| endpoint.methods.into_iter().map(move |method| (method, endpoint.path));
    endpoints().into_iter().flat_map(pairs).collect()
}
