//! Who asks, and over what: a proxy before the real server wants TLS and credentials.

use super::{INSTALLATION, options};
use crate::support::wait;
use lectern_testkit::{
    proxy::{Guard, Proxy},
    search_server::SearchServer,
    smtp::Authority,
};
use lectern_vector_store::{
    StoreError,
    elasticsearch::{Credentials, Elasticsearch, ElasticsearchOptions},
};

/// Asks what it is, through a proxy.
fn check(server: &SearchServer, proxy: &Proxy, credentials: &Credentials, ca: Option<&Authority>) -> Result<(), StoreError> {
    let options = ElasticsearchOptions {
        url: proxy.url(),
        credentials: credentials.clone(),
        ca: ca.map(|authority| authority.pem().into_bytes()),
        ..options(server)
    };
    wait(Elasticsearch::new(&options, INSTALLATION).unwrap().lexical().check(&[]))
}

#[test]
fn passwords_and_api_keys_are_sent_over_tls_to_who_is_trusted() {
    let Some(server) = SearchServer::elasticsearch() else { return };
    let (authority, other) = (Authority::new("ours"), Authority::new("another"));
    let basic = Credentials::Basic { user: "elastic".to_owned(), password: "pass:wörd".to_owned() };
    let key = Credentials::ApiKey("aWQ6a2V5".to_owned());
    for (right, wrong, header) in [(&basic, &key, "Basic ZWxhc3RpYzpwYXNzOnfDtnJk"), (&key, &basic, "ApiKey aWQ6a2V5")] {
        let guard = Guard::none().asking_for(header).with_tls(&authority, "localhost");
        let proxy = wait(Proxy::start(&server.url, guard));
        check(&server, &proxy, right, Some(&authority)).unwrap();
        for refused in [wrong, &Credentials::None] {
            let error = check(&server, &proxy, refused, Some(&authority)).unwrap_err();
            assert!(matches!(&error, StoreError::Refused { why, .. } if why.contains("(401)")), "{error}");
            assert!(!error.to_string().contains("pass"), "{error}");
        }
        // Without the certificate of its authority, or with another's, nothing is said to it.
        for untrusted in [None, Some(&other)] {
            let error = check(&server, &proxy, right, untrusted).unwrap_err();
            assert!(matches!(&error, StoreError::Unavailable { why, .. } if why.contains("certificate")), "{error}");
        }
    }
    // A certificate for another host is none.
    let proxy = wait(Proxy::start(&server.url, Guard::none().with_tls(&authority, "example.org")));
    assert!(check(&server, &proxy, &Credentials::None, Some(&authority)).is_err());
}

#[test]
fn what_cannot_be_used_is_named_by_its_setting() {
    let refused = |options: ElasticsearchOptions| Elasticsearch::new(&options, INSTALLATION).err().map(|error| error.to_string());
    let usual = || ElasticsearchOptions::new("http://127.0.0.1:9200");
    assert_eq!(refused(usual()), None);
    for (ca, name) in [(b"no certificate".to_vec(), "elasticsearch.ca_file"), (Vec::new(), "elasticsearch.ca_file")] {
        let said = refused(ElasticsearchOptions { ca: Some(ca), ..usual() });
        assert!(said.as_ref().is_some_and(|said| said.contains(name)), "{said:?}");
    }
    let said = refused(ElasticsearchOptions { credentials: Credentials::ApiKey("a\nb".to_owned()), ..usual() });
    assert!(said.as_ref().is_some_and(|said| said.contains("elasticsearch.api_key") && !said.contains("a\nb")), "{said:?}");
    let shown = format!("{:?}", Credentials::Basic { user: "u".to_owned(), password: "hidden".to_owned() });
    assert!(!shown.contains("hidden"), "{shown}");
}
