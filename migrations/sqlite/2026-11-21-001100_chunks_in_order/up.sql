-- The chunks of a collection in the order of their ids: they are compared with an index page by page.

CREATE INDEX ix_chunks_collection_id_chunking_id ON chunks (collection_id, chunking, id);
DROP INDEX ix_chunks_collection_id;
