//! The SQL layer on both backends: PostgreSQL where `LECTERN_TEST_POSTGRES_URL` names a server.

mod adopt;
mod catalogue;
mod change_log;
mod connecting;
mod folders;
mod freeze;
mod group_commit;
mod langgraph;
mod migrations;
mod outside;
mod rows;
mod schema;
mod sequences;
mod support;
mod tls;
mod transfer;
mod types;
mod violations;
