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

/// Which part of a list is wanted, from after one of its items: what is added or taken away meanwhile moves no item to another page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Following<T> {
    /// The item before the part; none begins at the list's beginning.
    pub after: Option<T>,
    /// How many to take; 0 takes none.
    pub limit: u32,
    /// Whether the newest come first.
    pub descending: bool,
}
