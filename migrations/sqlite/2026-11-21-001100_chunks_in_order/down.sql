CREATE INDEX ix_chunks_collection_id ON chunks (collection_id);
DROP INDEX ix_chunks_collection_id_chunking_id;
