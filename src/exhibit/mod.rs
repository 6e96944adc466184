//! Pairings -> pages.
