//! Readers of the public data sets, each yielding the same few types.

pub mod faces;
pub mod songs;
