DROP TABLE feedbacks;
DROP TABLE stream_source;
DROP TABLE sources;
DROP TABLE streams;
DROP TABLE chats;
