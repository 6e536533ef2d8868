//! The embedded engines keep the contract.

use crate::support::open;
use lectern_testkit::contract;
use lectern_vector_store::embedded::EmbeddedFolder;
use std::sync::Arc;

/// Opens the folder anew whenever it is called; whoever had it before has let it go.
fn restarting(path: &std::path::Path) -> impl FnMut() -> Arc<EmbeddedFolder> {
    let mut last: Option<Arc<EmbeddedFolder>> = None;
    move || {
        drop(last.take());
        Arc::clone(last.insert(open(path)))
    }
}

#[test]
fn words_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut restart = restarting(folder.path());
    contract::lexical::keeps(&mut || restart().lexical());
}

#[test]
fn vectors_keep_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    let mut restart = restarting(folder.path());
    contract::vectors::keeps(&mut || restart().vectors());
}
