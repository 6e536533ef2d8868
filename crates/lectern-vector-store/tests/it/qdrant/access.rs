//! Who asks, and over what.

use super::options;
use crate::support::{INSTALLATION, wait};
use lectern_testkit::{
    proxy::{Guard, Proxy},
    qdrant_server::QdrantServer,
    smtp::Authority,
    upstream::{Scripted, Upstream},
};
use lectern_vector_store::{
    StoreError,
    qdrant::{Qdrant, QdrantOptions},
};

const KEY: &str = "a-key-of-some-length";

#[test]
fn the_key_is_sent_in_its_header_over_tls_to_who_is_trusted() {
    let Some(server) = QdrantServer::named() else { return };
    let (authority, other) = (Authority::new("ours"), Authority::new("another"));
    let guard = Guard::none().asking_for_header("api-key", KEY).with_tls(&authority, "localhost");
    let proxy = wait(Proxy::start(&server.url, guard));
    let check = |key: Option<&str>, ca: Option<&Authority>| {
        let options = QdrantOptions {
            api_key: key.map(str::to_owned),
            ca: ca.map(|authority| authority.pem().into_bytes()),
            ..options(&proxy.url(), &server.prefix)
        };
        wait(Qdrant::new(&options, INSTALLATION).unwrap().vectors().check(&[]))
    };
    check(Some(KEY), Some(&authority)).unwrap();
    for wrong in [Some("another-key"), None] {
        let error = check(wrong, Some(&authority)).unwrap_err();
        assert!(matches!(&error, StoreError::Refused { why, .. } if why.contains("(401)")), "{error}");
        assert!(!error.to_string().contains("another-key"), "{error}");
    }
    // Without the certificate of its authority, or with another's, nothing is said to it.
    for untrusted in [None, Some(&other)] {
        let error = check(Some(KEY), untrusted).unwrap_err();
        assert!(matches!(&error, StoreError::Unavailable { why, .. } if why.contains("certificate")), "{error}");
    }
}

#[test]
fn what_cannot_be_used_is_named_by_its_setting() {
    let refused = |options: QdrantOptions| Qdrant::new(&options, INSTALLATION).err().map(|error| error.to_string());
    let usual = || QdrantOptions::new("http://127.0.0.1:6333");
    assert_eq!(refused(usual()), None);
    let said = refused(QdrantOptions { ca: Some(b"no certificate".to_vec()), ..usual() });
    assert!(said.as_ref().is_some_and(|said| said.contains("qdrant.ca_file")), "{said:?}");
    let said = refused(QdrantOptions { api_key: Some("a\nb".to_owned()), ..usual() });
    assert!(said.as_ref().is_some_and(|said| said.contains("qdrant.api_key") && !said.contains("a\nb")), "{said:?}");
    let shown = format!("{:?}", QdrantOptions { api_key: Some("hidden".to_owned()), ..usual() });
    assert!(!shown.contains("hidden"), "{shown}");
}

#[test]
fn another_product_or_version_is_named() {
    for (said, expect) in [
        (r#"{"title":"qdrant - vector search engine","version":"1.11.5"}"#, "is Qdrant 1.11.5"),
        (r#"{"title":"qdrant - vector search engine","version":"2.0.0"}"#, "is Qdrant 2.0.0"),
        (r#"{"version":{"number":"9.5.3"}}"#, "is no Qdrant"),
    ] {
        let upstream = wait(Upstream::start());
        upstream.script([Scripted::Status(200, said.to_owned())]);
        let refused = wait(Qdrant::new(&QdrantOptions::new(upstream.url()), INSTALLATION).unwrap().vectors().check(&[])).unwrap_err();
        assert!(matches!(&refused, StoreError::Mismatch(why) if why.contains(expect)), "{refused}");
    }
}
