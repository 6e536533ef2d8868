//! Tables of texts with vectors that other programs made with pgvector, read page by page. Nothing is written.
//!
//! A table has a primary key of one column, a text (`document`, `page_content`, `content` or `text`) and one column of type `vector` or `halfvec`;
//! metadata may be in `cmetadata`, `langchain_metadata` or `metadata`, as JSON. That is what LangChain makes: `langchain_pg_embedding`, whose rows belong to
//! collections in `langchain_pg_collection`, and a table for each collection in newer versions.

mod describe;
mod page;

pub use describe::{SeedTable, Unfit, describe};
pub use page::{SeedRow, page};
