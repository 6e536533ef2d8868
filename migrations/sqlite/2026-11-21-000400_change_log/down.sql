DROP TABLE dead_letters;
DROP TABLE follower_cursors;
DROP TABLE followers;
DROP TABLE changes;
