//! Windowed spectra, one buffer for all of them.

use std::sync::Arc;

use realfft::num_complex::Complex32;
use realfft::{RealFftPlanner, RealToComplex};

use super::{BINS, FRAME};

/// One frame of sound and its spectrum.
pub struct Frame<'a> {
    /// The samples, without a window.
    pub samples: &'a [f32],
    /// Squared magnitude of each of the [`BINS`] bins, not normalised, as librosa's.
    pub power: &'a [f32],
    /// Magnitude of each bin.
    pub magnitude: &'a [f32],
}

/// Plan and buffers of the transform.
pub struct Spectrum {
    fft: Arc<dyn RealToComplex<f32>>,
    window: Vec<f32>,
    input: Vec<f32>,
    output: Vec<Complex32>,
    scratch: Vec<Complex32>,
    power: Vec<f32>,
    magnitude: Vec<f32>,
}

impl Spectrum {
    pub fn new() -> Self {
        let fft = RealFftPlanner::<f32>::new().plan_fft_forward(FRAME);
        // The periodic Hann window, as SciPy's `get_window("hann")`.
        let hann = |n: usize| 0.5 - 0.5 * (std::f64::consts::TAU * n as f64 / FRAME as f64).cos();
        Self {
            window: (0..FRAME).map(|n| hann(n) as f32).collect(),
            input: vec![0.0; FRAME],
            output: vec![Complex32::default(); BINS],
            scratch: fft.make_scratch_vec(),
            power: vec![0.0; BINS],
            magnitude: vec![0.0; BINS],
            fft,
        }
    }

    /// The spectrum of `samples`, which are [`FRAME`] long.
    pub fn of<'a>(&'a mut self, samples: &'a [f32]) -> Frame<'a> {
        for ((x, s), w) in self.input.iter_mut().zip(samples).zip(&self.window) {
            *x = s * w;
        }
        // Fails only on buffers of a wrong length, and these come from the plan; then the last spectrum stands.
        let done = self.fft.process_with_scratch(&mut self.input, &mut self.output, &mut self.scratch);
        debug_assert!(done.is_ok());
        for ((p, m), z) in self.power.iter_mut().zip(&mut self.magnitude).zip(&self.output) {
            *p = z.re * z.re + z.im * z.im;
            *m = p.sqrt();
        }
        Frame { samples, power: &self.power, magnitude: &self.magnitude }
    }
}
