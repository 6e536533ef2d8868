//! A part of a list.

/// Which part of a list, by id, is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// How many to pass by.
    pub skip: u32,
    /// How many to take; 0 takes none.
    pub limit: u32,
    /// Whether the newest come first.
    pub descending: bool,
}
