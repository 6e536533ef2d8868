//! A few documents, for tests that search.

use crate::support::Server;
use lectern_domain::{
    collection::{Chunking, Visibility},
    document::{ExternalId, Format, NewDocument},
    language::Language,
};
use lectern_service::corpora::{NewCollectionSpec, ensure, put};
use serde_json::json;

/// Loads four short sheets into the default collection, and waits until they can be found.
pub(crate) async fn load(server: &Server) {
    let spec = NewCollectionSpec {
        name: server.app.default_collection.clone(),
        owner: None,
        visibility: Visibility::Public,
        language: Language::Fr,
        chunking: Chunking::new(500, 0).expect("a chunking"),
    };
    let made = ensure(&server.app, spec).await.expect("a collection");
    let sheets = [
        (
            "F1",
            "Carte de bibliothèque",
            "service-public",
            "La carte de bibliothèque est gratuite pour les habitants. Elle est valable douze mois.",
        ),
        (
            "F2",
            "Location de vélo",
            "service-public",
            "Le vélo municipal se loue au mois ou à la semaine. La location du vélo coûte vingt euros par mois, avec une caution de cent euros.",
        ),
        ("F3", "Congé de formation", "travail-emploi", "Le congé de formation se demande par écrit soixante jours avant son début."),
        ("F4", "Page vide", "service-public", ""),
    ];
    let documents = sheets.map(|(id, title, source, text)| NewDocument {
        external_id: ExternalId::try_from(id.to_owned()).expect("an id"),
        title: title.to_owned(),
        url: Some(format!("https://example.org/{id}")),
        source: Some(source.to_owned()),
        metadata: json!({"theme": "Vie locale", "sid": "never shown"}).as_object().cloned().expect("an object"),
        format: Format::Text,
        text: text.to_owned(),
    });
    put(&server.app, &made.collection, &made.generation, documents.to_vec()).await.expect("it is stored");
    server.app.followers.catch_up().await.expect("it is indexed");
}
