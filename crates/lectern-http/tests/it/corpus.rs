//! A few documents, for tests that search.

use crate::support::Server;
use lectern_domain::{
    collection::{Chunking, CollectionName, Visibility},
    document::{ExternalId, Format, NewDocument},
    fields::{FilterableFields, INSTITUTION},
    language::Language,
};
use lectern_service::corpora::{NewCollectionSpec, ensure, put};
use serde_json::{Value, json};

/// Loads four short sheets into the default collection, and waits until they can be found.
pub(crate) async fn load(server: &Server) {
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
    load_into(server, server.app.default_collection.clone(), documents.to_vec()).await;
}

/// Loads three short experiences, of two institutions and of none, into the collection of that name.
pub(crate) async fn load_experiences(server: &Server) {
    let experiences = [
        ("10", "Vélo électrique", Some("CAF"), "J'ai demandé l'aide pour un vélo électrique, sans réponse depuis deux mois."),
        ("11", "Vélo cargo", Some("CPAM"), "Le dossier du vélo cargo a été traité en une semaine."),
        ("12", "Vélo d'enfant", None, "L'aide pour un vélo d'enfant n'existe pas."),
    ];
    let documents = experiences.map(|(id, title, institution, text)| {
        let metadata = institution.map(|name| json!({ "titre": title, INSTITUTION: name }));
        NewDocument {
            external_id: ExternalId::try_from(id.to_owned()).expect("an id"),
            title: title.to_owned(),
            url: None,
            source: None,
            metadata: metadata.as_ref().and_then(Value::as_object).cloned().unwrap_or_default(),
            format: Format::Text,
            text: text.to_owned(),
        }
    });
    let name = CollectionName::try_from("experiences".to_owned()).expect("a name");
    load_into(server, name, documents.to_vec()).await;
}

/// Loads documents into a collection that everybody may read, and waits until they can be found.
async fn load_into(server: &Server, name: CollectionName, documents: Vec<NewDocument>) {
    let chunking = Chunking::new(500, 0).expect("a chunking");
    let fields = FilterableFields::default();
    let spec = NewCollectionSpec { name, owner: None, visibility: Visibility::Public, language: Language::Fr, chunking, fields };
    let made = ensure(&server.app, spec).await.expect("a collection");
    put(&server.app, &made.collection, &made.generation, documents).await.expect("it is stored");
    server.app.followers.catch_up().await.expect("it is indexed");
}
