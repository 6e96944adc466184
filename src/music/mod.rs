//! Clip -> features -> valence and arousal.

pub mod features;
pub mod regressor;
