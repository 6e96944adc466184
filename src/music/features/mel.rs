//! Mel bands in decibels and their cepstrum.

use crate::music::ANALYSIS_RATE_HZ;
use mel_spec::mel::SparseMelFilterbank;

use super::lanes::dot;
use super::moments::Moments;
use super::row::{About, Row};
use super::{FRAME, Frame};

/// Mel bands a frame.
pub const BANDS: usize = 128;
/// Cepstral coefficients, the zeroth included.
pub const CEPSTRA: usize = 20;
/// Quieter than the loudest band of the clip by more is cut off, dB (librosa's `power_to_db`).
const TOP_DB: f32 = 80.0;

/// The mel spectrogram of a clip: the only thing that is kept a frame.
pub struct Mel {
    bank: SparseMelFilterbank,
    /// dB re 1, [`BANDS`] a frame; after [`Mel::close`] cut off below.
    decibels: Vec<f32>,
    energies: Vec<f32>,
}

impl Mel {
    pub fn new() -> Self {
        // Slaney's scale and area normalisation: librosa's defaults.
        let bank =
            SparseMelFilterbank::from_mel(f64::from(ANALYSIS_RATE_HZ), FRAME, BANDS, None, None, false, true);
        Self { bank, decibels: Vec::new(), energies: vec![0.0; BANDS] }
    }

    pub fn add(&mut self, frame: &Frame<'_>) {
        self.bank.project_power_f32(frame.power, &mut self.energies);
        self.decibels.extend(self.energies.iter().map(|e| 10.0 * e.max(1e-10).log10()));
    }

    /// Cuts off what lies [`TOP_DB`] below the loudest band of the clip.
    pub fn close(&mut self) {
        let floor = self.decibels.iter().copied().fold(f32::NEG_INFINITY, f32::max) - TOP_DB;
        for x in &mut self.decibels {
            *x = x.max(floor);
        }
    }

    /// The frames: [`BANDS`] decibels each.
    pub fn frames(&self) -> impl DoubleEndedIterator<Item = &[f32; BANDS]> + ExactSizeIterator {
        self.decibels.as_chunks::<BANDS>().0.iter()
    }

    /// Mel-frequency cepstral coefficients: the orthonormal DCT-II of the bands' decibels.
    pub fn cepstra(&self) -> [Moments; CEPSTRA] {
        let mut basis = [[0.0f32; BANDS]; CEPSTRA];
        for (k, wave) in basis.iter_mut().enumerate() {
            let scale = (if k == 0 { 1.0 } else { 2.0 } / BANDS as f64).sqrt();
            for (n, x) in wave.iter_mut().enumerate() {
                let angle = std::f64::consts::PI * k as f64 * (n as f64 + 0.5) / BANDS as f64;
                *x = (scale * angle.cos()) as f32;
            }
        }
        let mut cepstra = [Moments::default(); CEPSTRA];
        for frame in self.frames() {
            for (wave, moments) in basis.iter().zip(&mut cepstra) {
                moments.add(dot(wave, frame));
            }
        }
        cepstra
    }

    pub fn write(&self, row: &mut Row) {
        let about = About::new(
            "mel-frequency cepstral coefficient: the shape of the spectrum, coarse to fine",
            "dB",
            -1200.0,
            1200.0,
        );
        for (k, moments) in self.cepstra().iter().enumerate() {
            moments.write_three(row, about, &format!("mfcc_{k:02}"));
        }
    }
}
