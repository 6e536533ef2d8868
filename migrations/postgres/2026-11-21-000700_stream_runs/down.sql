DROP TABLE stream_runs;
