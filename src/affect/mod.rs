//! The ground floor: Russell's valence-arousal plane. Pure; no I/O.
//!
//! Valence and arousal lie in [-1, 1]; valence points right, arousal up. Quadrants: Q1 (+V +A) elated,
//! Q2 (-V +A) agitated, Q3 (-V -A) sad, Q4 (+V -A) serene; neutral is a disc round the origin.

mod class;
mod estimate;
pub mod expression_targets;
pub mod gems;
pub mod lexicon;
pub mod metrics;
mod point;

pub use class::{Class, NEUTRAL_RADIUS};
pub use estimate::Estimate;
pub use point::Point;
