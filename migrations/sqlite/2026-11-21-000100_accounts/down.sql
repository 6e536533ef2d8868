DROP TABLE password_reset_tokens;
DROP TABLE blacklist_tokens;
DROP TABLE api_tokens;
DROP TABLE users;
DROP TABLE installation;
