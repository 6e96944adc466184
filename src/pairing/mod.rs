//! Faces x songs -> pairings.
