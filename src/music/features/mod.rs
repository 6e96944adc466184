//! Sound at 22,050 Hz, mono -> a row of named numbers.
//!
//! One pass of spectra (2,048 samples a frame, 93 ms; one frame every 512 samples, 23 ms; Hann window; centred, so
//! that frame t lies round sample 512 t, zeros beyond the ends) is shared by all features. Definitions and defaults
//! are librosa's wherever it has the feature, and golden tests hold them to it; [`catalogue`] names every column with
//! its meaning, unit and range.

mod bands;
mod chroma;
mod dynamics;
mod key;
mod lanes;
mod mel;
mod moments;
mod rhythm;
mod roughness;
mod row;
mod shape;
mod spectrum;
mod tempo;

use std::sync::OnceLock;

pub use dynamics::Loudness;
pub use key::Key;
pub use row::Feature;

use row::Row;
use spectrum::{Frame, Spectrum};

/// Version of the numbers: changes whenever a value of any feature may change.
pub const FEATURE_VERSION: u32 = 1;

/// Samples a frame.
pub const FRAME: usize = 2048;
/// Samples from one frame to the next.
pub const HOP: usize = 512;
/// Bins of a spectrum: 0 Hz to half the rate.
pub const BINS: usize = FRAME / 2 + 1;
/// Frames a second.
pub const FRAME_RATE_HZ: f64 = super::ANALYSIS_RATE_HZ as f64 / HOP as f64;
/// Width of a bin.
const BIN_HZ: f64 = super::ANALYSIS_RATE_HZ as f64 / FRAME as f64;

/// What the analysis of one clip found.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Values in the order of [`catalogue`], every one finite.
    pub features: Vec<f32>,
    /// Beats a minute, 40 to 240; none where no pulse is found.
    pub tempo_bpm: Option<f32>,
    /// The key that fits best; none where nothing tonal sounds.
    pub key: Option<Key>,
}

/// Takes blocks of any length and keeps what the features need.
pub struct Analyser {
    /// Samples that wait for their frames.
    waiting: Vec<f32>,
    spectrum: Spectrum,
    mel: mel::Mel,
    shape: shape::Shape,
    chroma: chroma::Chroma,
    roughness: roughness::Roughness,
    dynamics: dynamics::Dynamics,
}

impl Default for Analyser {
    fn default() -> Self {
        Self::new()
    }
}

impl Analyser {
    pub fn new() -> Self {
        Self {
            waiting: vec![0.0; FRAME / 2],
            spectrum: Spectrum::new(),
            mel: mel::Mel::new(),
            shape: shape::Shape::new(),
            chroma: chroma::Chroma::new(),
            roughness: roughness::Roughness::new(),
            dynamics: dynamics::Dynamics::new(),
        }
    }

    /// Takes mono samples at [`ANALYSIS_RATE_HZ`](super::ANALYSIS_RATE_HZ), full scale 1.
    pub fn push(&mut self, samples: &[f32]) {
        self.waiting.extend_from_slice(samples);
        let mut start = 0;
        while let Some(frame) = self.waiting.get(start..start + FRAME) {
            let frame = self.spectrum.of(frame);
            self.mel.add(&frame);
            self.shape.add(&frame);
            self.chroma.add(&frame);
            self.roughness.add(&frame);
            self.dynamics.add(&frame);
            start += HOP;
        }
        self.waiting.drain(..start);
    }

    /// Ends the clip. The loudness is measured on the file's own channels and rate, by the caller.
    pub fn finish(mut self, loudness: &Loudness) -> Analysis {
        self.push(&[0.0; FRAME / 2]);
        let mut row = Row::values();
        let (tempo_bpm, key) = self.write(loudness, &mut row);
        Analysis { features: row.into_values(), tempo_bpm, key }
    }

    /// Writes every feature; the order of the calls is the order of the columns.
    fn write(mut self, loudness: &Loudness, row: &mut Row) -> (Option<f32>, Option<Key>) {
        self.mel.close();
        self.mel.write(row);
        bands::write(&self.mel, row);
        self.shape.write(row);
        let key = self.chroma.write(row);
        let tempo = rhythm::write(&self.mel, row);
        self.dynamics.write(loudness, row);
        self.roughness.write(row);
        (tempo, key)
    }
}

/// Every feature, in the order of a row: name, meaning, unit and range.
pub fn catalogue() -> &'static [Feature] {
    static CATALOGUE: OnceLock<Vec<Feature>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let mut row = Row::named();
        Analyser::new().write(&Loudness::default(), &mut row);
        row.into_names()
    })
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
