//! A database that got another's rows is another database: whoever followed its log begins anew, and nobody who follows the other's takes it
//! for that one.

use super::error::TransferError;
use crate::{
    conn::{Conn, with_conn},
    database::Tx,
    error::DbError,
    migrate::{self, Migrator},
    repo::installation,
    schema::collections,
};
use diesel::{QueryDsl, RunQueryDsl, connection::SimpleConnection};
use lectern_domain::{
    change::{ChangeKind, NewChange},
    ids::{CollectionId, DocumentId, VersionId},
};
use uuid::Uuid;

/// What those who follow the log keep, children first.
const FOLLOWING: [&str; 4] = ["follower_cursors", "followers", "dead_letters", "changes"];

/// Empties the log and forgets who followed it, and gives the database a new id. For each collection an entry about nothing is left, which a
/// follower at any place takes for a reason to begin anew.
pub(crate) fn renew(conn: &mut Conn, migrator: &Migrator<'_>) -> Result<(), TransferError> {
    for table in FOLLOWING {
        if migrate::exists(conn, table)? {
            conn.batch_execute(&format!("DELETE FROM {table}"))?;
        }
    }
    if migrate::exists(conn, super::known::INSTALLATION)? {
        installation::renew(conn)?;
    }
    // Nobody follows a database that is behind.
    if migrator.is_complete(conn)? {
        let ids: Vec<i32> = with_conn!(&mut *conn, c => collections::table.select(collections::id).load(c)).map_err(DbError::from)?;
        let mut tx = Tx::new(conn);
        for id in ids {
            tx.log(NewChange {
                kind: ChangeKind::Delete,
                collection: CollectionId(id),
                document: DocumentId(0),
                version: VersionId(Uuid::nil()),
                chunking: String::new(),
                chunks: 0,
            });
        }
        tx.finish()?;
    }
    Ok(())
}
