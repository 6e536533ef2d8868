//! The shapes of the tables, with their conversions to and from domain types.
