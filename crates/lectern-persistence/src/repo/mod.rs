//! What the application does with rows: one module for each aggregate, free functions on `&mut Conn`.
