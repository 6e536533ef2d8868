-- The collections that a question is to be answered from, by their ids; NULL stands for the default one.

ALTER TABLE streams ADD COLUMN collections jsonb;
