ALTER TABLE streams DROP COLUMN collections;
