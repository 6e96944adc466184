//! Clip -> features -> valence and arousal.
//!
//! In: the path of a sound file of any format that Symphonia reads, or Opus. Out: [`Listened`], which holds its tags,
//! its length in seconds, tempo in beats a minute, key, loudness in LUFS and a row of named features ([`features`]).
//! A trained [`regressor::Model`] turns the row into an [`Estimate`](crate::affect::Estimate), in [-1, 1] on both axes.
//!
//! The sound is decoded in blocks, mixed to mono, resampled to 22,050 Hz and analysed as it comes: memory grows
//! by some 30 kB a second of sound, never by the size of the file.

mod decode;
mod error;
pub mod features;
mod listen;
pub mod regressor;
mod resample;
pub mod stage;
mod tags;
#[cfg(test)]
mod tests;

pub use error::ListenError;
pub use listen::{Limits, Listened, analyse};
pub use resample::ANALYSIS_RATE_HZ;
pub use tags::Tags;
