//! The engines that run in the process: tantivy for words, usearch for vectors.
